#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The ISO: two builds are the same, and its entries boot.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report.sh"
iso=$top/tools/iso
for tool in grub-mkimage xorriso; do
    command -v "$tool" >/dev/null || skip_all "$tool is not installed: run 'make deps'"
done

run 20 "$iso" "$tmp/absent"
expect 'a folder without kernels' 1 "x86_64/kernel\.elf is missing: run 'make' first"
run 20 "$iso"
expect 'no argument' 2 '^usage: '

mkdir -p "$tmp/a b/x86_64" "$tmp/a b/i386" "$tmp/c/x86_64" "$tmp/c/i386"
for folder in "$tmp/a b" "$tmp/c"; do
    for arch in x86_64 i386; do cp "$build/$arch/kernel.elf" "$folder/$arch/"; done
done
run 60 "$iso" "$tmp/a b"
expect 'builds, in a folder with a blank in its name' 0
check 'leaves nothing else' test "$(ls "$tmp/a b")" = $'i386\nsmm-unit-tests.iso\nx86_64'
sleep 1.1 # a time stamp with seconds would differ
run 60 "$iso" "$tmp/c"
check 'two builds are byte-identical' cmp "$tmp/a b/smm-unit-tests.iso" "$tmp/c/smm-unit-tests.iso"
image=$tmp/c/smm-unit-tests.iso

qemu=$(qemu_for x86_64)
qemu32=$(qemu_for i386)
machine=(-M "q35,smm=on" -display none -device isa-debug-exit)

# The report without GRUB's menu before it.
cut_menu() { output=$(sed -n '/KTAP version 1/,$p' <<<"$output" | sed '1s/.*KTAP/KTAP/'); }

# boot NAME KERNEL QEMU OPTION...: the default entry
boot() {
    local name=$1 kernel=$2
    shift 2
    command -v "$1" >/dev/null || {
        skip "$name" "$1 is not installed"
        return
    }
    run 300 "$@" "${machine[@]}" -serial stdio
    cut_menu
    expect_report "$name"
    check "$name: the right kernel" grep -q "^# smm-unit-tests kernel $kernel," <<<"$output"
}

boot 'as a CD' x86_64 "$qemu" -cdrom "$image"
boot 'as a disk' x86_64 "$qemu" -drive "file=$image,format=raw,snapshot=on"
boot 'without long mode the other kernel is the default' i386 "$qemu32" -cdrom "$image"

# pick NAME DOWNS KERNEL: an entry of the menu, chosen over the serial line (^N: one down)
pick() {
    local name=$1 downs=$2 kernel=$3 keys deadline pid=
    keys=$(printf '\016%.0s' $(seq "$downs"))
    mkfifo "$tmp/keys"
    timeout -k 5 300 "$qemu" "${machine[@]}" -cdrom "$image" \
        -chardev "stdio,id=s,signal=off" -serial chardev:s <"$tmp/keys" >"$tmp/log" 2>&1 &
    pid=$!
    exec 8>"$tmp/keys"
    deadline=$(($(now) + 240000))
    until grep -qa 'executed automatically' "$tmp/log" || [ "$(now)" -gt "$deadline" ]; do
        sleep 0.1
    done
    printf '%s\r' "$keys" >&8
    wait "$pid"
    status=$?
    exec 8>&-
    rm "$tmp/keys"
    output=$(tr -d '\000' <"$tmp/log")
    cut_menu
    expect_report "$name"
    check "$name: the right kernel" grep -q "^# smm-unit-tests kernel $kernel," <<<"$output"
}

pick 'second entry' 1 i386
pick 'third entry' 2 x86_64
pick 'fourth entry' 3 i386
finish
