/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "hw/pic.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/machine.h"
#include "kernel/report.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"

void kmain(uint32_t magic, const void *mbi);

/* Called by boot/entry.asm with what the boot loader left in EAX and EBX. */
void kmain(uint32_t magic, const void *mbi)
{
    console_init();
    trap_init();
    pic_mask_all();
    cmdline_init(magic, mbi);
    machine_init();
    if (!machine.q35)
        report_crash("this is not QEMU's q35 machine; start it with -machine q35");
    smp_init();
    test_run_all();
}
