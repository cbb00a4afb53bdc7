#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the shell tests: TAP output, a temporary folder, running a command with a time limit.
# A test ends with "finish", which prints the plan: a script that dies early has none, and fails.
set -u -o pipefail
export LC_ALL=C.UTF-8

# shellcheck disable=SC2034
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034
build=${BUILD:-$top/build}
case $build in /*) ;; *) build=$top/$build ;; esac
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

count=0
status=0  # exit status of the last run
output=   # its output, both streams
elapsed=0 # its duration in milliseconds

# The command lines of the processes that carry SMM_SELFTEST as this test exports it; the test
# itself has got it too late to be among them.
processes() {
    local file
    grep -lsF "SMM_SELFTEST=$SMM_SELFTEST" /proc/[0-9]*/environ >"$tmp/found"
    while IFS= read -r file; do
        # The grep itself is gone by now.
        tr '\0' ' ' <"${file%environ}cmdline" && echo
    done <"$tmp/found" 2>/dev/null
}

pass() { echo "ok $((++count)) $1"; }

# fail NAME [LINE]...: the lines explain
fail() {
    echo "not ok $((++count)) $1"
    shift
    [ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /' | head -n 60
}

# check NAME COMMAND...: passes if the command succeeds; the last run's output explains a failure
check() {
    local name=$1
    shift
    if "$@"; then
        pass "$name"
    else
        fail "$name" "not true: $*" "the last output:" "$output"
    fi
}

skip() { echo "ok $((++count)) $1 # SKIP $2"; }

skip_all() {
    echo "1..0 # SKIP $*"
    exit 0
}

finish() {
    echo "1..$count"
    exit 0
}

# counting NAME COMMENT [BEFORE [AFTER]]: $tmp/NAME, a script around $qemu that begins with the
# comment, adds arguments before and behind its own, and leaves a line in $tmp/NAME.starts for each
# test that it is called for
counting() {
    # shellcheck disable=SC2016
    printf '#!/bin/sh\n# %s\ncase "$*" in *test=none*) ;; *test=*) echo >>"%s" ;; esac\n' \
        "$2" "$tmp/$1.starts" >"$tmp/$1"
    # shellcheck disable=SC2016,SC2154
    printf 'exec "%s" %s "$@" %s\n' "$qemu" "${3-}" "${4-}" >>"$tmp/$1"
    chmod +x "$tmp/$1"
    : >"$tmp/$1.starts"
}

# verdicts FILE: every test of a JSON report, with its verdict and those of its checks
verdicts() {
    grep -E '"(id|status|passed|failed|skipped)": |: "(pass|fail|skip|error)"' "$1"
}

# The clock in milliseconds.
now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# run SECONDS COMMAND...: sets status (124: ran out of time), output and elapsed.  No input.
# The time limit is for a command that hangs; verdicts on time look at elapsed.
run() {
    local limit=$1 began
    shift
    began=$(now)
    timeout -k 5 "$limit" "$@" >"$tmp/output" 2>&1 </dev/null
    status=$?
    # shellcheck disable=SC2034
    elapsed=$(($(now) - began))
    output=$(tr -d '\000' <"$tmp/output")
}

# Checks the last run: exit status and an extended regular expression that one line of the output
# matches ("" for none).
expect() {
    local name=$1 want=$2 pattern=${3-}
    if [ "$status" != "$want" ]; then
        fail "$name" "exit status $status, wanted $want; output:" "$output"
    elif [ -n "$pattern" ] && ! grep -qE -- "$pattern" <<<"$output"; then
        fail "$name" "no line matches /$pattern/; output:" "$output"
    else
        pass "$name"
    fi
}
