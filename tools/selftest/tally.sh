#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools/tally counts right, and counts every way of not having tested as a failure.
. "$(dirname "$0")/lib.sh"

# tally NAME EXIT LAST-LINE [FILE CONTENT]...: CONTENT is a printf format
tally() {
    local name=$1 want=$2 last=$3 dir=$tmp/tap
    shift 3
    rm -rf "$dir"
    mkdir "$dir"
    while [ $# -gt 0 ]; do
        # shellcheck disable=SC2059
        printf "$2" >"$dir/$1"
        shift 2
    done
    run 20 "$top/tools/tally" "$dir"
    if [ "$status" = "$want" ] && [ "${output##*$'\n'}" = "$last" ]; then
        pass "$name"
    else
        fail "$name" "wanted exit $want and '$last', got exit $status and:" "$output"
    fi
}

tally 'TAP with the plan first' 0 '2 passed, 0 failed, 0 skipped' a.tap '1..2\nok 1 a\nok 2 b\n'
tally 'TAP 14 with the plan last' 0 '2 passed, 0 failed, 0 skipped' \
    a.tap 'TAP version 14\nok 1 - a\nok 2 - b\n1..2\n'
tally 'several files add up' 1 '2 passed, 1 failed, 1 skipped' \
    a.tap '1..2\nok 1\nok 2 b # SKIP no KVM\n' b.tap '1..2\nnot ok 1\nok 2\n'
tally 'results without numbers' 0 '2 passed, 0 failed, 0 skipped' a.tap '1..2\nok\nok\n'
tally 'KTAP subtests are not counted' 1 '1 passed, 1 failed, 0 skipped' k.tap \
    'KTAP version 1\n1..2\n  1..2\n  ok 1 x\n  not ok 2 y\nnot ok 1 a\n  ok 1 x\n  1..1\nok 2 b\n'
tally 'a failing check explains its test' 1 '0 passed, 1 failed, 0 skipped' k.tap \
    'KTAP version 1\n1..1\n  not ok 1 step04-gate two CPUs passed at once\n  1..1\nnot ok 1 a\n'
case $output in
    *step04-gate*) pass 'the failing check is printed' ;;
    *) fail 'the failing check is printed' "$output" ;;
esac
tally 'cmocka: one plan a group' 0 '3 passed, 0 failed, 0 skipped' c.tap \
    '1..2\nok 1 - a\nok 2 - b\n# ok - one\n1..1\nok 1 - c\n# ok - two\n'
tally 'two streams, plans last' 0 '3 passed, 0 failed, 0 skipped' \
    a.tap 'ok 1\nok 2\n1..2\nok 1\n1..1\n'
tally 'two streams, plans last, one cut short' 1 '3 passed, 2 failed, 0 skipped' \
    a.tap 'ok 1\nok 2\n1..3\nok 1\n1..1\n'
tally 'cmocka: a group cut short' 1 '2 passed, 1 failed, 0 skipped' c.tap \
    '1..2\nok 1 - a\n1..1\nok 1 - c\n'
tally "cmocka's way to skip" 0 '1 passed, 0 failed, 1 skipped' \
    c.tap '1..2\nok 1 - a\nnot ok 2 # SKIP b\n# ok - group\n'
tally 'a known failure is neither' 0 '1 passed, 0 failed, 1 skipped' \
    a.tap '1..2\nok 1\nnot ok 2 b # TODO finding 3\n'
tally 'everything skipped is not a pass' 1 '0 passed, 0 failed, 1 skipped' a.tap '1..0 # SKIP no\n'
tally 'no tests' 1 '0 passed, 1 failed, 0 skipped' a.tap '1..0\n'
tally 'an empty file beside a good one' 1 '1 passed, 1 failed, 0 skipped' \
    a.tap '1..1\nok\n' b.tap ''
tally 'no plan' 1 '1 passed, 1 failed, 0 skipped' a.tap 'ok 1\n'
tally 'fewer than planned' 1 '1 passed, 1 failed, 0 skipped' a.tap '1..2\nok 1\n'
tally 'more than planned' 1 '2 passed, 1 failed, 0 skipped' a.tap '1..1\nok 1\nok 2\n'
tally 'a result twice' 1 '2 passed, 1 failed, 0 skipped' a.tap '1..2\nok 1\nok 1\n'
tally 'bail out' 1 '1 passed, 1 failed, 0 skipped' a.tap '1..1\nok 1\nBail out! no disk\n'
tally 'exit status contradicts' 1 '1 passed, 1 failed, 0 skipped' \
    a.tap '1..1\nok 1\n' a.status '1\n'
tally 'exit status agrees' 1 '0 passed, 1 failed, 0 skipped' \
    a.tap '1..1\nnot ok 1\n' a.status '1\n'
tally 'only words like results' 1 '0 passed, 1 failed, 0 skipped' a.tap 'okay\n# ok 1\n'
tally 'no file' 1 '0 passed, 1 failed, 0 skipped'

run 20 "$top/tools/tally" "$tmp/absent"
expect 'a folder that is not there' 2 '^usage: '
run 20 "$top/tools/tally"
expect 'no argument' 2 '^usage: '
finish
