#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tools/bisect: builds the commit that is checked out in $work/source.
# The parts share their variables.  "a && b || c" is meant as it is read.
# shellcheck disable=SC2015,SC2034,SC2154

# The first line of a log that says what is wrong.
complaint() {
    local line
    line=$(grep -m 1 -E '(^|[ :])(error|ERROR|[A-Za-z]+Error)[: ]|undefined reference' "$1" ||
        grep -m 1 -E '^(FAILED|ninja: [^n])|\*\*\*' "$1" || tail -n 1 "$1")
    line=${line//"$work/source/"/}
    printf '%s' "${line:-no message}"
}

# A full disk is no property of a commit.
check_disk() {
    ! grep -qE 'No space left on device|Disk quota exceeded' "$1" ||
        broken "no space left in $work: make room, or name another folder with --work"
}

# bounded LOG COMMAND...: output to LOG; 124: took longer than --build-limit
bounded() {
    local log=$1
    shift
    # The user's submodules are cloned from his disk.
    GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=protocol.file.allow GIT_CONFIG_VALUE_0=always \
        run_job timeout -k 10 "$build_limit" "$@" >>"$log" 2>&1
}

# Configures afresh, with the options that this version of configure knows.
configure() {
    local log=$work/log/configure began=$EPOCHREALTIME status option i options=(
        --without-default-features --enable-tcg --disable-docs --disable-tools
        --disable-guest-agent --disable-werror --disable-debug-info)
    command -v ccache >/dev/null && options+=("--cc=ccache ${CC:-cc}")
    while :; do
        rm -rf "$work/build" && mkdir "$work/build" || broken "$work/build cannot be renewed"
        : >"$log"
        bounded "$log" env --chdir="$work/build" ../source/configure \
            "--target-list=$(IFS=, && echo "${targets[*]}")" "${options[@]}" \
            "${configure_words[@]}"
        status=$?
        [ "$status" != 0 ] || break
        check_disk "$log"
        option=$(sed -nE 's/.*unknown option:? *[`'\''"]?(--[a-z0-9-]+).*/\1/Ip' "$log" | head -n 1)
        for i in "${!options[@]}"; do
            [ "${options[i]%%=*}" = "$option" ] && unset "options[i]" && continue 2
        done
        break
    done
    event configure "$(since "$began")"
    [ "$status" = 0 ] || return "$status"
    touch "$work/configured"
}

# Does the log blame the compiler's input?  Anything else may be what is left of the configuration
# of another commit.
is_source_error() {
    grep -qE '\.[a-zA-Z]+:[0-9]+(:[0-9]+)?: (fatal )?error: |undefined reference to' "$1" ||
        grep -qE 'multiple definition of|ld returned [1-9]' "$1"
}

build_qemu() {
    local log=$1 fresh=
    if [ ! -e "$work/configured" ]; then
        configure || {
            reason="configure fails: $(complaint "$work/log/configure")"
            return 1
        }
        fresh=1
    fi
    while :; do
        : >"$log"
        bounded "$log" make -C "$work/build" -j "$jobs" "${arches[@]/#/qemu-system-}"
        case $? in
            0) return 0 ;;
            124) reason="make did not end in $build_limit s" && return 1 ;;
        esac
        check_disk "$log"
        if [ -n "$fresh" ] || is_source_error "$log"; then
            reason="does not build: $(complaint "$log")"
            return 1
        fi
        rm -f "$work/configured"
        fresh=1
        configure || {
            reason="configure fails: $(complaint "$work/log/configure")"
            return 1
        }
    done
}

# A QEMU that runs from its build folder looks for its firmware below qemu-bundle and nowhere else
# (QEMU util/cutils.c, get_relocated_path(); since 7.1), also for what --firmwarepath names.
link_firmware() {
    local word dir paths
    [ -d "$work/build/qemu-bundle" ] || return 0
    for word in ${configure_words[@]+"${configure_words[@]}"}; do
        case $word in --firmwarepath=*) ;; *) continue ;; esac
        IFS=: read -ra paths <<<"${word#*=}"
        for dir in "${paths[@]}"; do
            [ -d "$dir" ] && [ ! -e "$work/build/qemu-bundle$dir" ] || continue
            mkdir -p "$work/build/qemu-bundle${dir%/*}"
            ln -sfn "$dir" "$work/build/qemu-bundle${dir%%/}"
        done
    done
}

# build_commit: sets qemu, the binary; or fails and sets reason
build_commit() {
    local log=$work/log/build began=$EPOCHREALTIME status=0 program
    : >"$log"
    # What an earlier commit has left must not pass for this one's.
    for program in "${arches[@]/#/qemu-system-}"; do
        [ -z "$build_command" ] || rm -f "$work/build/$program"
    done
    if [ -n "$build_command" ]; then
        BUILD=$work/build TARGETS="${targets[*]}" JOBS=$jobs bounded "$log" env \
            --chdir="$work/source" bash -c "$build_command"
        status=$?
        check_disk "$log"
        case $status in
            0) ;;
            124) reason="the build did not end in $build_limit s" ;;
            *) reason="does not build: $(complaint "$log")" ;;
        esac
    else
        build_qemu "$log" && link_firmware || status=1
    fi
    event build "$(since "$began")"
    [ "$status" = 0 ] || return 1
    for program in "${arches[@]/#/qemu-system-}"; do
        [ -x "$work/build/$program" ] || {
            reason="the build leaves no $program"
            return 1
        }
    done
    # The one for x86_64 stands for both.
    qemu=$work/build/qemu-system-x86_64
    [ -x "$qemu" ] || qemu=$work/build/qemu-system-i386
}
