#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --share: tests that leave the machine as it was share a boot; the verdicts are those of a boot
# each, also where one of them fails or the boot dies.
. "$(dirname "$0")/lib.sh"

smmrun=$build/smmrun
qemu=$(command -v qemu-system-x86_64) || skip_all "there is no qemu-system-x86_64"

# both NAME ARGUMENT-OF-QEMU STATUS OPTION-OR-GLOB...: in a boot each and shared; sets alone, shared
both() {
    local name=$1 argument=$2 want=$3 way
    shift 3
    for way in no-share share; do
        counting "$way" 'one of two ways' '' "$argument"
        run 300 "$smmrun" --arch x86_64 --qemu "$tmp/$way" --no-rerun "--$way" \
            --json "$tmp/$way.json" "$@"
        expect "$name, --$way" "$want"
    done
    check "$name: the same verdicts" cmp <(verdicts "$tmp/no-share.json") \
        <(verdicts "$tmp/share.json")
    alone=$(wc -l <"$tmp/no-share.starts")
    shared=$(wc -l <"$tmp/share.starts")
}

both 'three areas' '' 0 'acpi.*' 'apm.*' 'fwcfg.*'
check "a third less QEMUs at least ($shared for $alone)" test $((shared * 3)) -le $((alone * 2))
before=$shared

both 'a test fails' '-global ICH9-LPC.disable_s3=1' 1 'acpi.*' 'apm.*' 'fwcfg.*'
check "what fails runs alone, once more ($shared and $before)" \
    test "$shared" -gt "$before" -a "$shared" -le $((before + 3))

both 'a boot dies' '' 1 --append fault=crash 'cpuhp.*'
check "then all run alone ($shared and $alone)" test "$shared" -gt "$alone"

# A log is one test's.
counting share 'one of two ways'
run 60 "$smmrun" --arch x86_64 --qemu "$tmp/share" --share --keep-logs "$tmp/logs" 'fwcfg.*'
expect '--keep-logs' 0
check '--keep-logs: a boot and a log each' \
    test "$(find "$tmp/logs" -name serial.log | wc -l)" = "$(wc -l <"$tmp/share.starts")"
finish
