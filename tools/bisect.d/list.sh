#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tools/bisect: the search over binaries that are there already.
# The parts share their variables.  "a && b || c" is meant as it is read.
# shellcheck disable=SC2015,SC2034,SC2154

check_binaries() {
    local i
    for i in "${!places[@]}"; do
        case ${places[i]} in /*) ;; *) places[i]=$PWD/${places[i]} ;; esac
        [ -f "${places[i]}" ] && [ -x "${places[i]}" ] ||
            bad_usage "${places[i]} is not a program"
    done
}

# try_binary INDEX: sets verdict and reason, known or new
try_binary() {
    local began=$EPOCHREALTIME
    recall "$1" && return
    judge "${places[$1]}"
    reason+=" [test $(since "$began") s]"
    remember "$1" "$verdict" "$reason"
    printf '%-4s  %s\n      %s\n' "$verdict" "${places[$1]}" "$reason"
}

verify_binary() {
    try_binary "$1"
    [ "$verdict" != "$2" ] || return 0
    case $verdict in
        skip) say "${places[$1]} is to be $2 but cannot be judged: $reason" ;;
        *) say "${places[$1]} is to be $2 but is $verdict: $reason" ;;
    esac
    leave 2
}

# The binary between $1 and $2, nearest to the middle, that has a verdict: sets index.
between() {
    local middle=$((($1 + $2) / 2)) step candidate
    for ((step = 0; step < $2 - $1; step++)); do
        for candidate in $((middle - step)) $((middle + step)); do
            [ "$candidate" -gt "$1" ] && [ "$candidate" -lt "$2" ] || continue
            try_binary "$candidate"
            index=$candidate
            [ "$verdict" = skip ] || return 0
        done
    done
    return 1
}

search_list() {
    local low=0 high=$((${#places[@]} - 1)) index i old_verdict=good new_verdict=bad term=bad
    [ -z "$first_fixed" ] || old_verdict=bad new_verdict=good term=fixed
    verify_binary "$low" "$old_verdict"
    verify_binary "$high" "$new_verdict"
    while [ $((high - low)) -gt 1 ] && between "$low" "$high"; do
        if [ "$verdict" = "$old_verdict" ]; then low=$index; else high=$index; fi
    done
    if [ $((high - low)) -gt 1 ]; then
        printf '\nNot found: what is left cannot be judged.  '
        printf 'The first %s binary is one of:\n' "$term"
        for ((i = low + 1; i <= high; i++)); do printf '  %s\n' "${places[i]}"; done
    else
        printf '\n%s: the first %s binary\n' "${places[high]}" "$term"
        printf '%s: the one before it\n' "${places[low]}"
    fi
    printf '\nSee it:\n'
    for i in high low; do
        printf '  %-4s  %s\n' "$([ "$i" = high ] && echo "$new_verdict" || echo "$old_verdict")" \
            "$(pasteable "$smmrun" -v --repeat "$repeat" --qemu "${places[$i]}" "${smm_words[@]}")"
    done
    printf '\n'
    summary
    [ $((high - low)) = 1 ]
    leave $?
}
