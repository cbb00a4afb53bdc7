/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tco/tco.h"

#include "firmware/smm.h"
#include "hw/io.h"
#include "kernel/alarm.h"
#include "kernel/test.h"

#define RCBA_BASE 0xfed1c000U
#define GCS       (RCBA_BASE + 0x3410)

#define TCO1_STS_ALL 0xffff
#define TCO2_STS_ALL 0xffff

void tco_stop(void)
{
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    /* As the datasheet has it, by writing 1; and by writing 0 for QEMU, which keeps some of the
     * ones that it is given. */
    ich9_pm_write16(TCO1_STS, TCO1_STS_ALL);
    ich9_pm_write16(TCO2_STS, TCO2_STS_ALL);
    ich9_pm_write16(TCO1_STS, 0);
    ich9_pm_write16(TCO2_STS, 0);
}

void tco_begin(uint32_t smi_en)
{
    REQUIRE_SMM();
    ich9_smi_en_write(smi_en);
    tco_stop();
}

void tco_begin_timer(uint32_t smi_en)
{
    tco_begin(smi_en);
    alarm_init();
}

void tco_open_gcs(uint32_t no_reboot)
{
    ich9_write32(ICH9_RCBA, RCBA_BASE | RCBA_EN);
    mmio_write32(GCS, (mmio_read32(GCS) & ~TCO_GCS_NO_REBOOT) | no_reboot);
}

void tco_start(uint16_t ticks)
{
    ich9_pm_write16(TCO_TMR, ticks);
    ich9_pm_write16(TCO1_CNT, 0);
    ich9_pm_write16(TCO_RLD, 1);
}

uint16_t tco1_status(void)
{
    return ich9_pm_read16(TCO1_STS);
}

uint16_t tco2_status(void)
{
    return ich9_pm_read16(TCO2_STS);
}
