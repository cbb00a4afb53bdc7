#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every known issue has its page, every page is the page of a known issue or says that it has no
# test, and all pages have one form.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1
readonly headings='Promise
What QEMU does
Versions
See it
Who is hurt
Source'

names=$(grep -oE '"finding": *"[^"]*"' tests/known-issues.json |
    sed 's/.*"\([^"]*\)"$/\1/' | sort -u)
output=
for name in $names; do
    [ -f "docs/findings/$name.md" ] || output+="docs/findings/$name.md is missing"$'\n'
done
check "each known issue has a page" test -z "$output"

output=
for page in docs/findings/*.md; do
    name=$(basename "$page" .md)
    [ "$name" = README ] && continue
    grep -qxF "$name" <<<"$names" || grep -q '^Test: none' "$page" ||
        output+="$page: no known issue names it, and it has no line 'Test: none, because ...'"$'\n'
done
check "each page belongs to a known issue" test -z "$output"

output=
for page in docs/findings/*.md; do
    [ "$page" = docs/findings/README.md ] && continue
    head -n 1 "$page" | grep -q '^# .' || output+="$page: the first line is not a title"$'\n'
    grep -qE '^Severity: (security|correctness|robustness|cosmetic)' "$page" ||
        output+="$page: no line 'Severity: security, correctness, robustness or cosmetic'"$'\n'
    [ "$(sed -n 's/^## //p' "$page")" = "$headings" ] ||
        output+="$page: other headings than: ${headings//$'\n'/, }"$'\n'
    grep '^Fix' "$page" | grep -vqE '^Fix \((tried on|in QEMU by) [0-9.]+\)|^Fix \(not tried\)' &&
        output+="$page: a fix is 'Fix (tried on X.Y)', '(in QEMU by X.Y)' or '(not tried)'"$'\n'
done
check "all pages have one form" test -z "$output"

# shows NAME: the command under "See it" runs a test that a known issue of this finding names
shows() {
    local id word words
    words=$(sed -n '/^## See it/,/^## Who/p' "docs/findings/$1.md" | tr "'\`\"" '   ')
    while read -r id; do
        for word in $words; do
            # shellcheck disable=SC2053
            [[ $word != *[a-z].[*a-z]* || ($id != $word && $word != $id) ]] || return 0
        done
    done < <(grep -F "\"finding\": \"$1\"" tests/known-issues.json |
        sed 's/.*"test": *"\([^"]*\)".*/\1/' | sort -u)
    return 1
}
output=
set -f
for name in $names; do
    shows "$name" || output+="docs/findings/$name.md: 'See it' runs none of its tests"$'\n'
done
set +f
check "each page says how to see it" test -z "$output"

output=$(tools/findings-index | diff - docs/findings/README.md)
check "the index is up to date (tools/findings-index >docs/findings/README.md)" test -z "$output"
finish
