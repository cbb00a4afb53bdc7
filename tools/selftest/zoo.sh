#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools/zoo without network: an empty cache, a made-up cache, bad arguments, an unreachable mirror.
. "$(dirname "$0")/lib.sh"
zoo=$top/tools/zoo
export SMM_ZOO="$tmp/a zoo"

run 20 "$zoo" list
expect 'list on an empty cache' 0 '^5\.2 +bullseye +not unpacked$'
check 'list creates nothing' test ! -e "$SMM_ZOO"
run 20 "$zoo" path 7.2
expect 'path of a version that is not unpacked' 1 "'tools/zoo get 7\.2'"
run 20 "$zoo" path 3.1
expect 'path of a version that no suite has' 2 "no suite is known for QEMU '3\.1'"
run 20 "$zoo" path 7.2 arm
expect 'path for another architecture' 2 "'arm' is not x86_64 or i386"
run 20 "$zoo" get 3.1
expect 'get of a version that no suite has' 2 "no suite is known for QEMU '3\.1'"
run 20 "$zoo"
expect 'no verb' 2 '^usage: '
run 20 "$zoo" frobnicate
expect 'an unknown verb' 2 "'frobnicate' is not one of"
run 20 "$zoo" list 7.2
expect 'list with an argument' 2 'takes no argument'
SMM_ZOO_MIRROR=http://127.0.0.1:9/debian run 20 "$zoo" mirror
expect 'mirror' 0 '^http://127\.0\.0\.1:9/debian$'
run 20 "$zoo" remove
expect 'remove on an empty cache' 0
SMM_ZOO=/proc/nowhere run 20 "$zoo" get 7.2
expect 'a cache that cannot be written' 1 'set SMM_ZOO to a folder of yours'

# What get leaves behind, made by hand.
mkdir -p "$SMM_ZOO/sid/bin"
printf '12.3\nQEMU emulator version 12.3.4\n' >"$SMM_ZOO/sid/version"
printf '#!/bin/sh\necho fake\n' >"$SMM_ZOO/sid/bin/qemu-system-x86_64"
run 20 "$zoo" path 12.3
expect "sid's version is what was unpacked" 0 '/a zoo/sid/bin/qemu-system-x86_64$'
run 20 "$zoo" path sid i386
expect 'the other architecture' 0 '/a zoo/sid/bin/qemu-system-i386$'
run 20 "$zoo" path 12.4
expect 'a newer version than sid has' 1 'not unpacked'
run 20 "$zoo" list
expect 'list shows the version' 0 '^12\.3 +sid +QEMU emulator version 12\.3\.4$'
run 20 "$zoo" get sid
expect 'get of what is there asks no network' 0 'sid: QEMU 12\.3 is there'
mkdir "$SMM_ZOO/.fetch.dead"

if command -v mmdebstrap >/dev/null; then
    # Port 9 of the loopback interface refuses at once.
    SMM_ZOO_MIRROR=http://127.0.0.1:9/debian run 60 "$zoo" get 12.3 10.0
    expect 'an unreachable mirror' 1 '^zoo: trixie: http://127\.0\.0\.1:9/debian cannot be reached'
    left=$(find "$SMM_ZOO" -mindepth 1 -maxdepth 1 ! -name sid ! -name .lock)
    check 'nothing is left of it' test -z "$left"
else
    skip 'an unreachable mirror' 'mmdebstrap is not installed'
    skip 'nothing is left of it' 'mmdebstrap is not installed'
fi
run 20 "$zoo" remove 12.3
expect 'remove' 0
check 'it is gone' test ! -e "$SMM_ZOO/sid"
finish
