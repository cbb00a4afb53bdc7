#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The runner from end to end against a program that behaves like a QEMU, or misbehaves
# (unit/fake), and records without a kernel (unit/records.c). Takes a few seconds.
. "$(dirname "$0")/../../selftest/lib.sh"
smmrun=$build/smmrun
aux=$build/unit/aux
for file in "$smmrun" "$aux/fakeqemu" "$aux/x86_64/kernel.elf"; do
    [ -e "$file" ] || skip_all "$file is missing: run 'make unit'"
done
unset QEMU ACCEL MACHINE TIMEOUT
export TMPDIR=$tmp/files
mkdir "$TMPDIR"
# A copy of our own: nobody else's processes run it.
fake=$tmp/qemu-system-x86_64
cp "$aux/fakeqemu" "$fake"
common=(--kernel-dir "$aux" --arch x86_64 --qemu "$fake" --no-known --keep-logs "$tmp/logs")

# Copies of the program that still run; a killed one takes a moment to go.
# shellcheck disable=SC2317 # called by check
left() {
    for _ in {1..300}; do
        find /proc/[0-9]*/exe -lname "$fake" 2>/dev/null | grep -q . || return 1
        sleep 0.1
    done
}
# shellcheck disable=SC2317
nothing_left() { ! left && [ -z "$(find "$TMPDIR" -mindepth 1)" ]; }

# behave BEHAVIOUR EXIT PATTERN [ARG]...: the runner's verdict on fake.one, and no process is left
behave() {
    local behaviour=$1 want=$2 pattern=$3
    shift 3
    run 60 env FAKE="$behaviour" "$smmrun" "${common[@]}" "$@" fake.one
    expect "$behaviour" "$want" "$pattern"
    check "$behaviour: nothing is left" nothing_left
}

# One request that nobody answers takes its five seconds beside all others.
FAKE=host FAKE_REQUESTS='wait NEVER' timeout 60 "$smmrun" "${common[@]}" --keep-logs "$tmp/wait" \
    -vv --timeout 60 fake.host >"$tmp/wait.out" 2>&1 &
waiting=$!

behave pass 0 '^1 passed, 0 failed, 0 skipped$'
behave fail 1 'second: got 1, wanted 2 \(fake.c:1\)'
check 'fail: the logs are named' grep -q "# logs: $tmp/logs/" <<<"$output"
logs=$(sed -n 's/^# logs: //p' <<<"$output")
check 'fail: serial.log' grep -q '^not ok 1 fake.one' "$logs/serial.log"
check 'fail: rerun-serial.log' grep -q '^not ok 1 fake.one' "$logs/rerun-serial.log"
check 'fail: command.sh' grep -q -- '-append test=fake.one' "$logs/command.sh"
behave crash 1 'died by SIGSEGV, in the middle of the line "  ok 2 sec"' --no-rerun
behave hang 1 'timeout .* waiting for the check behind first' --timeout 0.3 --no-rerun
behave flood 1 'printed more than 4096 KiB' --no-rerun
behave refuse 99 'refused to start the machine: -frob: invalid option$'
behave restart 1 'reset unasked' --no-rerun
behave contradict 99 'status 35 contradicts'
behave truncated 99 'plans 1 tests and has 0'
behave garbage 99 'not KTAP: "\\x1b\]0;what\\x07\\xff"'
behave qmp-close 0 '^1 passed' -vv
check 'qmp-close: the guest is told' \
    grep -q '# error Host QEMU closed its QMP connection' <<<"$output"
behave qmp-close-hang 99 'QEMU closed its QMP connection' --timeout 0.3
behave qmp-garbage 99 'carried something else: "Segmentation fault' --timeout 0.3
behave orphan 0 '^1 passed'
behave orphan-hang 1 timeout --timeout 0.3 --no-rerun
behave slow 0 '^1 passed'

# All requests that the guest may make, and the answers.
requests='hello 1|hello 2|what|cpus|plug 1|plug 7|wait ACPI_DEVICE_OST|events|unplug 1|nmi|reset|'
requests+='revive|wakeup info x|events|doze|events|wakeup|peek 0x100 4|'
requests+='qom-get /x p|qom-get type:wanted p|qom-get type:none p|hmp info x|'
requests+='log a word'
run 60 env FAKE=host FAKE_REQUESTS="$requests" "$smmrun" "${common[@]}" -vv fake.host
expect 'host channel' 0 '^1 passed'
wanted='ok smmrun 1
error Unsupported this runner speaks version 1
error Unsupported this runner knows no request "what"
ok 1 0
ok
error Usage there are 2 CPU slots
ok {"slot":"1"}
ok
error DeviceNotFound no such thing
ok
ok
ok
ok
ok SUSPEND STILL_ASLEEP
ok
ok STILL_ASLEEP
ok
ok 00010203
ok ["/x"]
ok ["/machine/a/b"]
error DeviceNotFound there is no object of type:none
ok one\ntwo \\ three\n
ok'
got=$(sed -n 's/^# |   # //p' <<<"$output" | grep -E '^(ok|error)( |$)')
if [ "$got" = "$wanted" ]; then
    pass 'host channel: the answers'
else
    fail 'host channel: the answers' "$(diff <(echo "$wanted") <(echo "$got"))"
fi
check 'host channel: the log' grep -q '^> log a word' "$tmp"/logs/*/*fake.host/host.log

# Migration: the guest goes on in another one, or, if that fails, where it was.
migrate() {
    run 60 env FAKE=host FAKE_MIGRATE="$1" FAKE_REQUESTS='cpus|migrate|log a word|migrate|events' \
        "$smmrun" "${common[@]}" -vv --no-rerun fake.host
    expect "migration: $1" "$2"
    got=$(sed -n '/Subtest/d; s/^# |   # //p' <<<"$output" | tr '\n' '|')
    check "migration: $1: the answers" test "$got" = "$3"
    check "migration: $1: nothing is left" nothing_left
}
migrate well 0 'ok 1 0|it stops here|it goes on there|ok|ok|it stops here|it goes on there|ok|ok|'
no='error GenericError'
migrate refuse 0 "ok 1 0|$no it is blocked|ok|$no it is blocked|ok|"
migrate fail 0 "ok 1 0|$no the road is closed|ok|$no the road is closed|ok|"
over='the QEMU that was to go on has ended: qemu:'
answer="$no $over -incoming: nobody is expected here|ok|"
migrate astray 0 "ok 1 0|$answer$answer"
answer="it stops here|$no $over error while loading state|ok|"
migrate die 0 "ok 1 0|$answer$answer"
migrate crash 1 'ok 1 0|'

# The plan: what runs, what is skipped, what cannot be.
run 60 "$smmrun" "${common[@]}"
expect 'all tests: a word of the needs is unknown' 99 '^# error: .*"frobnicate=1"'
check 'all tests: the machine is too old' \
    grep -q '^ok 4 - fake.new # SKIP needs machine>=pc-q35-99.0, this is pc-q35-8.1$' <<<"$output"
check 'all tests: "large" is not asked for' test -z "$(grep fake.large <<<"$output")"
check 'all tests: steps are shown' grep -q '^    ok 2 - second it goes on$' <<<"$output"
check 'all tests: the plan' grep -q '^1\.\.5$' <<<"$output"
check 'all tests: the last line' \
    test "$(tail -n 1 <<<"$output")" = '3 passed, 0 failed, 1 skipped, 1 errors'
run 60 "$smmrun" "${common[@]}" fake.new
expect 'only skipped' 77 '^0 passed, 0 failed, 1 skipped$'
run 60 "$smmrun" "${common[@]}" fake.large
expect 'large by its id' 0 '^1 passed'
run 60 "$smmrun" "${common[@]}" -g large
expect 'large by its group' 0 '^1 passed'
run 60 "$smmrun" "${common[@]}" 'fake.l*'
expect 'large by a glob' 2 'need -g large'
run 60 "$smmrun" "${common[@]}" -g small
expect 'an unknown group' 2 'there are scenario, large'
run 60 "$smmrun" "${common[@]}" fake.hots
expect 'a slip of the pen' 2 'the closest are fake.host'
run 60 "$smmrun" "${common[@]}" --accel kvm fake.host fake.one
expect 'no SMM: what can run runs' 0 '^1 passed, 0 failed, 1 skipped$'
check 'no SMM: the reason' grep -q 'SKIP .*no SMM in this fake.*ACCEL=tcg' <<<"$output"
run 60 "$smmrun" "${common[@]}" --machine q35 --machine pc-q35-2.8 --repeat 2 -j 8 fake.one
expect 'machines and repetitions' 0 '^4 passed'
check 'machines and repetitions: names' grep -q '^ok 4 - pc-q35-2.8/fake.one #2$' <<<"$output"
run 60 "$smmrun" "${common[@]}" --machine microvm fake.one
expect 'a machine that is no q35' 2 'not a q35'
run 60 env QEMU="$fake" MACHINE=pc-q35-2.8 TIMEOUT=5s ACCEL=tcg \
    "$smmrun" --kernel-dir "$aux" --arch x86_64 --no-known --keep-logs "$tmp/logs" fake.one
expect 'environment' 0 'pc-q35-2.8'
run 60 env TIMEOUT=soon "$smmrun" "${common[@]}" fake.one
expect 'environment: not a time' 2 'TIMEOUT soon'

run 60 env FAKE=fail "$smmrun" "${common[@]}" --bisect fake.one
expect 'bisect: bad' 1
run 60 "$smmrun" "${common[@]}" --bisect fake.one
expect 'bisect: good' 0
run 60 env FAKE=refuse "$smmrun" "${common[@]}" --bisect fake.one
expect 'bisect: cannot tell' 125
run 60 "$smmrun" "${common[@]}" --bisect --qemu "$tmp/none" fake.one
expect 'bisect: no QEMU' 125

# Files for machines.
run 60 env FAKE=fail "$smmrun" "${common[@]}" --no-rerun --json "$tmp/o.json" --junit "$tmp/o.xml" \
    fake.one fake.new
expect 'reports' 1
check 'JSON: the failing check' grep -q '"sentence": "it goes on"' "$tmp/o.json"
check 'JSON: the version' grep -q '"version": "8.1.2"' "$tmp/o.json"
check 'JSON: counts' grep -q '"passed": 1' "$tmp/o.json"
check 'JUnit: the suite' \
    grep -q '<testsuite name="qemu-8_1_2-pc-q35-8_1-x86_64-tcg" tests="2" failures="1"' "$tmp/o.xml"
check 'JUnit: the log' grep -q '<system-out>KTAP version 1' "$tmp/o.xml"
check 'JUnit: the skipped one' \
    grep -q '<skipped message="needs machine&gt;=pc-q35-99.0' "$tmp/o.xml"
check 'reports: no other file' test "$(find "$tmp" -maxdepth 1 -name 'o.*' | wc -l)" = 2
run 60 "$smmrun" "${common[@]}" --json "$tmp/no/o.json" fake.one
expect 'a report nowhere' 2 "$tmp/no/o.json"
check 'a report nowhere: nothing was run' test -z "$(grep TAP <<<"$output")"

run 60 "$smmrun" -l --kernel-dir "$aux"
expect 'the list' 0 '^fake.host +a test with a host \[host=plug,wait timeout=5\]$'
run 60 "$smmrun" -l --spec --kernel-dir "$aux"
expect 'the list by promise' 0 '^chapter 2$'
run 60 "$smmrun" "${common[@]}" --print-command fake.host
expect 'a command to paste: what is missing' 0 'COM2 .*: plug wait$'
run 60 sh -c "$output"
expect 'a command to paste: works' 33 '^ok 1 fake.host'
run 60 "$smmrun" "${common[@]}" --gdb fake.one
expect 'gdb: how to attach' 0 "gdb .*kernel.elf -ex 'target remote 127.0.0.1:[0-9]+'"

# interrupt SIGNAL BEHAVIOUR: in the middle of four tests
interrupt() {
    local name="SIG$1 on $2" pid status
    FAKE=$2 env --default-signal=INT \
        "$smmrun" "${common[@]}" --repeat 4 -j 4 --timeout 60 fake.one \
        >"$tmp/output" 2>&1 </dev/null &
    pid=$!
    for _ in {1..1200}; do
        [ "$(find /proc/[0-9]*/exe -lname "$fake" 2>/dev/null | wc -l)" -ge 4 ] && break
        sleep 0.05
    done
    kill "-$1" "$pid"
    wait "$pid" 2>/dev/null
    status=$?
    check "$name: exit status $3" test "$status" = "$3"
    check "$name: nothing is left" nothing_left
}
interrupt INT hang 130
interrupt TERM hang 143
interrupt INT orphan-hang 130
interrupt KILL hang 137
export FAKE_MIGRATE=never FAKE_REQUESTS=migrate
interrupt INT host 130
interrupt KILL host 137
unset FAKE_MIGRATE FAKE_REQUESTS

wait "$waiting"
check 'wait for what never comes' \
    grep -qE '^# \|   # error Timeout no event NEVER in [0-9]+[.][0-9] s$' "$tmp/wait.out"
finish
