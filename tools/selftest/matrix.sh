#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --matrix and tools/matrix: one table that shows what differs and says what was not run.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fake.sh"

old=$(fake 7.0.1 "$(fails 'test=fake.scenario ')")
new=$(fake 9.0.0)
both=(--qemu "$old" --qemu "$new")

# A table of our own QEMUs: what fails is a row with its check, what agrees is none.
run 60 "$smmrun" "${common[@]}" --matrix "${both[@]}" "${tests[@]}"
expect 'a difference' 1 '^fake\.scenario +FAIL +FAIL +pass +pass$'
check 'a difference: its check' grep -qE '^  second +FAIL +FAIL +pass +pass$' <<<"$output"
check 'a difference: the columns' grep -qE '^ +7\.0\.1 +9\.0\.0$' <<<"$output"
check 'a difference: the kernels' grep -qE '^( +x86_64 +i386){2}$' <<<"$output"
check 'what agrees has no row' test -z "$(grep -E '^(fake.one|fake.host|fake.new|  first)' \
    <<<"$output")"
check 'counts' grep -qE '^passed +2 +2 +3 +3$' <<<"$output"
check 'failures are explained' \
    grep -qxF '  7.0.1 i386 fake.scenario: second: it goes on' <<<"$output"
check 'a skip has its reason' grep -qE \
    '^  1 test \(9.0.0 x86_64, 9.0.0 i386\): needs machine>=pc-q35-99.0, this is pc-q35-9.0$' \
    <<<"$output"
check 'the last line' test "$(tail -n 1 <<<"$output")" = '10 passed, 2 failed, 4 skipped'
check 'failures are said at once' grep -qxF \
    'fail: qemu-7.0.1/pc-q35-7.0/i386/fake.scenario: second: it goes on' <<<"$output"
check 'no colour in a file' test -z "$(grep $'\033' <<<"$output")"

run 60 "$smmrun" "${common[@]}" --all "${both[@]}" "${tests[@]}"
expect 'everything' 1 '^fake\.one +pass +pass +pass +pass$'
check 'everything: a skipped test' grep -qE '^fake\.new( +skip){4}$' <<<"$output"
run 60 "$smmrun" "${common[@]}" --matrix --qemu "$new" "${tests[@]}"
expect 'no difference' 0 '^no failure, and no difference$'

# What a configuration does not have is said once, and not an end.
run 60 "$smmrun" "${common[@]}" --matrix --arch i386 --qemu "$new" --machine pc-q35-9.0 \
    --machine pc-q35-2.8 --qemu "$old" fake.one
expect 'a machine type is missing' 0 \
    "^  .*/qemu-7.0.1/.* does not know the machine type pc-q35-9.0$"
check 'a machine type is missing: the others are there' \
    grep -qE '^ +pc-q35-9\.0 +pc-q35-2\.8 +pc-q35-2\.8$' <<<"$output"
no_kvm=$(fake 9.9.0 "case \"\$*\" in *-accel\ kvm*) echo 'no such device' >&2; exit 1 ;; esac")
run 60 "$smmrun" "${common[@]}" --matrix --qemu "$no_kvm" --accel tcg --accel kvm fake.one
expect 'an accelerator is missing' 0 'accel kvm does not work: no such device'
no_max=$(fake 9.8.0 "case \"\$*\" in *-accel\ kvm*-cpu\ max) echo 'no MSR' >&2; exit 1 ;; esac")
run 60 "$smmrun" "${common[@]}" --matrix --qemu "$no_max" --accel tcg --accel kvm fake.one
expect 'a CPU that KVM cannot do' 0 '^ +x86_64 +x86_64 +i386$'
check 'a CPU that KVM cannot do: why' \
    grep -qE '^  .*-i386: -accel kvm -cpu max does not work: no MSR' <<<"$output"
dumb=$(fake 9.7.0 "case \"\$*\" in *-accel\ kvm*test=none*) exit 0 ;; esac")
run 60 "$smmrun" "${common[@]}" --matrix --arch i386 --qemu "$dumb" --accel tcg --accel kvm \
    fake.one
expect 'KVM that never reaches the guest' 0 'does not work: the i386 kernel printed nothing'
slow=$(fake 9.6.0 "case \"\$*\" in *-accel\ kvm*test=none*)
    n=0; while [ \$n -lt 1000000 ]; do n=\$((n + 1)); done ;; esac")
run 60 "$smmrun" "${common[@]}" --matrix --arch i386 --qemu "$slow" --accel tcg --accel kvm \
    fake.one
expect 'KVM that is slower than TCG' 0 \
    'kvm is slow: a boot of the i386 kernel takes [0-9.]+ s .*; ask for kvm alone'
run 60 "$smmrun" "${common[@]}" --matrix --arch i386 --qemu "$slow" --qemu "$new" --accel tcg \
    --accel kvm fake.one
expect 'KVM that is slower than TCG: other QEMUs' 0 'kvm on i386 was not tried: it is slow'
run 60 "$smmrun" "${common[@]}" --arch i386 --qemu "$slow" --accel kvm fake.one
expect 'KVM that is slower than TCG, asked for' 0 '^1 passed'
run 60 "$smmrun" "${common[@]}" --qemu "$no_kvm" --accel tcg --accel kvm fake.one
expect 'an accelerator is missing: TAP' 0 '^# not run: .*accel kvm does not work'
run 60 "$smmrun" "${common[@]}" --matrix --qemu "$no_kvm" --accel kvm fake.one
expect 'the only accelerator is missing' 99 'accel kvm does not work: no such device'
run 60 "$smmrun" "${common[@]}" --matrix --arch x86_64 --qemu "$new" --accel tcg --accel kvm \
    fake.one fake.host
expect 'an accelerator without SMM' 0 '^  1 test \(kvm\): needs SMM, and kvm has none'
check 'an accelerator without SMM: what can run runs' grep -qE '^passed +2 +1$' <<<"$output"
run 60 "$smmrun" "${common[@]}" --matrix --arch x86_64 --qemu "$new" --accel kvm --accel tcg \
    fake.host
expect 'nothing ran in a column' 0 '^  everything on kvm$'
check 'nothing ran in a column: it is none' grep -qE '^ +tcg$' <<<"$output"
run 60 "$smmrun" "${common[@]}" --matrix --not-run 'QEMU 1.0 is lost' --qemu "$new" fake.one
expect 'left out by somebody' 0 '^  QEMU 1\.0 is lost$'
twin=$tmp/twin/qemu-system-x86_64
mkdir "$tmp/twin"
cp "$new" "$twin"
run 60 "$smmrun" "${common[@]}" --all --arch x86_64 --qemu "$new" --qemu "$twin" fake.one
expect 'two QEMUs of one version' 0 "^\(b\) is $twin\$"
check 'two QEMUs of one version: the columns' grep -qE '^ +9\.0\.0 \(a\) +9\.0\.0 \(b\)$' \
    <<<"$output"
flaky=$(fake 8.0.0 "n=\$(cat '$tmp/n' 2>/dev/null || echo 0); case \$* in *kernel*)
    echo \$((n + 1)) >'$tmp/n'; [ \$n != 1 ] || FAKE=fail ;; esac")
run 60 "$smmrun" "${common[@]}" --matrix --arch i386 -j 1 --repeat 3 --qemu "$flaky" fake.one
expect 'once of three times' 1 '^fake.one +FAIL 1/3$'
run 20 "$smmrun" "${common[@]}" --matrix -t --qemu "$new" fake.one
expect 'a table and TAP' 2 'exclude each other'

# An interrupt in the middle: no process, no file.
FAKE=hang env --default-signal=INT "$smmrun" "${common[@]}" --timeout 60 -j 4 --matrix \
    --json "$tmp/i.json" --html "$tmp/i.html" --junit "$tmp/i.xml" --qemu "$new" fake.one \
    >"$tmp/output" 2>&1 </dev/null &
pid=$!
until [ "$(find /proc/[0-9]*/exe -lname "$tmp/fakeqemu" 2>/dev/null | wc -l)" -ge 2 ] ||
    ! kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
kill -INT "$pid"
wait "$pid" 2>/dev/null
status=$? output=$(cat "$tmp/output")
expect 'interrupted' 130 '^interrupted by SIGINT: 0 of 2 tests are done$'
check 'interrupted: no process is left' nothing_left
check 'interrupted: no report' test -z "$(find "$tmp" -name 'i.*')"

# tools/matrix: from versions to binaries, with a cache of our own.
export SMM_ZOO=$tmp/zoo BUILD=$build
mkdir -p "$tmp/zoo/bookworm/bin" "$tmp/zoo/sid/bin"
printf '7.0\n' >"$tmp/zoo/bookworm/version"
printf '9.0\n' >"$tmp/zoo/sid/version"
cp "$tmp"/qemu-7.0.1/* "$tmp/zoo/bookworm/bin"
cp "$tmp"/qemu-9.0.0/* "$tmp/zoo/sid/bin"
matrix() { run 60 env "$@" "$top/tools/matrix" "${common[@]}" "${tests[@]}"; }
matrix ACCELS=tcg
expect 'tools/matrix' 1 '^fake\.scenario +FAIL +FAIL +pass +pass$'
check 'tools/matrix: what is not in the cache' \
    grep -qxF '  QEMU trixie is not in the cache: tools/zoo get trixie' <<<"$output"
matrix VERSIONS="9.0 $old" ARCHS=i386 MACHINES='q35 pc-q35-2.8' ACCELS=tcg
expect 'tools/matrix: as it is told' 1 '^fake\.scenario +pass +pass +FAIL +FAIL$'
matrix HOME="$tmp" VERSIONS='~/qemu-9.0.0/qemu-system-x86_64' ACCELS=tcg
expect 'tools/matrix: a path below HOME' 0 '^QEMU 9\.0\.0, '
matrix VERSIONS='sid' ACCELS='tcg kvm' QEMU=/none MACHINE=microvm ACCEL=none
expect 'tools/matrix: accelerators' 0 'needs SMM, and kvm has none'
matrix VERSIONS='sid'
if { : <>/dev/kvm; } 2>/dev/null; then
    expect 'tools/matrix: KVM is there' 0 'needs SMM, and kvm has none'
else
    expect 'tools/matrix: KVM is absent' 0 '^  accelerator kvm: /dev/kvm cannot be opened here$'
fi
matrix VERSIONS=3.1
expect 'tools/matrix: an unknown version' 2 "no suite is known for QEMU '3.1'"
check 'tools/matrix: one sentence' test "$(wc -l <<<"$output")" = 1
matrix VERSIONS=trixie
expect 'tools/matrix: nothing in the cache' 77 'none of trixie is in the cache'
matrix VERSIONS=sid ARCHS=sparc
expect 'tools/matrix: an unknown architecture' 2 'it can be x86_64 or i386'

# .ci/shard and .ci/merge, as GitLab runs them (.gitlab-ci.yml): three machines and one more.
export ACCELS=tcg
rm -r "$tmp/zoo/sid" # only one of them has it
for i in 1 2 3; do
    run 60 env CI_NODE_INDEX=$i CI_NODE_TOTAL=3 VERSIONS=7.0 "$top/.ci/shard" \
        "$tmp/results/$i.json" "${common[@]}" "${tests[@]}"
    expect "CI, machine $i of 3" 0
done
run 60 env VERSIONS="$new" "$top/.ci/shard" "$tmp/results/new.json" "${common[@]}" "${tests[@]}"
expect 'CI, another machine' 0
run 60 "$top/.ci/merge" "$tmp/results"
expect 'CI, the report' 1 '^fake\.scenario +FAIL +FAIL +pass +pass$'
for file in junit.xml matrix.html matrix.json; do
    check "CI, the report: $file" test -s "$tmp/results/matrix/$file"
done
rm "$tmp/results/2.json"
run 60 "$top/.ci/merge" "$tmp/results"
expect 'CI, a machine died' 1 '^  shard 2/3: its result file was not given$'
run 60 env CI_NODE_TOTAL=3 VERSIONS=7.0 "$top/.ci/shard" "$tmp/results/x.json" "${common[@]}"
expect 'CI, no number' 2 'not I/N'
run 60 env VERSIONS=3.1 "$top/.ci/shard" "$tmp/results/x.json"
expect 'CI, an unknown version' 2 "no suite is known for QEMU '3.1'"
run 60 "$top/.ci/merge" "$tmp/nowhere"
expect 'CI, no results' 2 '^usage: '
mkdir "$tmp/nowhere"
run 60 "$top/.ci/merge" "$tmp/nowhere"
expect 'CI, an empty folder' 2 'needs result files'
# Anything that GitLab's file names is there.
mapfile -t programs < <(grep -oE '(tools|\.ci)/[a-z]+' "$top/.gitlab-ci.yml" | sort -u)
for file in "${programs[@]}"; do
    check ".gitlab-ci.yml: $file" test -x "$top/$file"
done
check 'nothing is left' nothing_left
finish
