#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --compare: two QEMUs, only what differs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fake.sh"

good=$(fake 9.0.0)
bad=$(fake 9.1.0 "$(fails 'test=fake.scenario ')")
mkdir "$tmp/same"
cp "${good%/*}"/* "$tmp/same"
same=$tmp/same/qemu-system-x86_64
compare() { run 60 "$smmrun" "${common[@]}" --compare "$@"; }

compare "$good" "$same" "${tests[@]}"
expect 'no difference' 0 '^0 differ, 6 agree, 2 could not be compared$'
check 'no difference: A' grep -qxF "A: $good, QEMU emulator version 9.0.0 (a fake)" <<<"$output"
check 'no difference: B' grep -qxF "B: $same, QEMU emulator version 9.0.0 (a fake)" <<<"$output"
compare "$good" "$good" fake.one
expect 'a QEMU and itself' 0 '^0 differ, 2 agree'

compare --json "$tmp/c.json" --html "$tmp/c.html" "$good" "$bad" "${tests[@]}"
expect 'a difference' 1 '^fake\.scenario +pass +fail +q35, x86_64, tcg$'
check 'a difference: on both architectures' \
    grep -qE '^fake\.scenario +pass +fail +q35, i386, tcg$' <<<"$output"
check 'a difference: the check, and why' \
    grep -qE '^    second +pass +fail +second: got 1, wanted 2 \(fake.c:1\)$' <<<"$output"
check 'a difference: nothing else' test "$(grep -cE '^(fake|    (first|second) )' <<<"$output")" = 4
check 'a difference: the sum' \
    test "$(tail -n 1 <<<"$output")" = '2 differ, 4 agree, 2 could not be compared'
check 'a difference: JSON' grep -q '"differences": \[' "$tmp/c.json"
check 'a difference: the check in JSON' \
    test "$(grep -c '"diagnostics": "second: got 1, wanted 2 (fake.c:1)' "$tmp/c.json")" = 4
check 'a difference: the page' grep -q '"compared":{"differ":2' "$tmp/c.html"
compare "$bad" "$good" --arch i386 "${tests[@]}"
expect 'the other way round' 1 '^fake\.scenario +fail +pass +q35, i386, tcg$'
compare "$bad" "$bad" "${tests[@]}"
expect 'both fail: no difference' 0 '^0 differ, 6 agree'

# A known deviation of one is a difference all the same.
cat >"$tmp/known.json" <<'KNOWN'
{"issues": [{"finding": "odd", "test": "fake.scenario", "check": "second", "qemu": ">=9.1",
             "reason": "it is odd"}]}
KNOWN
run 60 "$smmrun" --kernel-dir "$aux" --known "$tmp/known.json" --keep-logs "$tmp/logs" --arch i386 \
    --compare "$good" "$bad" fake.scenario
expect 'a known deviation' 1 '^fake\.scenario +pass +fail +q35, i386, tcg; finding odd$'

# A QEMU that dies has no later checks: its end is the difference, not what is missing.
dead=$(fake 9.2.0 'FAKE=crash')
compare --arch i386 "$good" "$dead" fake.one
expect 'a QEMU that dies' 1 '^fake\.one +pass +fail'
check 'a QEMU that dies: why' grep -q '^    QEMU died by SIGSEGV' <<<"$output"
check 'a QEMU that dies: the logs are apart' test -n "$(ls "$tmp"/logs/qemu-9.2.0/*fake.one)"
compare --arch i386 "$bad" "$bad" fake.scenario
check 'twins have folders of their own' \
    test -n "$(ls "$tmp"/logs/qemu-9.1.0/*fake.scenario "$tmp"/logs/qemu-9.1.0-2/*fake.scenario)"

# Machine types are compared by the name that was given.
compare --machine q35 --machine pc-q35-2.8 --arch i386 "$good" "$bad" fake.scenario
expect 'machine types' 1 '^2 differ, 0 agree'
compare --machine pc-q35-9.1 --arch i386 "$good" "$bad" fake.scenario
expect 'a machine type that one does not have' 77 '^0 differ, 0 agree, 0 could'
check 'a machine type that one does not have: says so' \
    grep -q 'does not know the machine type pc-q35-9.1' <<<"$output"
compare "$good" "$bad" fake.new
expect 'nothing can run' 77 '^0 differ, 0 agree, 2 could not be compared$'
check 'nothing can run: why' grep -q 'needs machine>=pc-q35-99.0' <<<"$output"
compare "$good" "$same" --arch i386 fake.odd
expect 'nothing but errors' 99 '^0 differ, 1 agree'

# refused NAME PATTERN ARG...: one sentence and exit status 2
refused() {
    local name=$1 pattern=$2
    shift 2
    run 20 "$smmrun" "${common[@]}" "$@"
    expect "$name" 2 "^smmrun: .*$pattern"
}
refused 'one QEMU only' 'needs two QEMUs' --compare "$good"
refused 'no QEMU' 'needs two QEMUs' --compare
refused 'an empty name' 'needs two QEMUs' --compare "$good" ''
refused 'a third QEMU' 'names the QEMUs' --compare --qemu "$good" "$good" "$same"
refused 'a shard' 'does not go with' --compare --shard 1/2 "$good" "$same"
refused 'TAP' 'exclude each other' --compare -t "$good" "$same"
refused 'an unknown test' 'no test matches "fake.onne"' --compare "$good" "$same" fake.onne
compare "$good" "$tmp/none" fake.one
expect 'a QEMU that is not there' 99 "cannot run $tmp/none"
check 'nothing is left' nothing_left
finish
