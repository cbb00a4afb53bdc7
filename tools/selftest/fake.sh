#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced, after lib.sh, by the shell tests of the runner's reports: QEMUs of several versions that
# are none (tools/smmrun/unit/fake), and a kernel of test records only.
# shellcheck disable=SC2154,SC2034
smmrun=$build/smmrun
aux=$build/unit/aux
for file in "$smmrun" "$aux/fakeqemu" "$aux/x86_64/kernel.elf"; do
    [ -e "$file" ] || skip_all "$file is missing: run 'make all unit'"
done
unset QEMU ACCEL MACHINE TIMEOUT
# Nobody else runs our copy of the program; files of its processes go to a folder of ours.
cp "$aux/fakeqemu" "$tmp/fakeqemu"
export TMPDIR=$tmp/files
mkdir "$TMPDIR"
# Every test but the one that is an error and the one that takes long.
tests=(fake.one fake.host fake.scenario fake.new)
common=(--kernel-dir "$aux" --no-known --no-rerun --keep-logs "$tmp/logs")

# fake VERSION [BEHAVIOUR]: makes a QEMU of that version in a folder of its own and prints its path.
# BEHAVIOUR is shell code that may set FAKE for the test that the command line names.
fake() {
    local dir=$tmp/qemu-$1 arch
    mkdir -p "$dir"
    for arch in x86_64 i386; do
        cat >"$dir/qemu-system-$arch" <<SCRIPT
#!/bin/sh
case \$* in
    --version) echo 'QEMU emulator version $1 (a fake)'; exit ;;
    '-machine help') printf '%s\n' 'pc-q35-${1%.*}  Q35' 'q35  Q35 (alias of pc-q35-${1%.*})' \
        'pc-q35-2.8  Q35'; exit ;;
esac
${2-}
export FAKE
exec '$tmp/fakeqemu' "\$@"
SCRIPT
        chmod +x "$dir/qemu-system-$arch"
    done
    echo "$dir/qemu-system-x86_64"
}

# fails WORD...: behaviour for fake: tests with one of these words in their command line fail
fails() {
    local word
    echo "case \"\$*\" in"
    for word; do echo "*'$word'*) FAKE=fail ;;"; done
    echo "esac"
}

# No process of ours, no temporary file; a killed process takes a moment to go.
nothing_left() {
    local try
    for try in {1..300}; do
        find /proc/[0-9]*/exe -lname "$tmp/fakeqemu" 2>/dev/null | grep -q . || break
        sleep 0.1
    done
    [ "$try" -lt 300 ] && [ -z "$(find "$TMPDIR" -mindepth 1)" ]
}
