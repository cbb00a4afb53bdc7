#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --fork-server: QEMUs that are forks of one that waits behave as those that are started, and what
# cannot wait is started.
export SMM_SELFTEST=$$.$RANDOM
. "$(dirname "$0")/lib.sh"

smmrun=$build/smmrun
qemu=$(command -v qemu-system-x86_64) || skip_all "there is no qemu-system-x86_64"
[ -e "$build/forkserver.so" ] || skip_all "there is no fork server for this processor"

# around NAME COMMENT [ARGUMENT]: a script around QEMU that begins with the comment, puts the
# argument in front of its own, and leaves a line for each test that it is called for
around() {
    # shellcheck disable=SC2016
    printf '#!/bin/sh\n# %s\ncase "$*" in *test=none*) ;; *test=*) echo >>"%s" ;; esac\n' \
        "$2" "$tmp/$1.starts" >"$tmp/$1"
    # shellcheck disable=SC2016
    printf 'exec "%s" %s "$@"\n' "$qemu" "${3-}" >>"$tmp/$1"
    chmod +x "$tmp/$1"
    : >"$tmp/$1.starts"
}
verdicts() {
    grep -E '"(id|status|passed|failed|skipped)": |: "(pass|fail|skip|error)"' "$1"
}

around waits 'Written by tools/zoo'
around other 'Written by tools/zoo' '-name other'
around script 'Written by somebody'
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
LD_PRELOAD='' run 300 "$smmrun" --arch x86_64 --fork-server apm.scratch
expect 'LD_PRELOAD is in use' 0 'fork-server: LD_PRELOAD is set'

cp "$smmrun" "$tmp/smmrun"
run 300 "$tmp/smmrun" --arch x86_64 --kernel-dir "$build" --fork-server 'apm.*'
expect 'the library is missing' 0 'fork-server: .*forkserver.so is missing'

check 'nothing is left' test -z "$(processes)"
"$smmrun" --arch x86_64 --fork-server --repeat 1000 --jobs 2 'apm.*' >"$tmp/log" 2>&1 </dev/null &
pid=$!
until grep -q '^ok' "$tmp/log"; do sleep 0.05; done
check 'QEMUs run' test -n "$(processes)"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
for ((i = 0; i < 100; i++)); do
    [ -n "$(processes)" ] || break
    sleep 0.05
done
check 'nothing is left behind a runner that was killed' test -z "$(processes)"
finish
