/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NMIs in a program at privilege level 3, to which their handler returns. */
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/io.h"
#include "kernel/test.h"
#include "tests/attack/user_call.h"
#include "tests/block/events.h"

#ifdef __x86_64__

#define XAPIC_PAGE 0xfee00000U

static struct {
    uint32_t mode;      /* ICR bits 10:8 of what the program sends itself in between, or NONE */
    uint32_t after_one; /* NMIs that had come behind the first one */
    uint32_t inside;    /* NMIs that came while the first one's handler was at work */
} user;

#define NONE 0xffffU

/* No function of hw/apic.h: they read MSRs. The ids are ours since events_send() was used. */
static void send(uint32_t mode)
{
    mmio_write32(XAPIC_PAGE + APIC_ICR, mode | APIC_ICR_ASSERT);
    __asm__ volatile("jmp 1f; 1: jmp 2f; 2:" : : : "memory");
}

/* The first one's handler sends another NMI. */
static void on_nmi(struct trap_frame *frame)
{
    events_note(EVENT_NMI, frame->ip);
    if (events.count[EVENT_NMI] > 1)
        return;
    send(APIC_DM_NMI);
    user.inside = events.count[EVENT_NMI] - 1;
}

static void two_nmis(void)
{
    send(APIC_DM_NMI);
    user.after_one = events.count[EVENT_NMI];
    if (user.mode != NONE)
        send(user.mode);
    send(APIC_DM_NMI);
}

TEST(block, nmi_user, "the return from an NMI handler to privilege level 3 lets the next NMI come",
     SPEC("Intel SDM vol. 3, 6.7.1 Handling Multiple NMIs: until the next IRET; 34.8 over an SMI"),
     NEEDS("arch=x86_64 boot=own"))
{
    static const uint32_t modes[] = {NONE, APIC_DM_SMI};

    REQUIRE_SMM();
    if (apic_is_x2apic())
        SKIP("programs cannot reach the APIC in x2APIC mode");
    user_call_prepare();
    apic_write(APIC_ICR_HIGH, cpu_initial_apic_id() << 24);
    for (unsigned int i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        uint64_t smis = rdmsr(MSR_SMI_COUNT);
        struct trap_caught t;

        CONTEXT("%s", modes[i] == NONE ? "without an SMI" : "with an SMI between the NMIs");
        events_begin();
        irq_set_handler(VECTOR_NMI, on_nmi);
        user.mode = modes[i];
        t = user_call(two_nmis);
        events_end();
        EXPECT_TRUE("back", !t.caught, "the program runs to its end");
        EXPECT_EQ("nested", user.inside, 0, "none comes in the first one's handler");
        EXPECT_EQ("first", user.after_one, 2, "but one behind it that was sent there");
        EXPECT_EQ("second", events.count[EVENT_NMI], 3, "and so does the program's second");
        EXPECT_EQ("smi", rdmsr(MSR_SMI_COUNT) - smis, modes[i] != NONE, "and the SMI between");
    }
    CONTEXT_CLEAR();
}

#endif
