#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --shard and --merge: the shards of a run are its whole, each test once; merging gives the same
# reports as the run that was never split; and what cannot be merged is refused with a sentence.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fake.sh"

old=$(fake 7.0.1 "$(fails 'test=fake.one ')")
new=$(fake 9.0.0 "$(fails 'test=fake.scenario ')")
suite=(--qemu "$old" --qemu "$new" --machine q35 --machine pc-q35-2.8 "${tests[@]}")

# Results without what no two runs have in common.
steady() { sed -E 's/seconds": [0-9.]+/seconds": 0/g; s/time="[0-9.]+"//g' "$1"; }
ids() { grep -h '"id": "fake' "$@" | sort; }

run 60 "$smmrun" "${common[@]}" --json "$tmp/whole.json" --junit "$tmp/whole.xml" "${suite[@]}"
expect 'the whole' 1
run 60 "$smmrun" --merge --junit "$tmp/w.xml" "$tmp/whole.json"
whole=$output

for n in 2 3 7; do
    files=()
    sizes=()
    for i in $(seq "$n" -1 1); do
        run 60 "$smmrun" "${common[@]}" --shard "$i/$n" --json "$tmp/$n-$i.json" "${suite[@]}"
        files+=("$tmp/$n-$i.json")
        sizes+=("$(grep -c '"id": "fake' "$tmp/$n-$i.json")")
    done
    run 60 "$smmrun" --merge --json "$tmp/merged.json" --junit "$tmp/merged.xml" "${files[@]}"
    expect "merging $n shards: the verdict of the whole" 1
    check "merging $n shards: the table of the whole" test "$output" = "$whole"
    check "merging $n shards: the JSON of the whole" \
        cmp <(steady "$tmp/merged.json") <(steady "$tmp/whole.json")
    check "merging $n shards: the JUnit of the whole" \
        cmp <(steady "$tmp/merged.xml") <(steady "$tmp/whole.xml")
    check "$n shards: every test, and none twice" \
        cmp <(ids "${files[@]}" | grep -v sentence) <(ids "$tmp/whole.json" | grep -v sentence)
    # What runs is dealt out, and what is skipped: each differs by one at most.
    mapfile -t sizes < <(printf '%s\n' "${sizes[@]}" | sort -n)
    check "$n shards of equal size (${sizes[*]})" test $((sizes[-1] - sizes[0])) -le 2
done

run 60 "$smmrun" "${common[@]}" --shard 3/7 --json "$tmp/again.json" "${suite[@]}"
check 'the same shard again' cmp <(ids "$tmp/again.json") <(ids "$tmp/7-3.json")
run 60 "$smmrun" "${common[@]}" --shard 99/100 --json "$tmp/empty.json" --qemu "$old" fake.one
expect 'a shard without tests' 77 '^0 passed, 0 failed, 0 skipped$'
run 60 "$smmrun" --merge "$tmp/empty.json"
expect 'a shard without tests, and no other' 99 '^no results$'

# A merged file is a result file like any other.
run 60 "$smmrun" --merge --json "$tmp/twice.json" "$tmp/merged.json"
check 'merging a merged file changes nothing' cmp "$tmp/twice.json" "$tmp/merged.json"

# What is missing is said, and is no success.
run 60 "$smmrun" "${common[@]}" --shard 1/2 --json "$tmp/good-1.json" --qemu "$old" 'fake.[hs]*'
run 60 "$smmrun" --merge --json "$tmp/half.json" "$tmp/good-1.json"
expect 'a shard is missing' 99 '^  shard 2/2: its result file was not given$'
run 60 "$smmrun" --merge "$tmp/half.json"
expect 'a shard is missing, merged again' 99 '^  shard 2/2: its result file was not given$'
sed 's/"jobs": [0-9]*/"jobs": 30/; s,"of": 2,"of": 1,' "$tmp/good-1.json" >"$tmp/short.json"
run 60 "$smmrun" --merge "$tmp/short.json"
expect 'tests are missing' 99 '^  the shards have [0-9]+ results, their whole has 30 tests$'

# refused NAME PATTERN ARG...: one sentence and exit status 2
refused() {
    local name=$1 pattern=$2
    shift 2
    run 20 "$smmrun" "$@"
    expect "$name" 2 "^smmrun: .*$pattern"
    check "$name: one sentence" test "$(grep -vc '^Try ' <<<"$output")" = 1
}
for shard in 0/3 4/3 3 1/0 /2 1/ -1/2 1/2/3 a/b 1/99999999999999999999; do
    refused "shard $shard" 'not I/N with I from 1 to N' "--shard=$shard" fake.one
done
refused 'a shard of a merger' 'runs nothing' --merge --shard 1/2 "$tmp/whole.json"
refused 'a shard of one test' 'has no shards' --shard 2/2 --gdb fake.one
refused 'a shard of one command' 'has no shards' --shard 2/2 --print-command fake.one
refused 'nothing to merge' 'needs result files' --merge
refused 'a missing file' "cannot read $tmp/none.json: No such file" --merge "$tmp/none.json"
refused 'a folder' "cannot read $tmp: Is a directory" --merge "$tmp"
: >"$tmp/empty"
refused 'an empty file' 'empty:1: not JSON' --merge "$tmp/empty"
head -c 300 "$tmp/whole.json" >"$tmp/cut.json"
refused 'a truncated file' 'cut.json:[0-9]+: not JSON' --merge "$tmp/cut.json"
printf '{"runs": [\0' >"$tmp/nul.json"
refused 'a NUL' 'nul.json:1: not JSON' --merge "$tmp/nul.json"
echo '[1, 2]' >"$tmp/list.json"
refused 'something else' 'list.json is not a result file' --merge "$tmp/list.json"
echo '{"runs": []}' >"$tmp/old.json"
refused 'an older format' 'old.json is not a result file' --merge "$tmp/old.json"
# spoiled NAME SED-COMMAND PATTERN
spoiled() {
    sed "$2" "$tmp/2-1.json" >"$tmp/spoiled.json"
    refused "$1" "spoiled.json is not a result file .*$3" --merge "$tmp/spoiled.json"
}
spoiled 'a status that is none' 's/"status": "pass"/"status": "good"/' 'the status of a test'
spoiled 'a test without an id' 's/"id": "fake.one"/"name": "x"/' 'no id'
spoiled 'a test of no place' 's/"order": [0-9]*/"order": null/' 'no place'
spoiled 'a run on nothing' 's/"arch": "x86_64"/"arch": 64/' 'what it ran on'
spoiled 'a shard beyond the last' 's/"of": 2/"of": 0/' 'out of range'
spoiled 'a shard of no number' 's/"index": 1/"index": "1"/' 'which shard'
refused 'one shard twice' 'are both shard 1/2' --merge "$tmp/2-1.json" "$tmp/2-1.json"
refused 'shards of different numbers' 'is one of 2 shards' --merge "$tmp/2-1.json" "$tmp/3-2.json"
sed 's/"index": 1/"index": 2/' "$tmp/good-1.json" >"$tmp/good-2.json"
refused 'shards of different plans' 'are shards of different plans' \
    --merge "$tmp/2-1.json" "$tmp/good-2.json"
refused 'a report nowhere' "cannot write $tmp/no/r.json" --merge --json "$tmp/no/r.json" \
    "$tmp/whole.json"

# Terminals and XML are safe from what a file holds.
sed 's/"reason": "second[^"]*"/"reason": "\\u001b[2J\\u0007"/' "$tmp/whole.json" >"$tmp/evil.json"
run 60 "$smmrun" --merge --junit "$tmp/evil.xml" "$tmp/evil.json"
expect 'control characters' 1 'fake.one: \\x1b\[2J\\x07$'
check 'nothing is left' nothing_left
finish
