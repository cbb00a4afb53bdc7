#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tools/bisect: the search over a git tree.
# The parts share their variables.  "a && b || c" is meant as it is read.
# shellcheck disable=SC2015,SC2034,SC2154

tree=       # the user's, only read
old=        # commit at the old end; all commits are full names
new=        # at the new end
old_verdict=good
new_verdict=bad
old_term=good # words of git bisect
new_term=bad

own() { git -C "$work/source" "$@"; }

# commit_of OPTION REV: the full name
commit_of() {
    git -C "$tree" rev-parse -q --verify --end-of-options "$2^{commit}" 2>/dev/null ||
        bad_usage "$1 $2: $tree has no such commit"
}

# The tree and its ends, as far as they can be judged without building.
open_tree() {
    local problem first=$good last=$bad
    tree=$(cd "${places[0]}" 2>/dev/null && pwd) || bad_usage "${places[0]} is no folder"
    problem=$(git -C "$tree" rev-parse --git-dir 2>&1 >/dev/null) ||
        bad_usage "$tree is no git tree: ${problem%%$'\n'*}"
    if [ -n "$at" ]; then
        new=$(commit_of --at "$at") || leave 2
        return
    fi
    if [ -n "$first_fixed" ]; then
        first=$bad last=$good old_verdict=bad new_verdict=good old_term=broken new_term=fixed
    fi
    good=$(commit_of --good "$good") && bad=$(commit_of --bad "$bad") || leave 2
    old=$good new=$bad
    [ -z "$first_fixed" ] || old=$bad new=$good
    [ "$old" != "$new" ] || bad_usage "$first and $last are the same commit"
    git -C "$tree" merge-base --is-ancestor "$old" "$new" && return
    if git -C "$tree" merge-base --is-ancestor "$new" "$old"; then
        bad_usage "$last comes before $first: to search from bad to good, use --first-fixed," \
            "from good to bad leave it out"
    fi
    bad_usage "$first is not an ancestor of $last"
}

# A repository of our own, which borrows the objects of the user's: neither his files nor his
# branches and settings are touched, and nothing of ours is left in his.
make_source() {
    local source=$work/source shallow module name copy
    [ ! -e "$source/.git/complete" ] || return 0
    rm -rf "$source"
    git init -q --template= --object-format="$(git -C "$tree" rev-parse --show-object-format)" \
        "$source" || broken "$source cannot be made"
    mkdir -p "$source/.git/objects/info" &&
        git -C "$tree" rev-parse --path-format=absolute --git-path objects \
            >"$source/.git/objects/info/alternates" || broken "$source cannot be made"
    shallow=$(git -C "$tree" rev-parse --path-format=absolute --git-path shallow)
    [ ! -e "$shallow" ] || cp "$shallow" "$source/.git/shallow"
    own config core.hooksPath /dev/null
    own config advice.detachedHead false
    own config gc.auto 0
    # What he has loaded needs no network: submodules, and what meson has fetched.
    module=$(git -C "$tree" rev-parse --path-format=absolute --git-path modules)
    for copy in "$module"/*/HEAD "$module"/*/*/HEAD "$module"/*/*/*/HEAD; do
        [ -e "$copy" ] || continue
        name=${copy#"$module"/}
        own config "submodule.${name%/HEAD}.url" "file://${copy%/HEAD}"
    done
    for copy in "$tree"/subprojects/*/; do
        git -C "$tree" check-ignore -q "$copy" 2>/dev/null || continue
        mkdir -p "$source/subprojects" && cp -a "$copy" "$source/subprojects/"
    done
    touch "$source/.git/complete"
}

title() { own log -1 --format='%h %s' "$1"; }

# try_commit COMMIT: sets verdict and reason, known or new, and says so
try_commit() {
    local began=$EPOCHREALTIME built
    if recall "$1"; then
        return
    fi
    rm -f "$work/source/.git/index.lock" # of a run that was killed
    own checkout -q -f --detach "$1" 2>"$work/log/checkout" ||
        broken "cannot check $1 out: $(tail -n 1 "$work/log/checkout")"
    if build_commit; then
        built=$(since "$began")
        began=$EPOCHREALTIME
        judge "$qemu"
        reason+=" [build $built s, test $(since "$began") s]"
    else
        verdict=skip
        reason+=" [build $(since "$began") s]"
    fi
    remember "$1" "$verdict" "$reason"
    printf '%-4s  %s\n      %s\n' "$verdict" "$(title "$1")" "$reason"
}

# The end must be what the user says it is.
verify_end() {
    try_commit "$1"
    [ "$verdict" != "$2" ] || return 0
    if [ "$verdict" = skip ]; then
        say "the $2 revision $(title "$1") cannot be judged: $reason"
    else
        say "the $2 revision $(title "$1") turns out $verdict: $reason"
    fi
    leave 2
}

# The same words that were given, with another commit: to see one commit's verdict.
command_at() {
    local word words=("$here/bisect" --at "$1")
    for word in "${tests[@]}"; do words+=(--test "$word"); done
    for word in "${arches[@]}"; do words+=(--arch "$word"); done
    for word in "${configure_words[@]}"; do words+=(--configure "$word"); done
    [ "$repeat" = 1 ] || words+=(--repeat "$repeat")
    [ -z "$build_command" ] || words+=(--build "$build_command")
    pasteable "${words[@]}" "${run_words[@]}" "$tree"
}

# report_found COMMIT
report_found() {
    local before
    before=$(own rev-parse "$1^")
    printf '\n%s: the first %s commit\n' "$1" "$new_term"
    own log -1 --stat=80 --format='Author: %an <%ae>%nDate:   %ad%n%n    %s%n' "$1"
    recall "$1" && printf '\n%s at this commit: %s\n' "${verdict^}" "$reason"
    recall "$before" && printf '%s before it: %s\n' "${verdict^}" "$reason"
    printf '\nSee it:\n  %-4s  %s\n' "$new_verdict" "$(command_at "$1")"
    printf '  %-4s  %s\n' "$old_verdict" "$(command_at "$before")"
}

# report_undecided OUTPUT-OF-GIT
report_undecided() {
    local commit
    printf '\nNot found: what is left cannot be judged.  '
    printf 'The first %s commit is one of:\n' "$new_term"
    while read -r commit; do
        verdict='' reason='not tested'
        recall "$commit"
        printf '  %s\n      %s\n' "$(title "$commit")" "$reason"
    done < <(grep -xE '[0-9a-f]{40,64}' <<<"$1")
}

report_work() {
    printf '\nThe log, for "git bisect replay":\n'
    own bisect log
    printf '\n%s' "$(summary)"
    printf '\n'
}

# mark COMMIT TERM: tells git bisect; output gets what it says.  Fails when it has ended.
mark() {
    output=$(own bisect "$2" "$1" 2>&1)
    case $? in
        0) ! grep -q "^[0-9a-f]* is the first $new_term commit" <<<"$output" ;;
        2) return 2 ;;
        *) broken "git bisect $2 $1: $output" ;;
    esac
}

search_tree() {
    local commit term status
    make_source
    verify_end "$old" "$old_verdict"
    verify_end "$new" "$new_verdict"
    # Deterministic: after an interruption the same way is gone again, with the verdicts known.
    own bisect reset >/dev/null 2>&1
    # shellcheck disable=SC2086
    output=$(own bisect start --no-checkout $first_parent "--term-old=$old_term" \
        "--term-new=$new_term" "$new" "$old" 2>&1) || broken "git bisect start: $output"
    while ! grep -q "^[0-9a-f]* is the first $new_term commit" <<<"$output"; do
        commit=$(own rev-parse BISECT_HEAD) || broken "git bisect: $output"
        grep '^Bisecting:' <<<"$output"
        try_commit "$commit"
        case $verdict in
            skip) term=skip ;;
            "$old_verdict") term=$old_term ;;
            *) term=$new_term ;;
        esac
        mark "$commit" "$term"
        status=$?
        [ "$status" != 2 ] || {
            report_undecided "$output"
            report_work
            leave 1
        }
    done
    report_found "$(grep -m 1 " is the first $new_term commit" <<<"$output" | cut -d ' ' -f 1)"
    report_work
    leave 0
}

# --at: the user looks himself
try_one() {
    make_source
    own checkout -q -f --detach "$new" || broken "cannot check $new out"
    build_commit || {
        say "$(title "$new") $reason"
        leave 125
    }
    run_job env -u QEMU "$smmrun" --verbose --repeat "$repeat" --qemu "$qemu" "${smm_words[@]}"
    leave $?
}
