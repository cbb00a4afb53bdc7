/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs and a CPU that waits for its first SIPI: the OS may raise one before the firmware comes. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "smm/pen.h"
#include "smm/relocate.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/scenario.h"

#define PROTOCOL                                                                               \
    "Intel SDM vol. 3, 34.2, note: an SMI in wait-for-SIPI is pended and serviced on receipt " \
    "of SIPI, before the SIPI is handled; Table 35-28; edk2 OvmfPkg/CpuHotplugSmm/Smbase.c"
#define HERE                                                                            \
    "host=plug,cpus boot=own group=scenario smp=2 maxcpus=12 sockets=4 dies=1 cores=3 " \
    "threads=1 "
#define SLOT 4U
#define ID   5U

static void smi_then_sipi(bool broadcast)
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    struct relocate_context *handler = relocate_context_at(DEFAULT_SMBASE);
    volatile struct pen *pen = pen_at(POST_SMM_PEN_BASE);
    uint32_t entered, arrived = pen->arrived;

    scenario_prepare(&s);
    slots_plug(SLOT);
    entered = handler->entered;
    if (broadcast)
        apm_write(SMM_CMD_PING, 0);
    else
        apic_send_smi(ID);
    (void)WAIT_FOR(handler->entered != entered, SETTLE_MS);
    EXPECT_EQ("waits", handler->entered, entered, "the SMI is pending while the CPU waits");
    apic_send_sipi(ID, POST_SMM_PEN_BASE >> 12);
    (void)WAIT_FOR(pen->arrived != arrived, SETTLE_MS);
    EXPECT_EQ("sipi", pen->arrived, arrived + 1, "SIPI starts the CPU at the vector's page");
    EXPECT_EQ("smi", handler->entered, entered + 1, "it has taken the one SMI by then");
    EXPECT_EQ("no-reset", handler->parked, 0, "and was not sent to the reset vector");
    if (pen->arrived == arrived)
        apic_start_cpu(ID, POST_SMM_PEN_BASE >> 12);
    EXPECT_TRUE("starts", WAIT_FOR(pen->arrived == arrived + 1, PATIENCE_MS),
                "INIT-SIPI-SIPI starts it in any case");
    EXPECT_EQ("once", handler->entered, entered + 1, "the SMI was one SMI");
}

TEST(hostile, smi_waits_for_sipi, "an SMI to all does not start a CPU that waits for SIPI",
     SPEC(PROTOCOL), NEEDS(HERE))
{
    smi_then_sipi(true);
}

TEST(hostile, directed_smi_waits_for_sipi, "nor does an SMI to that CPU alone", SPEC(PROTOCOL),
     NEEDS(HERE))
{
    smi_then_sipi(false);
}
