#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every test must have been seen failing: a deliberate fault in the firmware's part (fault=NAME on
# the kernel's command line) is noticed by the check that is there for it, and that check passes
# without the fault.
#   faults.sh [ARCH]: one architecture, or all of them at once, which gives one TAP stream each
. "$(dirname "$0")/lib.sh"
smmrun=$build/smmrun
[ -x "$smmrun" ] || skip_all "$smmrun is missing: run 'make'"

if [ $# -eq 0 ]; then
    # Half of the time is spent waiting for what a fault prevents.
    "$0" x86_64 >"$tmp/x86_64" &
    "$0" i386 >"$tmp/i386"
    wait
    cat "$tmp/x86_64" "$tmp/i386"
    exit 0
fi
arch=$1

# fault, test, seconds for it (a test that waits for what never comes), the check that notices
readonly table='
no-smbase-write  relocation.one_cpu     20  smm.relocated
same-smbase      relocation.four_cpus   20  smm.distinct
no-broadcast     hotplug.resident_aps   60  step04-reach
no-restore       hotplug.borrowed       20  step14-restore
no-pen           hotplug.resident       20  step15-pen
call-out         relocation.one_cpu     20  exception in SMM
crash            relocation.one_cpu     20  exception 6
reset            relocation.one_cpu     20  reset of the machine
hang             relocation.one_cpu      2  timeout after
'

# -t: TAP, where failing checks are named
run_test() {
    local test=$1
    shift
    run 300 "$smmrun" -t --no-rerun --arch "$arch" "$@" "$test"
}

failing() { grep -E 'not ok|^ *# ' <<<"$output" | grep -q -- "$1"; }

while read -r fault test seconds check; do
    [ -n "$fault" ] || continue
    name="$arch: $fault"
    run_test "$test"
    if grep -q '# SKIP' <<<"$output"; then
        skip "$name" "$(sed -n 's/.*# SKIP //p' <<<"$output" | head -n 1)"
        continue
    elif failing "$check"; then
        fail "$name: $check of $test fails without the fault too" "$output"
        continue
    fi
    run_test "$test" --append "fault=$fault" --timeout "$seconds"
    expect "$name: exit status 1" 1
    check "$name: $test says '$check'" failing "$check"
done <<<"$table"
finish
