/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/command.h"

#include <stdlib.h>
#include <string.h>

/* Adds "A B": two words from one literal, the second may be formatted. */
static void add(struct strings *argv, const char *option, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(struct strings *argv, const char *option, const char *format, ...)
{
    va_list args;
    char *value;

    va_start(args, format);
    value = xvasprintf(format, args);
    va_end(args);
    strings_add(argv, option);
    strings_add(argv, value);
    free(value);
}

/* Firmware in the first bank; the second one holds zeros, and nothing when QEMU has ended. */
static void add_flash(struct strings *argv, const struct command *c)
{
    add(argv, "-blockdev", "driver=file,node-name=firmware,read-only=on,filename=%s",
        c->config->qemu->qboot);
    add(argv, "-blockdev", "driver=null-co,node-name=flash,size=%lu,read-zeroes=on",
        c->needs->flash * 1024UL);
}

const char *command_cpu(const char *arch)
{
    return strcmp(arch, "i386") == 0 ? "max" : NULL;
}

static void add_machine(struct strings *argv, const struct command *c)
{
    const struct needs *n = c->needs;
    bool smm = n->smm == NEED_SMM_ON || (n->smm == NEED_SMM_ANY && c->config->offer.smm);
    const char *cpu = n->cpu ? n->cpu : command_cpu(c->config->arch);

    add(argv, "-machine", "%s,smm=%s%s", n->type ? n->type : c->config->machine, smm ? "on" : "off",
        n->flash ? ",pflash0=firmware,pflash1=flash" : "");
    if (n->flash)
        add_flash(argv, c);
    /* Instructions are counted in one thread only, whatever the accelerator's properties say. */
    add(argv, "-accel", "%s%s", n->icount ? c->config->accel_name : c->config->accel,
        n->one_thread && strcmp(c->config->accel_name, "tcg") == 0 ? ",thread=single" : "");
    if (n->icount)
        add(argv, "-icount", "shift=%u,sleep=off", n->icount);
    add(argv, "-m", "%u", n->mem);
    add(argv, "-smp", "%u,maxcpus=%u,sockets=%u,dies=%u,cores=%u,threads=%u",
        c->boot_cpus ? c->boot_cpus : n->smp, n->maxcpus, n->sockets, n->dies, n->cores,
        n->threads);
    if (cpu)
        add(argv, "-cpu", "%s", cpu);
    if (!n->flash && (n->firmware == NEED_FIRMWARE_VIRGIN ||
                      (n->firmware == NEED_FIRMWARE_ANY && c->config->qboot)))
        add(argv, "-bios", "qboot.rom");
    if (n->vga)
        add(argv, "-device", "VGA");
    else
        add(argv, "-vga", "none");
    for (size_t i = 0; i < n->globals.n; i++)
        add(argv, "-global", "%s", n->globals.item[i]);
    for (size_t i = 0; i < n->devices.n; i++)
        add(argv, "-device", "%s", n->devices.item[i]);
    for (size_t i = 0; c->cpus && i < c->cpus->n; i++)
        add(argv, "-device", "%s", c->cpus->item[i]);
}

static void add_kernel(struct strings *argv, const struct command *c)
{
    struct text words = {0};

    text_printf(&words, "test=%s", c->id);
    if (c->com1 >= 0)
        text_puts(&words, " host=com2");
    for (size_t i = 0; i < c->needs->args.n; i++)
        text_printf(&words, " %s", c->needs->args.item[i]);
    for (size_t i = 0; c->append && i < c->append->n; i++)
        text_printf(&words, " %s", c->append->item[i]);
    add(argv, "-kernel", "%s", c->config->kernel);
    add(argv, "-append", "%s", words.data);
    add(argv, "-device", "isa-debug-exit,iobase=0xf4,iosize=4");
    text_free(&words);
}

static void add_channels(struct strings *argv, const struct command *c)
{
    if (c->com1 < 0) {
        add(argv, "-serial", "stdio");
        return;
    }
    add(argv, "-chardev", "file,id=com1,path=/proc/self/fd/%d", c->com1);
    add(argv, "-serial", "chardev:com1");
    add(argv, "-chardev", "socket,id=com2,fd=%d", c->com2);
    add(argv, "-serial", "chardev:com2");
    add(argv, "-chardev", "socket,id=qmp,fd=%d", c->qmp);
    add(argv, "-mon", "chardev=qmp,mode=control");
}

struct strings command_build(const struct command *c)
{
    struct strings argv = {0};

    strings_add(&argv, c->config->qemu->path);
    strings_add(&argv, "-nodefaults");
    strings_add(&argv, "-no-user-config");
    add(&argv, "-display", "none");
    add_machine(&argv, c);
    add_kernel(&argv, c);
    add_channels(&argv, c);
    if (c->gdb_port) {
        strings_add(&argv, "-S");
        add(&argv, "-gdb", "tcp:127.0.0.1:%u", c->gdb_port);
    }
    if (c->incoming)
        add(&argv, "-incoming", "fd:%d", c->incoming);
    if (c->log) {
        add(&argv, "-d", "int,cpu_reset,guest_errors");
        add(&argv, "-D", "%s", c->log);
    }
    return argv;
}

char *command_script(const struct command *c)
{
    struct command by_hand = *c;
    struct strings argv;
    struct text t = {0};

    by_hand.com1 = -1;
    argv = command_build(&by_hand);
    text_printf(&t, "#!/bin/sh\n# %s on %s, %s; %s\n", c->id,
                c->needs->type ? c->needs->type : c->config->machine, c->config->arch,
                c->config->qemu->version_text);
    if (c->needs->hosts.n) {
        text_puts(&t, "# Nobody answers on COM2 here, so the test is skipped at its request for:");
        for (size_t i = 0; i < c->needs->hosts.n; i++)
            text_printf(&t, " %s", c->needs->hosts.item[i]);
        text_puts(&t, "\n");
    }
    text_puts(&t, "# Exit status: 33 passed, 35 failed, 37 skipped, 39 error.\nexec");
    for (size_t i = 0; i < argv.n; i++) {
        bool option = i && argv.item[i][0] == '-';

        text_puts(&t, option ? " \\\n    " : " ");
        text_shell_word(&t, argv.item[i]);
    }
    text_puts(&t, "\n");
    strings_free(&argv);
    return t.data;
}
