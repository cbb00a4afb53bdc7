#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced, after lib.sh, by the shell tests that boot the kernel without the runner: is its report
# sound?
# shellcheck disable=SC2154

for file in x86_64/kernel.elf i386/kernel.elf; do
    [ -r "$build/$file" ] || skip_all "$build/$file is missing: run 'make'"
done

# QEMU for an architecture: the one under test is for x86_64, so its sibling for i386.
qemu_for() {
    local qemu=${QEMU:-qemu-system-x86_64}
    case $1 in
        i386) echo "${qemu/%x86_64/i386}" ;;
        *) echo "$qemu" ;;
    esac
}

# The last run's report: the plan is met, the last line tells the verdict that the results above it
# give, at least one test passed and none could not be tested, and QEMU's exit status is that
# verdict's (docs/architecture.md), unless $2 names another one.
# A failing test is not a failure here: whether QEMU keeps its promises is the runner's to judge.
expect_report() {
    local name=$1 want=${2-} plan good bad skipped verdict last counted
    last=$(tail -n 1 <<<"$output")
    plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' <<<"$output")
    good=$(grep -E '^ok ' <<<"$output" | grep -vc '# SKIP')
    bad=$(grep -cE '^not ok ' <<<"$output")
    skipped=$(grep -cE '^ok .*# SKIP' <<<"$output")
    verdict=PASS
    [ "$bad" = 0 ] || verdict=FAIL
    counted="# smm-unit-tests: $verdict: $good passed, $bad failed, $skipped skipped, 0 errors"
    [ -n "$want" ] || case $verdict in PASS) want=33 ;; *) want=35 ;; esac
    if [ "$last" != "$counted" ]; then
        fail "$name" "last line: $last" "the results say: $counted" "$(tail -n 20 <<<"$output")"
    elif [ "$plan" != $((good + bad + skipped)) ]; then
        fail "$name" "planned: $plan; $counted"
    elif [ "$good" = 0 ]; then
        fail "$name" 'no test passed' "$(grep '^ok' <<<"$output")"
    elif [ "$status" != "$want" ]; then
        fail "$name" "exit status $status, wanted $want; $last"
    else
        pass "$name"
    fi
}
