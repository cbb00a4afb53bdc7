/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs that find a CPU in SMM already: one is kept for later, and only one. */
#include <stddef.h>

#include "firmware/hotplug.h"
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/smi_features.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"
#include "tests/smi/hold.h"

#define LATCH "Intel SDM vol. 3, 34.3.1: in SMM one further SMI is latched, and serviced on RSM"

static void require_broadcast(void)
{
    uint64_t mask;

    REQUIRE_SMM();
    if (!smi_features_supported(&mask) || !(mask & FW_SMI_BROADCAST))
        SKIP("the machine does not offer SMI broadcast");
    REQUIRE_TRUE("negotiated", firmware_negotiate(FW_SMI_BROADCAST), "QEMU accepts broadcast");
}

/* Has every CPU but n taken what was sent to it? Asking is enough: see smi_count_check(). */
static void settle_but(uint32_t n)
{
    for (uint32_t i = 0; i < smp_cpus(); i++) {
        if (i != n)
            (void)smi_count_of(i);
    }
}

static void check_back_to_back(uint64_t distance)
{
    EXPECT_EQ("back-to-back", distance, 0,
              "no instruction of the interrupted program runs between the two SMIs");
}

TEST(smi, latch_none, "a CPU in SMM to which no further SMI is sent takes none on leaving",
     SPEC(LATCH), NEEDS("smp=3"))
{
    REQUIRE_SMM();
    smi_count_start();
    smi_hold(1);
    settle_but(1);
    EXPECT_EQ("distance", smi_release(1), UINT64_MAX, "there was no second SMI");
    smi_count_check(SMI_CPU(1));
}

/* One to three SMIs to CPU 1 while it is in SMM. */
static void check_latch(bool (*send)(void), uint32_t others)
{
    for (uint32_t sent = 1; sent <= 3; sent++) {
        uint32_t want[SMI_CPUS_MAX] = {0};

        CONTEXT("%u sent", sent);
        for (uint32_t n = 0; n < smp_cpus(); n++)
            want[n] = others ? 1 + sent : 0;
        want[1] = 2;
        smi_count_start();
        smi_hold(1);
        settle_but(1);
        for (uint32_t i = 0; i < sent; i++) {
            REQUIRE_TRUE("sent", send(), "the SMI can be sent");
            settle_but(1);
        }
        check_back_to_back(smi_release(1));
        smi_count_check_each(want);
    }
    CONTEXT_CLEAR();
}

static bool send_ipi(void)
{
    return apic_send_smi(smp_apic_id(1));
}

static bool send_command(void)
{
    apm_write(SMM_CMD_PING, 0);
    return true;
}

TEST(smi, latch_ipi, "of several SMIs through the APIC to a CPU in SMM, one is taken afterwards",
     SPEC(LATCH), NEEDS("smp=3"))
{
    REQUIRE_SMM();
    check_latch(send_ipi, 0);
}

TEST(smi, latch_broadcast,
     "of several broadcast SMIs, a CPU in SMM takes one afterwards, the "
     "others take them all",
     SPEC(LATCH), NEEDS("smp=3 machine>=pc-q35-2.9 boot=own"))
{
    require_broadcast();
    check_latch(send_command, 1);
}

struct reentry {
    uint32_t writes; /* to APM_CNT, from inside SMM */
    uint32_t others; /* CPUs that each of them reaches, too */
    uint32_t before; /* SMIs that all CPUs had taken */
};

static uint32_t SMM_CODE entries_of_all(void)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < SMI_CPUS_MAX; i++)
        sum += smm_mailbox.cpu[i].entries;
    return sum;
}

/* Every write waits until the others have been reached by all before it: SMIs to a CPU that is
 * still on its way into SMM would merge. */
static uint64_t SMM_CODE write_in_smm(struct smm_cpu *cpu, void *arg)
{
    struct reentry *r = arg;

    (void)cpu;
    for (uint32_t i = 0; i < r->writes; i++) {
        for (uint32_t polls = 10000000; polls; polls--) {
            if (entries_of_all() == r->before + 1 + (1 + i) * r->others)
                break;
            cpu_pause();
        }
        apm_write(SMM_CMD_PING, 0);
    }
    return 0;
}

static void check_reentry(bool broadcast)
{
    for (uint32_t cpu = 0; cpu < smp_cpus(); cpu++) {
        struct reentry r = {.writes = 3, .others = broadcast ? smp_cpus() - 1 : 0};
        uint32_t want[SMI_CPUS_MAX] = {0};

        CONTEXT("CPU %u writes in SMM", cpu);
        for (uint32_t n = 0; n < smp_cpus(); n++)
            want[n] = broadcast ? 1 + r.writes : 0;
        want[cpu] = 2;
        smi_count_start();
        r.before = entries_of_all();
        REQUIRE_TRUE("run", smm_run_on(cpu, write_in_smm, &r, false).done,
                     "the writes to APM_CNT in SMM do no harm");
        smi_count_check_each(want);
    }
    CONTEXT_CLEAR();
}

TEST(smi, reentry, "of several writes to APM_CNT inside SMM, one SMI follows on RSM", SPEC(LATCH),
     NEEDS("smp=2"))
{
    REQUIRE_SMM();
    check_reentry(false);
}

TEST(smi, reentry_broadcast, "with broadcast, the others take an SMI for each of them", SPEC(LATCH),
     NEEDS("smp=3 machine>=pc-q35-2.9 boot=own"))
{
    require_broadcast();
    check_reentry(true);
}
