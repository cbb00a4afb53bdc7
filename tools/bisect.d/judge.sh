#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tools/bisect: is this QEMU good or bad?
# The parts share their variables.  "a && b || c" is meant as it is read.
# shellcheck disable=SC2015,SC2034,SC2154

smmrun=${SMMRUN:-$top/build/smmrun}
targets=() # QEMU's: x86_64-softmmu, i386-softmmu
smm_words=() # smmrun's options and the tests, without --qemu

# Globs of tests that a known issue calls statistical.  Its objects are flat.
statistical_tests() {
    tr '\n' ' ' <"$(dirname "$smmrun")/known-issues.json" | grep -oE '\{[^{}]*\}' |
        grep -E '"statistical": *true' | sed -nE 's/.*"test": *"([^"]*)".*/\1/p' | sort -u
}

# Which architectures the tests need, how often they run.
prepare_judge() {
    local list id glob word
    [ -x "$smmrun" ] || bad_usage "$smmrun is missing: run 'make'"
    list=$(QEMU='' "$smmrun" -l "${tests[@]}" 2>&1) || bad_usage "${list#smmrun: }"
    if [ ${#arches[@]} = 0 ]; then
        grep -qvE '[[ ]arch=i386[] ]' <<<"$list" && arches+=(x86_64)
        grep -qE '[[ ]arch=i386[] ]' <<<"$list" && arches+=(i386)
    fi
    for word in "${arches[@]}"; do
        targets+=("$word-softmmu")
        smm_words+=(--arch "$word")
    done
    if [ -z "$repeat" ]; then
        repeat=1
        while read -r glob; do
            while read -r id _; do
                # shellcheck disable=SC2053
                [[ $id == $glob ]] || continue
                [ "$repeat" = 10 ] || say "$id is known to vary: 10 runs of each (--repeat)"
                repeat=10
            done <<<"$list"
        done < <(statistical_tests 2>/dev/null)
    fi
    smm_words+=(--no-known "${run_words[@]}" "${tests[@]}")
}

# From smmrun's TAP: one line per run of a test: bad, unclear, good or skip, a tab, the reason.
# That is also their order: a test that is skipped says nothing if another one is carried out.
read -r -d '' read_tap <<'AWK'
function finish(kind, verdict)
{
    if (name == "")
        return
    if (check != "" && check != "qemu") {
        # The check's own result, whatever became of the test.
        if (check in failed)
            print "bad\t" name ": " check " fails"
        else if (check in passed)
            print "good\t" name ": " check " passes"
        else
            print "skip\t" name ": the check " check " was not made" \
                (reason == "" ? "" : " (" reason ")") "; made:" made
    } else if (status == "skip" || status == "error")
        print status == "error" ? "unclear\t" name " could not be carried out: " reason \
                                : "skip\t" name ": " reason
    else if (status == "pass")
        print "good\t" name ": pass"
    else {
        kind = "fail"
        if (reason ~ /^timeout after |, and the guest did not end/)
            kind = "hang"
        else if (reason ~ /^QEMU died by |^QEMU exited with status /)
            kind = "crash"
        if (wanted == "any" || wanted == kind)
            verdict = "bad"
        else if (kind == "fail")
            verdict = "good" # it went on to its end
        else
            verdict = "unclear" # it never came so far
        if (check == "qemu")
            verdict = kind == "fail" ? "good" : "bad"
        print verdict "\t" name ": " kind ", " reason
    }
}

function forget()
{
    delete passed
    delete failed
    made = name = ""
}

/^    (not )?ok [0-9]+ - / {
    if (name != "") {
        finish()
        forget()
    }
    id = $0
    sub(/^ *(not )?ok [0-9]+ - /, "", id)
    sub(/ .*/, "", id)
    made = made " " id
    if (/^    not/)
        failed[id]
    else if (!/# SKIP/)
        passed[id]
    next
}

/^(not )?ok [0-9]+ - / {
    if (name != "") {
        finish()
        forget()
    }
    status = /^not/ ? "error" : "pass"
    reason = ""
    name = $0
    sub(/^(not )?ok [0-9]+ - /, "", name)
    if (i = index(name, " # SKIP ")) {
        status = "skip"
        reason = substr(name, i + 8)
    }
    sub(/ .*/, "", name)
    next
}

/^# (fail|error): / && name != "" && reason == "" {
    status = substr($2, 1, length($2) - 1)
    reason = substr($0, length($2) + 4)
}

END { finish() }
AWK

# judge QEMU: sets verdict (good, bad, skip) and reason.  One bad run is enough.
judge() {
    local status began=$EPOCHREALTIME lines word text tap=$work/log/test.tap
    run_job env -u QEMU "$smmrun" --tap --verbose --no-rerun --keep-logs "$work/log/tests" \
        --repeat "$repeat" --qemu "$1" "${smm_words[@]}" >"$tap" 2>"$work/log/test.err"
    status=$?
    event test "$(since "$began")"
    rm -rf "$work/log/tests"
    case $status in
        0 | 1 | 77 | 99) ;;
        2)
            verdict=skip reason=$(head -n 1 "$work/log/test.err")
            return
            ;;
        *) broken "smmrun ended with status $status: $(tail -n 1 "$work/log/test.err")" ;;
    esac
    lines=$(awk -v check="$check" -v wanted="$kind" "$read_tap" "$tap")
    verdict=
    for word in bad unclear good skip; do
        text=$(grep -m 1 "^$word"$'\t' <<<"$lines") || continue
        verdict=${word/unclear/skip} reason=${text#*$'\t'}
        break
    done
    if [ -z "$verdict" ]; then
        verdict=skip reason=$(cat "$work/log/test.err" "$tap" | head -n 1)
    elif [ "$repeat" -gt 1 ] && [ "$verdict" != skip ]; then
        reason+=" ($(grep -c "^$verdict" <<<"$lines") of $(grep -c . <<<"$lines") runs)"
    fi
}
