/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/block/events.h"

#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/smp.h"

struct event_log events;

static struct {
    struct provoke what;
    smm_function more;
    void *arg;
} order;

void SMM_CODE events_note(enum event e, uint64_t ip)
{
    events.count[e]++;
    events.ip[e] = ip;
    events.position[e] = ++events.events;
}

static void on_nmi(struct trap_frame *frame)
{
    events_note(EVENT_NMI, frame->ip);
}

static void on_intr(struct trap_frame *frame)
{
    events_note(EVENT_INTR, frame->ip);
    apic_eoi();
}

void events_begin(void)
{
    events = (struct event_log){.events = 0};
    irq_set_handler(VECTOR_NMI, on_nmi);
    irq_set_handler(VECTOR_TEST, on_intr);
}

void events_end(void)
{
    smm_mailbox.run_armed = 0;
    irq_set_handler(VECTOR_NMI, NULL);
    irq_set_handler(VECTOR_TEST, NULL);
}

/* QEMU takes an interrupt at the next jump. */
static inline __attribute__((always_inline)) void boundary(void)
{
    __asm__ volatile("jmp 1f; 1: jmp 2f; 2:" : : : "memory");
}

void SMM_CODE events_send(const struct provoke *p)
{
    uint32_t self = cpu_initial_apic_id();

    for (uint32_t i = 0; i < p->intr; i++)
        apic_icr(self, APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST);
    for (uint32_t i = 0; i < p->nmi; i++)
        apic_send_nmi(self);
    for (uint32_t i = 0; i < p->smi; i++) {
        if (p->apm)
            apm_write(SMM_CMD_PING, 0);
        else
            apic_send_smi(self);
    }
    boundary();
}

/* Runs in every SMI from the provoking one on. */
static uint64_t SMM_CODE handler(struct smm_cpu *cpu, void *arg)
{
    uint64_t ip = smm_save_get(smm_cpu_save(cpu), SMM_REG_IP);
    bool *first = arg;

    smm_mailbox.run_armed = 1;
    if (!*first) {
        events_note(EVENT_SMI, ip);
        return 0;
    }
    *first = false;
    events.first_ip = ip;
    events.smi_count_in = (uint32_t)rdmsr(MSR_SMI_COUNT);
    events_send(&order.what);
    events.smi_count_out = (uint32_t)rdmsr(MSR_SMI_COUNT);
    return order.more ? order.more(cpu, order.arg) : 0;
}

struct smm_run_result events_provoke_and(const struct provoke *p, smm_function more, void *arg)
{
    bool first = true;
    struct smm_run_result r;

    order.what = *p;
    order.more = more;
    order.arg = arg;
    r = smm_run_on(smp_self(), handler, &first, true);
    smm_mailbox.run_armed = 0;
    return r;
}

struct smm_run_result events_provoke(const struct provoke *p)
{
    return events_provoke_and(p, NULL, NULL);
}
