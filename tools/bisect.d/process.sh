#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tools/bisect: children, and the ways out.
# The parts share their variables.  "a && b || c" is meant as it is read.
# shellcheck disable=SC2015,SC2034,SC2154

job= # process group of the child at work

# run_job COMMAND...: no input, in a process group of its own so that an interrupt can end all of it
run_job() {
    local status
    set -m
    "$@" </dev/null 7>&- 8>&- 9>&- &
    job=$!
    set +m
    wait "$job"
    status=$?
    job=
    return "$status"
}

# Ends what this program has started, nothing else.
end_job() {
    [ -n "$job" ] || return 0
    kill -TERM -- "-$job" 2>/dev/null
    { wait "$job"; } 2>/dev/null
    # A grandchild may take its time.
    local i
    for ((i = 0; i < 50; i++)); do
        kill -0 -- "-$job" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL -- "-$job" 2>/dev/null
}

# leave STATUS: an answer or wrong usage removes the work folder, a search that was cut short keeps
# it
leave() {
    trap '' INT TERM HUP
    # A signal comes where output may go to a log.
    exec 1>&7 2>&8
    end_job
    if [ -n "$work" ]; then
        case $1$at in
            99 | 129 | 130 | 143)
                say "to go on:           tools/bisect --resume $(printf %q "$work")"
                say "to throw it away:   rm -rf $(printf %q "$work")"
                ;;
            *)
                if [ -z "$keep" ]; then
                    rm -rf "$work"
                else
                    say "kept: $work"
                fi
                ;;
        esac
    fi
    exit "$1"
}

# remember KEY VERDICT REASON; recall KEY: sets verdict and reason
remember() {
    printf '%s\t%s\t%s\n' "$1" "$2" "${3//[$'\t\n']/ }" >>"$work/verdicts" ||
        broken "$work cannot be written"
}

recall() {
    local key word text
    while IFS=$'\t' read -r key word text; do
        [ "$key" = "$1" ] || continue
        verdict=$word reason=$text
        return 0
    done <"$work/verdicts"
    return 1
}

# An event is one line: "build SECONDS" or "configure SECONDS" or "test SECONDS".
event() { printf '%s\n' "$*" >>"$work/events"; }

# summary: what was done, the time before an interruption included
summary() {
    awk -F '\t' 'FILENAME ~ /verdicts$/ { n++; skipped += $2 == "skip"; next }
        { split($0, e, " "); count[e[1]]++; spent[e[1]] += e[2] }
        END {
            printf "%d judged, %d of them could not be; ", n, skipped
            printf "%d builds %.0f s, ", count["build"], spent["build"]
            printf "configured %d times %.0f s, ", count["configure"], spent["configure"]
            printf "%d test runs %.0f s\n", count["test"], spent["test"]
        }' "$work/verdicts" "$work/events"
}

# Seconds since $1 (from EPOCHREALTIME), with one digit.
since() {
    local tenths=$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# The words as one command line to paste.
pasteable() {
    local text
    text=$(printf '%q ' "$@")
    printf '%s' "${text% }"
}
