#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools/lint catches what it is there for.
. "$(dirname "$0")/lib.sh"
lint=$top/tools/lint
for tool in clang-format clang-tidy cppcheck shellcheck; do
    command -v "$tool" >/dev/null || skip_all "$tool is not installed: run 'make deps'"
done
spdx='SPDX-License-Identifier: GPL-2.0-or-later'

# lint NAME EXIT PATTERN FILE CONTENT: CONTENT is a printf format
lint() {
    # shellcheck disable=SC2059
    printf "$5" >"$tmp/$4"
    run 60 "$lint" "$tmp/$4"
    expect "$1" "$2" "$3"
    rm "$tmp/$4"
}

lint 'a clean C file' 0 '^tools/lint: nothing wrong in 1 files$' a.c \
    "/* $spdx */\nint f(int x);\nint f(int x)\n{\n    return x;\n}\n"
lint 'layout' 1 '/a\.c:2: not as clang-format' a.c "/* $spdx */\nint  f(int x);\n"
lint 'no licence line' 1 "/a\.c:1: not the line 'SPDX" a.c 'int f(int x);\n'
lint 'another licence' 1 "/a\.c:1: not the line 'SPDX" a.c \
    '/* SPDX-License-Identifier: MIT */\nint f(int x);\n'
lint 'a script with its licence line' 0 'nothing wrong' a.sh "#!/bin/sh\n# $spdx\necho\n"
lint 'a script without' 1 '/a\.sh:2: not the line' a.sh '#!/bin/sh\necho\n'
lint 'a script by its first line' 1 '/script:3:.*SC2086' script "#!/bin/sh\n# $spdx\necho \$1\n"
lint 'a division by zero' 1 '/a\.c:4:.*[Dd]ivision by zero' a.c \
    "/* $spdx */\nint f(int x)\n{\n    return x / (x - x);\n}\n"
lint 'a null dereference' 1 '/a\.c:5:.*[Nn]ull' a.c \
    "/* $spdx */\nint f(void)\n{\n    int *p = (int *)0;\n    return *p;\n}\n"
lint 'a compiler error' 1 '/a\.c:2:.*error' a.c "/* $spdx */\nint f(unknown x);\n"
long=$(printf 'x%.0s' {1..101})
lint 'more than 100 columns of assembly' 1 '/a\.asm:2: longer than 100 columns' a.asm \
    "; $spdx\n; $long\n"
lint '100 columns are allowed' 0 'nothing wrong' a.asm "; $spdx\n; ${long:3}\n"
lint 'a tab in assembly' 1 '/a\.asm:2: a tab' a.asm "; $spdx\n\tnop\n"
lint 'blanks at the end' 1 '/a\.asm:2: blanks at the end' a.asm "; $spdx\nnop \n"
lint 'no newline at the end' 1 '/a\.asm:.*no newline at the end' a.asm "; $spdx\nnop"
lint 'a path of the machine' 1 '/a\.mk:2: an absolute path' a.mk "# $spdx\nX := /ho""me/me/x\n"
lint 'a long line in Markdown' 0 'nothing wrong' a.md "$long\n"
run 20 "$lint" "$tmp/absent.c"
expect 'a file that is not there' 1 'cannot read .*absent\.c'
finish
