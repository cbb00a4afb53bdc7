/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dispatcher: every SMI of every relocated CPU comes through here. */
#include "hw/ich9.h"
#include "hw/io.h"
#include "smm/hotplug.h"
#include "smm/mailbox.h"
#include "smm/state.h"
#include "smm/sync.h"

void smm_main(struct smm_cpu *cpu);

/* The function that smm_run() asked for, on the one CPU it asked for. */
static void run(struct smm_cpu *cpu)
{
    struct smm_mailbox *m = &smm_mailbox;

    if (!m->run_armed || m->run_apic_id != cpu->apic_id)
        return;
    m->run_armed = 0;
    m->run_caught = 0;
    if (!m->run_catch || recover_point(&cpu->landing) == 0) {
        cpu->catching = m->run_catch;
        m->run_result = m->run_function(cpu, m->run_argument);
    } else {
        m->run_caught = cpu->caught_vector + 1;
        m->run_caught_ip = cpu->caught_ip;
    }
    cpu->catching = 0;
    __atomic_store_n(&m->run_done, 1, __ATOMIC_SEQ_CST);
}

/* Called by smm/entry.asm on this CPU's SMM stack. Returning is RSM. */
void smm_main(struct smm_cpu *cpu)
{
    struct smm_cpu_report *report = &smm_mailbox.cpu[cpu->index];
    union smm_save *save = smm_cpu_save(cpu);
    unsigned long cr2 = read_cr2();

    report->command = inb(APM_CNT);
    report->data = inb(APM_STS);
    report->smbase = cpu->smbase;
    report->revision = (uint32_t)smm_save_get(save, SMM_REG_REVISION);
    report->saved_smbase = (uint32_t)smm_save_get(save, SMM_REG_SMBASE);
    report->inside = 1;
    report->entries++;
    if (report->command == APM_CNT_CPU_HOTPLUG && smm_state.hotplug.mode != SMM_DEFAULT_UNUSED)
        smm_hotplug(cpu);
    if (smm_mailbox.sync.mode != SMM_SYNC_NONE)
        smm_synchronise(cpu);
    run(cpu);
    report->inside = 0;
    /* Neither map saves CR2 (Intel SDM vol. 3, 34.4.1), and a caught #PF changes it. */
    write_cr2(cr2);
}
