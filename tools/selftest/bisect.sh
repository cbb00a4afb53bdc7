#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools/bisect over a small tree whose "build" yields the system's QEMU, with or without a fault,
# one that hangs or dies, or nothing.
. "$(dirname "$0")/lib.sh"
bisect=$top/tools/bisect
export SMMRUN=$build/smmrun
[ -x "$SMMRUN" ] || skip_all "$SMMRUN is missing: run 'make'"
command -v git >/dev/null || skip_all 'git is not installed'
real=$(command -v "${QEMU:-qemu-system-x86_64}") || skip_all 'qemu-system-x86_64 is not installed'
unset QEMU ACCEL MACHINE TIMEOUT
export REAL=$real TMPDIR=$tmp/files HOME=$tmp GIT_CONFIG_NOSYSTEM=1 GIT_CEILING_DIRECTORIES=$tmp
export SMM_SELFTEST="mark-${tmp##*/}" STALL=$tmp/stall COUNTER=$tmp/counter
mkdir "$TMPDIR" "$tmp/bin"
tree="$tmp/a tree"
readonly one=negotiation.offers broadcast='-global ICH9-LPC.x-smi-broadcast=off'

git config --global user.name Nobody
git config --global user.email nobody@example.org
git config --global init.defaultBranch main
git init -q "$tree"
cd "$tree" || exit 1

# What the tree builds: $how says what comes out of it, $fault is appended to QEMU's command line.
cat >make-qemu <<'MAKE'
. ./how
. ./fault
echo >>"$BUILD/count"
if [ -e "$STALL" ] && [ "$(wc -l <"$BUILD/count")" = 3 ]; then
    : >"$STALL.reached"
    sleep 1000
fi
case $how in
    broken) echo "lpc.c:1:2: error: 'MASK' undeclared" && exit 1 ;;
    full) echo 'cc1: error: write: No space left on device' && exit 1 ;;
    hang) line='sleep 1000' ;;
    crash) line='kill -ABRT $$' ;;
    vary) line="echo >>$COUNTER; [ \$((\$(wc -l <$COUNTER) % 3)) != 2 ] || set -- \"\$@\" $fault" ;;
    *) line="set -- \"\$@\" $fault" ;;
esac
cat >"$BUILD/qemu-system-x86_64" <<QEMU
#!/bin/bash
case " \$* " in *' -kernel '*) $line ;; esac
exec $REAL "\$@"
QEMU
chmod +x "$BUILD/qemu-system-x86_64"
MAKE
# The same behind what looks like QEMU's own build.
cat >configure <<'CONFIGURE'
#!/bin/bash
for word; do
    case $word in
        --disable-tools | --no-such-thing) echo "ERROR: unknown option $word" && exit 1 ;;
        --target-list=*) [ "$word" = --target-list=x86_64-softmmu ] || exit 1 ;;
    esac
done
source=$(dirname "$0")
cat "$source/layout" >layout
mkdir qemu-bundle
cat >Makefile <<RULE
.PHONY: qemu-system-x86_64
qemu-system-x86_64: ; cmp $source/layout layout && cd $source && BUILD=$PWD bash make-qemu
RULE
CONFIGURE
chmod +x configure
echo 1 >layout

# commit NAME HOW [FAULT]: one more, with a tag of that name; the fault stays until told
fault=
commit() {
    fault=${3-$fault}
    echo "how=$2" >how
    echo "fault='$fault'" >fault
    echo "$1" >"name-$1"
    git add . && git commit -q -m "hw/isa: $1" && git tag "$1"
}
commit c0 good
commit c1 good
git checkout -q -b side
commit s1 good
commit s2 good "$broadcast" # the fault
commit s3 broken
commit s4 good
git checkout -q main
commit c2 broken ''
commit c3 good
git merge -q -m 'Merge side' side && git tag m
commit c4 hang "$broadcast"
commit c5 good
commit c6 crash
commit c7 good
commit c8 broken
commit c9 good '' # mended
echo 2 >layout
commit c10 good
git checkout -q -b vary c1
commit v1 good
commit v2 vary "$broadcast"
commit v3 vary
git checkout -q -b edge c1
commit e1 broken ''
commit e2 good "$broadcast"
commit e3 full
git checkout -q main
state() { git for-each-ref && git rev-parse HEAD && find .git -type f | sort; }
before=$(state)

hash() { git rev-parse "$1"; }

search() { run 300 "$bisect" --test "$one" --build 'bash make-qemu' "$@" "$tree"; }

# shellcheck disable=SC2317
untouched() {
    git status --porcelain >"$tmp/changes" && [ ! -s "$tmp/changes" ] &&
        [ -z "$(ls -A "$TMPDIR")" ] && [ "$before" = "$(state)" ]
}

search --good c0 --bad c7 --timeout 1 --kind fail
expect 'the first bad commit, on a side branch' 0 "^$(hash s2): the first bad commit$"
check 'what does not build is skipped' grep -q '^skip.* hw/isa: s3$' <<<"$output"
expect 'the log is there' 0 '^git bisect start .*--term-new'
good_command=$(sed -n 's/^  good  //p' <<<"$output")
bad_command=$(sed -n 's/^  bad   //p' <<<"$output")
check 'nothing is left, nothing is touched' untouched
run 60 bash -c "$good_command"
expect 'the command for good' 0 '1 passed'
run 60 bash -c "$bad_command"
expect 'the command for bad' 1 'mask: got 0x6'
run 60 "$bisect" --at c2 --test "$one" --build 'bash make-qemu' "$tree"
expect 'a commit that does not build' 125 "c2 does not build: lpc\.c:1:2: error: 'MASK' undecl"

search --first-fixed --bad c5 --good c10 --check mask
expect 'the commit before the first fixed one does not build' 1 \
    '^Not found: .* The first fixed commit is one of:$'
check 'both are named' test "$(grep -cE '^  [0-9a-f]+ hw/isa: c[89]$' <<<"$output")" = 2
search --first-parent --good c3 --bad c5 --check mask --timeout 1
expect 'the merge for all that it merges' 0 "^$(hash m): the first bad commit$"

search --good v1 --bad v3 --repeat 3
expect 'a fault that shows in one run of three' 0 "^$(hash v2): the first bad commit$"
search --good c3 --bad c6 --kind crash --timeout 1
expect 'only what dies is bad, a failing check is good' 0 "^$(hash c6): the first bad commit$"
search --good c3 --bad c4 --kind hang --timeout 1
expect 'only what hangs is bad' 0 "^$(hash c4): the first bad commit$"

run 300 "$bisect" --good=c3 --bad=c5 --test "$one" --configure --no-such-thing "$tree"
expect "configure knows the user's words or fails" 2 'unknown option --no-such-thing '
run 300 "$bisect" --first-fixed --bad=c7 --good=c10 --test "$one" "$tree"
expect 'configure and make' 1 'configured 3 times'
mkdir "$tmp/roms"
: >"$tmp/roms/some.rom"
run 300 "$bisect" --at c3 --test "$one" --configure "--firmwarepath=$tmp/none:$tmp/roms" \
    --keep --work "$TMPDIR/work" "$tree"
expect 'QEMU in its build folder finds the firmware of --firmwarepath' 0 '1 passed'
check 'by a link' test -e "$TMPDIR/work/build/qemu-bundle$tmp/roms/some.rom"
rm -rf "$TMPDIR/work"

# In the middle of a build, as Ctrl-C does it.
: >"$STALL"
env --default-signal=INT "$bisect" --good c0 --bad c7 --test "$one" --work "$TMPDIR/work" \
    --build 'bash make-qemu' --timeout 1 --kind fail "$tree" >"$tmp/interrupted" 2>&1 </dev/null &
pid=$!
for ((i = 0; i < 1200; i++)); do [ -e "$STALL.reached" ] || sleep 0.1; done
run 10 "$bisect" --resume "$TMPDIR/work"
expect 'two at once in one work folder' 2 'another tools/bisect is at work'
kill -INT "$pid"
{ wait "$pid"; } 2>/dev/null
status=$?
output=$(cat "$tmp/interrupted")
expect 'an interrupt' 130 "tools/bisect --resume $TMPDIR/work$"
output=$(processes)
check 'ends its processes' test -z "$output"
run 60 "$bisect" --resume "$TMPDIR/work"
expect 'is resumed' 0 "^$(hash s2): the first bad commit$"
check 'what was known is not built again' test "$(grep -c '^good.* c0$' <<<"$output")" = 0
check 'and nothing is left' untouched
run 10 "$bisect" --resume "$TMPDIR/work"
expect 'resume of what is not there' 2 'nothing to resume there'
: >"$STALL"
search --good c0 --bad c7 --check mask --timeout 1 --build-limit 10
expect 'a build that hangs is a commit to skip' 0 '^ +the build did not end in 10 s'
rm "$STALL"
search --good c1 --bad e3 --work "$TMPDIR/work"
expect 'a full disk is no property of a commit' 99 '^bisect: no space left in '
expect 'and can be resumed' 99 "tools/bisect --resume $TMPDIR/work$"
rm -r "$TMPDIR/work"

# Binaries: the same QEMU with more and more faults.
program() {
    printf '#!/bin/bash\ncase "$*" in *-kernel*) %s ;; esac\nexec %q "$@"\n' "$2" "$real" \
        >"$tmp/bin/$1"
    chmod +x "$tmp/bin/$1"
}
program 1 :
program 2 :
program 3 'exit 1'
program 4 "set -- \"\$@\" $broadcast"
program 5 'kill -SEGV $$'
list() { run 60 "$bisect" --test "$one" "$@"; }
list --binaries "$tmp"/bin/[1245]
expect 'the first bad binary' 0 "^$tmp/bin/4: the first bad binary$"
list --binaries "$tmp"/bin/[1245] --kind crash
expect 'the first that dies' 0 "^$tmp/bin/5: the first bad binary$"
list --binaries "$tmp"/bin/[1234]
expect 'one that cannot be judged before it' 1 "^  $tmp/bin/3$"
list --binaries --first-fixed "$tmp"/bin/{5,4,2,1}
expect 'the first binary that is good again' 0 "^$tmp/bin/2: the first fixed binary$"
list --binaries "$tmp"/bin/[45]
expect 'the oldest binary is bad' 2 'bin/4 is to be good but is bad: .*: fail, mask: '
list --binaries "$tmp"/bin/1 /bin/true
expect 'a binary that is no QEMU' 2 '/bin/true is to be bad but cannot be judged'
list --binaries "$tmp"/bin/1 "$tmp"/bin/9
expect 'no such binary' 2 'bin/9 is not a program$'

# A test that a known issue calls statistical.
mkdir "$tmp/known"
printf '#!/bin/bash\nexec %q "$@"\n' "$SMMRUN" >"$tmp/known/smmrun"
chmod +x "$tmp/known/smmrun"
echo '{"issues": [{"finding": "x", "test": "negotiation.o*", "check": "mask",
    "statistical": true, "reason": "y"}]}' >"$tmp/known/known-issues.json"
SMMRUN=$tmp/known/smmrun list --binaries "$tmp"/bin/[45]
expect 'what is known to vary runs ten times' 2 'bin/4 is to be good .* \(10 of 10 runs\)'

# Wrong usage: one sentence, at once.
wrong() {
    local name=$1 pattern=$2
    shift 2
    run 10 "$bisect" --build 'bash make-qemu' "$@"
    expect "$name" 2 "^bisect: .*$pattern"
}
wrong 'no test' 'say which test' --good c0 --bad c7 "$tree"
wrong 'no ends' 'say --good REV and --bad REV' --test "$one" "$tree"
wrong 'no tree' 'one TREE is needed' --good c0 --bad c7 --test "$one"
wrong 'an unknown test' 'no test matches "negotiation.x"; the closest are ' --good c0 --bad c7 \
    --test negotiation.x "$tree"
wrong 'an unknown revision' '--bad c77: .* has no such commit' --good c0 --bad c77 --test "$one" \
    "$tree"
wrong 'no git tree' 'is no git tree' --good c0 --bad c7 --test "$one" "$tmp/bin"
wrong 'ends the wrong way round' 'use --first-fixed' --good c7 --bad c0 --test "$one" "$tree"
wrong 'not an ancestor' 'v1 is not an ancestor of c7' --good v1 --bad c7 --test "$one" "$tree"
wrong 'the same commit' 'are the same commit' --good c0 --bad c0 --test "$one" "$tree"
wrong 'an unknown option' "'--frobnicate' is no option" --frobnicate
wrong 'an unknown kind' 'hang, crash, fail or any' --kind slow --good c0 --bad c7 --test "$one" \
    "$tree"
search --good c0 --bad c1
expect 'the new end is good' 2 'the bad revision .* c1 turns out good'
search --good s2 --bad c5
expect 'the old end is bad' 2 'the good revision .* s2 turns out bad'
search --good c0 --bad c8
expect 'an end that does not build' 2 'the bad revision .* c8 cannot be judged: does not build'
search --good c0 --bad s2 --check frob
expect 'an unknown check' 2 'the check frob was not made; made: .*mask'
check 'nothing is left of all that' untouched
finish
