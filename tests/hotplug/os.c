/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/hotplug/os.h"

#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/ioapic.h"
#include "kernel/smp.h"
#include "kernel/trap.h"

#define SCI_PIN 9 /* ACPI_CNTL.SCI_SEL = 0; level, active high (MADT override) */

static volatile uint32_t sci_count, sci_status;

static void sci(struct trap_frame *frame)
{
    (void)frame;
    if (!sci_count)
        sci_status = ich9_pm_read8(GPE0_STS);
    /* The line is level triggered: silence it, deal with the cause later. */
    ich9_pm_write8(GPE0_EN, 0);
    sci_count++;
    apic_eoi();
}

void os_route_sci(void)
{
    apm_write(APM_CNT_ACPI_ENABLE, 0);
    irq_set_handler(VECTOR_SCI, sci);
    ioapic_set_rte(SCI_PIN, VECTOR_SCI | IOAPIC_RTE_LEVEL | IOAPIC_RTE_DEST(smp_apic_id(0)));
    ich9_pm_write8(GPE0_STS, 0xff);
    sci_count = 0;
    ich9_pm_write8(GPE0_EN, GPE0_CPU_HOTPLUG);
}

void os_init(void)
{
    cpuhp_modern_enable();
    os_route_sci();
}

uint32_t os_sci_count(void)
{
    return sci_count;
}

uint32_t os_sci_gpe_status(void)
{
    return sci_status;
}

bool os_wait_sci(uint32_t count)
{
    bool came;

    sti();
    came = WAIT_FOR(sci_count >= count, PATIENCE_MS);
    cli();
    return came;
}

void os_gpe_done(void)
{
    ich9_pm_write8(GPE0_STS, GPE0_CPU_HOTPLUG);
    ich9_pm_write8(GPE0_EN, GPE0_CPU_HOTPLUG);
}

void os_acknowledge_insert(uint32_t slot)
{
    cpuhp_select(slot);
    cpuhp_write_flags(CPUHP_INSERT);
}
