#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools/deps on systems that are faked by an os-release file and programs first in PATH.
. "$(dirname "$0")/lib.sh"
deps=$top/tools/deps

printf 'ID=plan9\nPRETTY_NAME="Plan 9"\n' >"$tmp/os-release"
OS_RELEASE=$tmp/os-release run 20 "$deps"
expect 'an unknown system: the list, to install by hand' 1 '^deps: Plan 9 is not Debian.*libelf-dev'
OS_RELEASE=$tmp/absent run 20 "$deps"
expect 'no os-release' 1 '^deps: unknown is not Debian'
run 20 "$deps" frobnicate
expect 'an unknown argument' 2 "'frobnicate' is not one of all, run"

# A system where nothing is installed; apt-get records how it is called.
mkdir "$tmp/bin"
printf 'ID=ubuntu\nID_LIKE=debian\n' >"$tmp/os-release"
printf '#!/bin/sh\nexit 1\n' >"$tmp/bin/dpkg-query"
cat >"$tmp/bin/apt-get" <<FAKE
#!/bin/sh
echo "\$@" >>"$tmp/calls"
case " \$* " in *" install "*) exit \${APT_STATUS:-0} ;; esac
FAKE
printf '#!/bin/sh\nexec "$@"\n' >"$tmp/bin/sudo"
chmod +x "$tmp/bin"/*
export OS_RELEASE=$tmp/os-release PATH="$tmp/bin:$PATH"
run 20 "$deps" run
expect 'nothing installed: says what it installs' 0 '^deps: installing gcc .*qemu-system-x86$'
calls=$(cat "$tmp/calls")
case $calls in
    *update*$'\n'*--no-install-recommends*libjansson-dev*) pass 'updates, then installs' ;;
    *) fail 'updates, then installs' "$calls" ;;
esac
case $calls in
    *clang*) fail '"run" leaves the developer tools out' "$calls" ;;
    *) pass '"run" leaves the developer tools out' ;;
esac
APT_STATUS=100 run 20 "$deps"
expect 'apt-get fails' 1 '^deps: apt-get could not install all of: '

# A system where everything is installed, with pkg-config in place of pkgconf.
cat >"$tmp/bin/dpkg-query" <<'FAKE'
#!/bin/sh
for name; do
    case $name in pkgconf | -*) ;; *) echo "|installed|$name|" ;; esac
done
FAKE
rm "$tmp/calls"
run 20 "$deps"
expect 'all installed' 0
check 'says nothing' test -z "$output"
check 'apt-get is not called' test ! -e "$tmp/calls"
finish
