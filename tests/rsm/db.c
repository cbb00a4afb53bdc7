/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rsm/db.h"

#include <stddef.h>

#include "hw/cpu.h"
#include "kernel/trap.h"

#define VECTOR_DB 1
#define DR7_ARMED 0x00d0000aU /* G0: execution; G1: writing of four bytes */

struct rsm_db rsm_db;
static volatile uint32_t watched;

static void on_db(struct trap_frame *frame)
{
    if (rsm_db.count < DB_STEPS_MAX)
        rsm_db.ip[rsm_db.count] = frame->ip;
    rsm_db.count++;
    rsm_db.dr6 = read_dr6();
    write_dr6(DR6_RESET);
    if (rsm_db.stop && rsm_db.count >= rsm_db.stop)
        frame->flags &= ~(unsigned long)EFLAGS_TF;
    else if (!rsm_db.stop)
        frame->flags |= EFLAGS_RF; /* an execution breakpoint must not come again */
}

void rsm_db_begin(uint32_t stop)
{
    rsm_db.count = 0;
    rsm_db.dr6 = 0;
    rsm_db.stop = stop;
    write_dr7(DR7_RESET);
    write_dr6(DR6_RESET);
    irq_set_handler(VECTOR_DB, on_db);
}

static void __attribute__((noinline, noclone)) stepped_on(void)
{
    __asm__ volatile("nop" : : : "memory");
}

void rsm_db_arm(void)
{
    write_dr0((uintptr_t)stepped_on);
    write_dr1((uintptr_t)&watched);
    write_dr6(DR6_RESET);
    write_dr7(DR7_RESET | DR7_ARMED);
}

void rsm_db_touch(void)
{
    stepped_on();
    watched++;
}

void rsm_db_end(void)
{
    write_dr7(DR7_RESET);
    write_dr6(DR6_RESET);
    write_dr0(0);
    irq_set_handler(VECTOR_DB, NULL);
}
