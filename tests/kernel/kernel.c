/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The harness itself: what a test may rely on. */
#include <stddef.h>

#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/machine.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define VECTOR_UD 6
#define VECTOR_PF 14
#define COOKIE    0x736d6d2d74657374ULL

static void undefined(void *arg)
{
    (void)arg;
    __asm__ volatile("ud2");
}

static void rsm(void *arg)
{
    (void)arg;
    __asm__ volatile("rsm");
}

TEST(kernel, exceptions_are_caught, "a test can wait for an exception, and sees which one",
     SPEC("Intel SDM vol. 3, 6.15: #UD; 34.3.2: RSM outside SMM is #UD"), NEEDS("smm=any"))
{
    struct trap_caught t = trap_catch(undefined, NULL);

    EXPECT_TRUE("catch.ud2", t.caught, "UD2 raises an exception");
    EXPECT_EQ("catch.ud2_vector", t.vector, VECTOR_UD, "it is #UD");
    t = trap_catch(rsm, NULL);
    EXPECT_TRUE("catch.rsm", t.caught, "RSM outside SMM raises an exception");
    EXPECT_EQ("catch.rsm_vector", t.vector, VECTOR_UD, "it is #UD (SDM vol. 3, 34.3.2)");
}

static uint64_t own_number(void *arg)
{
    (void)arg;
    return smp_self() + 1000;
}

TEST(kernel, processors, "all boot APs come up, have distinct APIC ids and take work",
     SPEC("Intel SDM vol. 3, 8.4.4.1: INIT-SIPI-SIPI"), NEEDS("smp=4 smm=any"))
{
    REQUIRE_TRUE("smp.start", smp_start_all(), "as many CPUs arrive as fw_cfg says there are");
    EXPECT_EQ("smp.count", smp_cpus(), machine.boot_cpus, "and not one more");
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint64_t value = 0;

        CONTEXT("CPU %u", n);
        EXPECT_TRUE("smp.call", smp_call(n, own_number, NULL, &value), "it takes work");
        EXPECT_EQ("smp.self", value, n + 1000, "and knows who it is");
        EXPECT_EQ("smp.distinct", smp_find(smp_apic_id(n)), n, "no other CPU has its APIC id");
    }
}

static void go_on_after_reset(void)
{
    if (test_boot() == 1) {
        test_set_word(0, COOKIE);
        EXPECT_EQ("reset.first_boot", test_word(1), 0, "words are 0 before they are set");
        test_announce_reset();
        outb(RST_CNT, RST_CNT_SYS_RST);
        outb(RST_CNT, RST_CNT_SYS_RST | RST_CNT_RST_CPU);
        cpu_stop();
    }
    EXPECT_EQ("reset.second_boot", test_boot(), 2, "the machine was reset once");
    EXPECT_EQ("reset.words", test_word(0), COOKIE, "what the test kept is still there");
}

TEST(kernel, goes_on_after_reset, "a test goes on after a machine reset that it announced",
     SPEC("ICH9 datasheet, RST_CNT (CF9h): hard reset"), NEEDS("smm=any boot=own firmware=virgin"))
{
    go_on_after_reset();
}

/* SeaBIOS 1.14, which Debian ships with QEMU 5.2, never comes out of a reset on q35. */
TEST(kernel, goes_on_after_reset_seabios, "the same through SeaBIOS",
     SPEC("ICH9 datasheet, RST_CNT (CF9h): hard reset"),
     NEEDS("smm=any boot=own firmware=seabios qemu>=6.0"))
{
    go_on_after_reset();
}
