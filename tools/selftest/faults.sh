#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every test must have been seen failing: a deliberate fault in the firmware's part (fault=NAME on
# the kernel's command line) is noticed by the check that is there for it, and that check passes
# without the fault.
. "$(dirname "$0")/lib.sh"
smmrun=$build/smmrun
[ -x "$smmrun" ] || skip_all "$smmrun is missing: run 'make'"

# fault, test, the check that notices
readonly table='
no-smbase-write  relocation.one_cpu      smm.relocated
same-smbase      relocation.one_cpu      smm.relocated
no-broadcast     hotplug.resident_aps    step04-reach
no-restore       hotplug.borrowed        step14-restore
no-pen           hotplug.resident        step15-pen
'

# Runs one test on one architecture; -t: TAP, where failing checks are named.
run_test() {
    local arch=$1 test=$2
    shift 2
    run 300 "$smmrun" -t --no-rerun --arch "$arch" "$@" "$test"
}

failing() { grep -E 'not ok|^ *# ' <<<"$output" | grep -q -- "$1"; }

for arch in x86_64 i386; do
    while read -r fault test check; do
        [ -n "$fault" ] || continue
        name="$arch: $fault"
        run_test "$arch" "$test"
        if grep -qE '# SKIP' <<<"$output"; then
            skip "$name" "$(sed -n 's/.*# SKIP //p' <<<"$output" | head -n 1)"
            continue
        elif failing "$check"; then
            fail "$name: $check of $test fails without the fault too" "$output"
            continue
        fi
        run_test "$arch" "$test" --append "fault=$fault"
        expect "$name: exit status 1" 1
        check "$name: $test names $check" failing "$check"
    done <<<"$table"
done
finish
