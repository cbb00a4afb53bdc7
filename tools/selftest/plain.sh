#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel without the runner: the command lines that the documents give.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report.sh"

# fault=NAME, and the line that explains it
readonly ends='crash|^  # exception 6 \(#UD\)
call-out|^  # in SMM: exception 14 \(#PF\)
reset|ended by a reset of the machine'

for arch in x86_64 i386; do
    qemu=$(qemu_for "$arch")
    command -v "$qemu" >/dev/null || {
        skip "$arch" "$qemu is not installed"
        continue
    }
    boot=("$qemu" -M "q35,smm=on" -display none -kernel "$build/$arch/kernel.elf" -serial stdio)

    run 300 "${boot[@]}" -device isa-debug-exit,iobase=0xf4,iosize=4
    expect_report "$arch: exit device where the runner has it"
    check "$arch: says what it is" grep -q "^# smm-unit-tests kernel $arch, .*q35" <<<"$output"
    run 300 "${boot[@]}" -device isa-debug-exit
    expect_report "$arch: exit device at its own default"
    run 300 "${boot[@]}" -device isa-debug-exit -append 'test=relocation.*'
    expect_report "$arch: a selection on the command line"
    check "$arch: nothing but the selection" \
        test -z "$(grep -E '^(not )?ok ' <<<"$output" | grep -v ' relocation\.')"
    run 300 "${boot[@]}" -device isa-debug-exit -append 'test=no.such_test'
    check "$arch: a selection that matches nothing" test "$status" = 37
    check "$arch: and says SKIP" grep -qE '^# smm-unit-tests: SKIP: 0 passed, ' <<<"$output"
    run 300 "${boot[@]}" -device isa-debug-exit -append 'test=relocation.* frobnicate'
    check "$arch: an unknown word is reported" grep -q '^#.*frobnicate' <<<"$output"
    run 300 "${boot[@]}" -device isa-debug-exit -smp 4 -m 512 -machine vmport=off
    expect_report "$arch: four CPUs, more memory"
    run 300 "$qemu" -M q35,smm=off -display none -kernel "$build/$arch/kernel.elf" \
        -serial stdio -device isa-debug-exit -append 'test=relocation.*'
    check "$arch: without SMM nothing fails" test "$status" = 37
    check "$arch: without SMM the skips say so" grep -qE '^ok .*# SKIP .*smm=on' <<<"$output"
    run 300 "$qemu" -M pc -display none -kernel "$build/$arch/kernel.elf" -serial stdio \
        -device isa-debug-exit
    check "$arch: not a q35 machine: ends by itself" test "$status" != 124
    check "$arch: not a q35 machine: says so" grep -qi 'q35' <<<"$output"

    # An end that no test intended still closes the report and the exit status tells.  (QEMU's own
    # CPU model for i386 has no NX, which makes the call out of SMRAM fault.)
    while IFS='|' read -r fault pattern; do
        run 300 "${boot[@]}" -cpu max -device isa-debug-exit \
            -append "fault=$fault test=relocation.one_cpu"
        expect "$arch: $fault: exit status of a failure" 35 "$pattern"
        check "$arch: $fault: the last line says FAIL" \
            grep -qE '^# smm-unit-tests: FAIL: 0 passed, 1 failed, ' <<<"${output##*$'\n'}"
    done <<<"$ends"

    # Without the device QEMU goes on; whoever watches the serial line has the last line.
    "${boot[@]}" >"$tmp/log" 2>&1 </dev/null &
    pid=$!
    deadline=$(($(now) + 300000))
    while [ "$(now)" -lt "$deadline" ] && kill -0 "$pid" 2>/dev/null; do
        grep -q '^# smm-unit-tests: ' "$tmp/log" && break
        sleep 0.2
    done
    check "$arch: no exit device: QEMU goes on" kill -0 "$pid"
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    output=$(grep -v 'terminating on signal' "$tmp/log")
    status=0
    expect_report "$arch: no exit device: the report is complete" 0
done
finish
