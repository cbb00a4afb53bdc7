/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line. */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool asked(int argc, char **argv)
{
    bool kvm = false, smm = false, probe = false;

    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("QEMU emulator version 8.1.2 (a fake)") > 0;
    if (argc == 3 && strcmp(argv[1], "-machine") == 0 && strcmp(argv[2], "help") == 0)
        return puts("microvm  none\npc-q35-8.1  Q35\nq35  Q35 (alias of pc-q35-8.1)\n"
                    "pc-q35-2.8  Q35 (deprecated)") > 0;
    if (argc == 3 && strcmp(argv[1], "-L") == 0)
        return true;
    for (int i = 1; i < argc; i++) {
        kvm |= strcmp(argv[i], "kvm") == 0;
        smm |= strstr(argv[i], "smm=on") != NULL;
        probe |= strcmp(argv[i], "-qmp") == 0;
    }
    if (probe && kvm && smm) {
        fputs("fakeqemu: no SMM in this fake.\n", stderr);
        exit(1);
    }
    return probe && puts("{\"return\": {}}") > 0;
}

static void find_channels(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i++) {
        sscanf(argv[i + 1], "file,id=com1,path=/proc/self/fd/%d", &fake_com1);
        sscanf(argv[i + 1], "socket,id=com2,fd=%d", &fake_com2);
        sscanf(argv[i + 1], "socket,id=qmp,fd=%d", &fake_qmp);
        if (strcmp(argv[i], "-incoming") == 0)
            sscanf(argv[i + 1], "fd:%d", &fake_incoming);
        if (strcmp(argv[i], "-append") == 0)
            sscanf(argv[i + 1], "test=%127s", fake_id);
    }
    if (fake_com1 < 0)
        fake_com1 = STDOUT_FILENO;
}

int main(int argc, char **argv)
{
    const char *fake = getenv("FAKE");
    int status;

    if (asked(argc, argv))
        return 0;
    find_channels(argc, argv);
    status = behave(fake ? fake : "pass");
    if (status < 0)
        fprintf(stderr, "fakeqemu: FAKE=%s is no behaviour\n", fake);
    return status < 0 ? 1 : status;
}
