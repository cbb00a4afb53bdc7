/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INIT and SIPI that meet an SMI at the same boundary: none of them gets lost. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "smm/default_smbase.h"
#include "smm/relocate.h"
#include "tests/msr/start.h"
#include "tests/smi/count.h"
#include "tests/smi/hold.h"

#define AP      1
#define VECTOR  0x60
#define SIPI_MS 20 /* for a SIPI to start its CPU, or it was lost */
#define ROUNDS  5
#define HERE    "smp=3 boot=own"

static const struct {
    const char *name;
    uint32_t first, second;
} orders[] = {{"SMI, INIT", APIC_DM_SMI, APIC_DM_INIT}, {"INIT, SMI", APIC_DM_INIT, APIC_DM_SMI}};

/* One write directly behind the other, no function in between: TCG, which looks for interrupts
 * between translation blocks, finds both at the same boundary. */
static void send_both(uint32_t id, uint32_t first, uint32_t second)
{
    volatile uint32_t *page = (uint32_t *)(uintptr_t)(rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS);

    page[APIC_ICR_HIGH / 4] = id << 24;
    page[APIC_ICR / 4] = first | APIC_ICR_ASSERT;
    page[APIC_ICR / 4] = second | APIC_ICR_ASSERT;
}

static uint64_t __attribute__((noreturn)) to_self(void *arg)
{
    unsigned int order = (unsigned int)(uintptr_t)arg;

    send_both(apic_id(), orders[order].first, orders[order].second);
    for (;;)
        cpu_pause();
}

/* The AP waits for SIPI, now or soon, and has lost neither that nor its SMBASE. */
static void check_starts(void)
{
    struct deadline d = deadline_in(PATIENCE_MS);
    uint32_t n;

    /* As long as it is in SMM, SIPIs are lost. One that is pending when start_return() sends its
     * INIT would start the CPU once more, at the wrong vector: so they come one at a time. */
    do
        apic_send_sipi(smp_apic_id(AP), VECTOR);
    while (!WAIT_FOR(start_arrived(VECTOR), SIPI_MS) && !deadline_over(&d));
    REQUIRE_EQ("starts", start_arrived(VECTOR), 1, "the INIT is taken, and a SIPI starts the CPU");
    n = start_return(AP);
    smi_count_start();
    smm_trigger_on(n, SMM_CMD_PING, 0);
    smi_count_check(SMI_CPU(n));
}

TEST(smi, with_init, "an INIT that meets an SMI is not lost, whatever their order",
     SPEC("Intel SDM vol. 3, Table 6-2: SMI and INIT, one class; 34.5.1: INIT is inhibited in SMM; "
          "8.4.3"),
     NEEDS(HERE))
{
    REQUIRE_SMM();
    for (unsigned int i = 0; i < 2 * ROUNDS; i++) {
        uint32_t n = smp_find(smp_apic_id(AP));

        CONTEXT("%s", orders[i % 2].name);
        start_prepare(VECTOR, NULL, 0);
        smp_call_start(n, to_self, (void *)(uintptr_t)(i % 2));
        check_starts();
    }
    CONTEXT_CLEAR();
}

#define WAITING 30 /* APs that wait for their first SIPI */

TEST(
    smi, with_sipi, "an SMI directly behind a SIPI is taken once, and the SIPI, too",
    SPEC("Intel SDM vol. 3, 34.2: SMI is non-maskable, and held only while the CPU waits for SIPI; "
         "8.4.3"),
    NEEDS("smp=31 firmware=virgin boot=own"))
{
    struct relocate_context *context = relocate_context_at(DEFAULT_SMBASE);

    memset((void *)(uintptr_t)DEFAULT_SMBASE, 0, SMM_SAVE_OFFSET + SMM_SAVE_SIZE);
    relocate_install(DEFAULT_SMBASE); /* with its gate closed: it only counts */
    apic_enable();
    for (uint32_t id = 1; id <= WAITING; id++) {
        CONTEXT("CPU %u", id);
        start_prepare(VECTOR, NULL, 0);
        send_both(id, APIC_DM_SIPI | VECTOR, APIC_DM_SMI);
        EXPECT_TRUE("smi", WAIT_FOR(context->entered == id, PATIENCE_MS), "the SMI is taken");
        EXPECT_TRUE("sipi", WAIT_FOR(start_arrived(VECTOR), PATIENCE_MS), "the SIPI is, too");
    }
    CONTEXT_CLEAR();
    REQUIRE_TRUE("aps", smp_start_all(), "all of them can be started again");
    EXPECT_EQ("sipi-once", start_arrived(VECTOR), 1, "the last SIPI was one");
    EXPECT_EQ("smi-once", context->entered, WAITING, "and so was every SMI");
}

#define DEASSERT (APIC_DM_INIT | APIC_ICR_LEVEL)

static uint64_t still_here(void *arg)
{
    return ++*(uint32_t *)arg;
}

TEST(
    smi, init_deassert, "INIT level de-assert resets no CPU, in SMM or outside",
    SPEC("Intel SDM vol. 3, 10.6.1: it sets arbitration ids, and is not supported later; 10.4.7.4"),
    NEEDS(HERE))
{
    static const uint32_t shorthands[] = {0, APIC_ICR_SELF, APIC_ICR_ALL, APIC_ICR_OTHERS};
    uint64_t distance;

    REQUIRE_SMM();
    for (unsigned int s = 0; s < sizeof(shorthands) / sizeof(shorthands[0]); s++) {
        for (uint32_t to = 0; to < smp_cpus(); to++) {
            uint32_t calls = 0;

            CONTEXT("shorthand %u, CPU %u", s, to);
            smi_count_start();
            apic_icr(smp_apic_id(to), DEASSERT | shorthands[s]);
            for (uint32_t n = 0; n < smp_cpus(); n++)
                REQUIRE_TRUE("goes-on", smp_call(n, still_here, &calls, NULL),
                             "every CPU goes on with what it did");
            EXPECT_EQ("all", calls, smp_cpus(), "all of them");
            smi_count_check(0);
        }
    }
    CONTEXT_CLEAR();
    smi_count_start();
    smi_hold(AP);
    apic_icr(smp_apic_id(AP), DEASSERT);
    apic_icr(smp_apic_id(AP), DEASSERT | APIC_ICR_ALL);
    distance = smi_release(AP);
    EXPECT_EQ("inside", distance, UINT64_MAX, "one in SMM leaves it by RSM, and gets no SMI");
    smi_count_check(SMI_CPU(AP));
}
