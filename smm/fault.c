/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions inside SMM. */
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/debugexit.h"
#include "hw/uart.h"
#include "lib/trap.h"
#include "smm/mailbox.h"

#define EXIT_FAIL 0x11

extern const uint8_t smm_image_start[], kernel_text_end[];
void smm_trap(struct trap_frame *frame);

/* The stack is inside the tile, so its address names the CPU. */
static struct smm_cpu *this_cpu(const struct trap_frame *frame)
{
    uintptr_t tile = (uintptr_t)frame & ~(uintptr_t)(SMM_TILE_SIZE - 1);

    return (struct smm_cpu *)(tile + SMM_TILE_CPU_OFFSET);
}

/*
 * Called by smm/trap_entry.asm. An exception that a test waits for goes back to
 * it. Any other ends the run: outside of SMM, where the report can be closed in
 * form, if the interrupted code was the kernel's, else here and now.
 */
void smm_trap(struct trap_frame *frame)
{
    struct smm_cpu *cpu = this_cpu(frame);
    union smm_save *save = smm_cpu_save(cpu);
    uint64_t ip = smm_save_get(save, SMM_REG_IP);

    if (cpu->catching) {
        cpu->catching = 0;
        cpu->caught_vector = (uint32_t)frame->vector;
        cpu->caught_ip = (unsigned long)frame->ip;
        recover_jump(&cpu->landing, 1);
    }
    trap_print(frame, "  # in SMM: ");
    smm_mailbox.fault.apic_id = cpu->apic_id;
    smm_mailbox.fault.vector = (uint32_t)frame->vector;
    smm_mailbox.fault.ip = (unsigned long)frame->ip;
    smm_mailbox.fault.present = 1;
    if ((smm_save_get(save, SMM_REG_CR0) & CR0_PG) && ip >= (uintptr_t)smm_image_start &&
        ip < (uintptr_t)kernel_text_end) {
        smm_save_set(save, SMM_REG_IP, (uintptr_t)smm_fault_landing);
        __asm__ volatile("rsm");
    }
    uart_puts(UART_COM1, "# smm-unit-tests: FAIL: exception in SMM\n");
    uart_drain(UART_COM1);
    debug_exit(EXIT_FAIL);
    for (;;)
        hlt();
}
