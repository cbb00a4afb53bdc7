/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "hw/pic.h"
#include "hw/pit.h"
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
    /*
     * Its ticks reach the BSP of TCG even through a masked PIC, as a request to look
     * for interrupts. TCG serves one request at a time, so that an SMI may be late
     * by a translation block.
     */
    pit_quiet();
    cmdline_init(magic, mbi);
    machine_init();
    if (!machine.q35)
        report_crash("this is not QEMU's q35 machine; start it with -machine q35");
    smp_init();
    test_run_all();
}
