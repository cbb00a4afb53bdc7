#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The runner in bad company: no QEMU, something else in its place, a QEMU that hangs or dies, an
# interrupt.  Each ends in bounded time with a sentence and the documented exit status, and leaves
# no process and no file.
. "$(dirname "$0")/lib.sh"
smmrun=$build/smmrun
[ -x "$smmrun" ] || skip_all "$smmrun is missing: run 'make'"
real=${QEMU:-qemu-system-x86_64}
real=$(command -v "$real") || skip_all "$real is not installed"
unset QEMU ACCEL MACHINE TIMEOUT

# Processes of ours carry this word in their environment; files of theirs go to a folder of ours.
export SMM_SELFTEST="mark-${tmp##*/}"
export TMPDIR="$tmp/files"
mkdir "$TMPDIR" "$tmp/bin"
readonly one='relocation.one_cpu'

# Nothing is left of the last run.
check_clean() {
    local name=$1 left files
    # A killed process takes a moment to go, longer on a busy machine.
    for _ in {1..30}; do
        left=$(processes)
        [ -n "$left" ] || break
        sleep 1
    done
    files=$(find "$TMPDIR" -mindepth 1)
    if [ -n "$left$files" ]; then
        fail "$name: leaves nothing" "processes: $left" "files: $files"
    else
        pass "$name: leaves nothing"
    fi
}

# bad NAME EXIT PATTERN QEMU [ARG]...: one sentence, the exit status, within ten seconds on an idle
# machine (the limit of run is for a runner that hangs)
bad() {
    local name=$1 want=$2 pattern=$3 qemu=$4
    shift 4
    run 60 "$smmrun" --arch x86_64 --no-rerun --qemu "$qemu" "$@" "$one"
    expect "$name" "$want" "$pattern"
    check_clean "$name"
}

# script NAME: standard input becomes an executable
script() {
    cat >"$tmp/bin/$1"
    chmod +x "$tmp/bin/$1"
}

# A QEMU that answers the runner's questions and then does what it is told instead of booting.
impostor() {
    script "$1" <<FAKE
#!/bin/sh
case " \$* " in *' -kernel '*) $2 ;; esac
exec "$real" "\$@"
FAKE
}

bad 'no such file' 99 'cannot run .*absent' "$tmp/absent"
bad 'a folder' 99 'is a folder' "$tmp"
: >"$tmp/plain"
bad 'not executable' 99 'plain.*(not executable|Permission denied)' "$tmp/plain"
bad 'a program that is not QEMU' 99 '/bin/true is not a QEMU' /bin/true
script qemu-img <<'FAKE'
#!/bin/sh
case $1 in
    --version) echo 'qemu-img version 7.2.0' ;;
    *) echo "qemu-img: Could not open '$1'" >&2 && exit 1 ;;
esac
FAKE
bad 'qemu-img' 99 'qemu-img' "$tmp/bin/qemu-img"
script qemu-system-aarch64 <<'FAKE'
#!/bin/sh
case "$*" in
    *version*) echo 'QEMU emulator version 7.2.0' ;;
    *help*) echo 'virt-7.2  QEMU 7.2 ARM Virtual Machine' ;;
    *) exit 1 ;;
esac
FAKE
bad 'a QEMU for another architecture' 99 'q35' "$tmp/bin/qemu-system-aarch64"
script silent <<'FAKE'
#!/bin/sh
sleep 1000
FAKE
bad 'hangs at once' 99 'silent' "$tmp/bin/silent" --timeout 2

impostor hangs 'sleep 1000; exit'
bad 'hangs instead of booting' 1 '[Tt]ime' "$tmp/bin/hangs" --timeout 2
impostor dies 'kill -SEGV $$'
bad 'dies by a signal' 1 'SIGSEGV' "$tmp/bin/dies"
impostor refuses 'echo "qemu: -device: no such thing" >&2; exit 1'
bad 'refuses our options' 99 'no such thing' "$tmp/bin/refuses"
impostor leaves 'exit 0'
bad 'ends without a word' 99 '' "$tmp/bin/leaves"

bad 'a machine type that is not there' 2 'pc-q35-1\.0' "$real" --machine pc-q35-1.0
bad 'a machine type that is not a q35' 2 '' "$real" --machine microvm
run 60 "$smmrun" --arch x86_64 --qemu "$real" --accel kvm "$one"
case $status in
    0) skip 'KVM without SMM' 'this KVM has SMM' ;;
    77) expect 'KVM without SMM' 77 '# SKIP .*SMM.*ACCEL=tcg' ;;
    *) expect 'no KVM' 99 'accel kvm does not work: .*ACCEL=tcg' ;;
esac
check_clean 'KVM'
mkdir "$tmp/a folder"
ln -s "$real" "$tmp/a folder/qemu-system-x86_64"
bad 'a path with a blank' 0 '1 passed' "$tmp/a folder/qemu-system-x86_64"

run 20 "$smmrun" 'no.such_test'
expect 'a glob that matches nothing' 2 'no\.such_test'
run 20 "$smmrun" --frobnicate
expect 'an unknown option' 2 'frobnicate'
run 20 "$smmrun" --kernel-dir "$tmp/nowhere" "$one"
expect 'no kernel there' 2 "$tmp/nowhere"
run 20 "$smmrun" --junit "$tmp/nowhere/out.xml" "$one"
expect 'a report that cannot be written' 2 "$tmp/nowhere"
check_clean 'usage errors'

# interrupt SIGNAL EXIT QEMU: in the middle of a test
interrupt() {
    local name="SIG$1 in the middle" pid began
    # A shell without job control starts background jobs with SIGINT ignored.
    env --default-signal=INT "$smmrun" --arch x86_64 --qemu "$tmp/bin/$3" --timeout 1000 "$one" \
        >"$tmp/output" 2>&1 </dev/null &
    pid=$!
    began=$(now)
    # A grep in place of the pattern would find itself: it has the mark as well.
    until [[ $(processes) == *'sleep 1000'* ]] || [ $(($(now) - began)) -gt 120000 ]; do
        sleep 0.1
    done
    check "$name: was in the middle" kill -0 "$pid"
    began=$(now)
    kill "-$1" "$pid"
    { wait "$pid"; } 2>/dev/null # bash tells of a killed job there
    status=$?
    elapsed=$(($(now) - began))
    output=$(cat "$tmp/output")
    expect "$name" "$2"
    check "$name: ends soon" test "$elapsed" -lt 60000
    check_clean "$name"
}
interrupt INT 130 hangs
interrupt TERM 143 hangs
# Nobody can end the children of a wrapper script then, only QEMU itself.
impostor sleeps 'exec sleep 1000'
interrupt KILL 137 sleeps
finish
