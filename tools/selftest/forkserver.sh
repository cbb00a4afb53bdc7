#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --fork-server: QEMUs that are forks of one that waits behave as those that are started, and what
# cannot wait is started.
export SMM_SELFTEST=$$.$RANDOM
. "$(dirname "$0")/lib.sh"

smmrun=$build/smmrun
qemu=$(command -v qemu-system-x86_64) || skip_all "there is no qemu-system-x86_64"
[ -e "$build/forkserver.so" ] || skip_all "there is no fork server for this processor"

counting waits 'Written by tools/zoo'
counting other 'Written by tools/zoo' '-name other'
counting behind 'Written by tools/zoo' '' '-global ICH9-LPC.disable_s3=1'
counting script 'Written by somebody'
tests=('apm.*' 'hotplug.window*' 'migrate.smi_lock*' 's3.cpus' 'tco.second_*')
for way in fork-server no-fork-server; do
    run 300 "$smmrun" --arch x86_64 --qemu "$tmp/waits" "--$way" --json "$tmp/$way.json" \
        "${tests[@]}"
    expect "the tests pass, --$way" 0 ' 0 failed'
    mv "$tmp/waits.starts" "$tmp/$way.starts"
done
check 'the same verdicts' cmp <(verdicts "$tmp/fork-server.json") \
    <(verdicts "$tmp/no-fork-server.json")
check 'no test has a QEMU started' test ! -s "$tmp/fork-server.starts"
check 'and without, each has' test "$(wc -l <"$tmp/no-fork-server.starts")" -gt 10

run 300 "$smmrun" --arch x86_64 --qemu "$tmp/waits" --fork-server --append fault=crash 'apm.*'
expect 'tests fail' 1
for name in other script; do
    run 300 "$smmrun" --arch x86_64 --qemu "$tmp/$name" --fork-server 'apm.*'
    expect "a QEMU that cannot wait ($name)" 0 ' 0 failed'
    check "a QEMU that cannot wait is started ($name)" test -s "$tmp/$name.starts"
done
run 300 "$smmrun" --arch x86_64 --qemu "$qemu" --fork-server 'apm.*'
expect 'a QEMU without a script' 0 ' 0 failed'
run 300 "$smmrun" --arch x86_64 --qemu "$tmp/behind" --fork-server --no-rerun acpi.sleep_states
expect 'what a script adds behind the arguments is for the forks' 1 '^not ok'
check 'and they are forks' test ! -s "$tmp/behind.starts"
LD_PRELOAD='' run 300 "$smmrun" --arch x86_64 --fork-server apm.scratch
expect 'LD_PRELOAD is in use' 0 'fork-server: LD_PRELOAD is set'

cp "$smmrun" "$tmp/smmrun"
run 300 "$tmp/smmrun" --arch x86_64 --kernel-dir "$build" --fork-server 'apm.*'
expect 'the library is missing' 0 'fork-server: .*forkserver.so is missing'

check 'nothing is left' test -z "$(processes)"
"$smmrun" --arch x86_64 --fork-server --append fault=hang --timeout 1000 apm.scratch \
    >"$tmp/log" 2>&1 </dev/null &
pid=$!
# The runner, the QEMU that waits, its fork, which would never end.
until [ "$(processes | wc -l)" -ge 3 ] || ! kill -0 "$pid"; do sleep 0.05; done
check 'a fork runs' kill -0 "$pid"
kill -KILL "$pid"
{ wait "$pid"; } 2>/dev/null # bash tells of a killed job there
for ((i = 0; i < 100; i++)); do
    [ -n "$(processes)" ] || break
    sleep 0.05
done
check 'nothing is left behind a runner that was killed' test -z "$(processes)"
finish
