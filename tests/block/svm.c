/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMI and NMI while a guest of AMD's SVM runs. */
#include <stddef.h>

#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/memory.h"
#include "kernel/test.h"
#include "tests/block/events.h"

#define MSR_VM_HSAVE_PA 0xc0010117

/* AMD APM vol. 2, Appendix B: fields of the VMCB that are used here, by their offsets. */
#define INTERCEPT_1   0x00c
#define INTERCEPT_2   0x010
#define GUEST_ASID    0x058
#define EXITCODE      0x070
#define SAVE_ES       0x400
#define SAVE_CS       0x410
#define SAVE_SS       0x420
#define SAVE_DS       0x430
#define SAVE_GDTR     0x460
#define SAVE_IDTR     0x480
#define SAVE_EFER     0x4d0
#define SAVE_CR4      0x548
#define SAVE_CR3      0x550
#define SAVE_CR0      0x558
#define SAVE_DR7      0x560
#define SAVE_DR6      0x568
#define SAVE_RFLAGS   0x570
#define SAVE_RIP      0x578
#define SAVE_RSP      0x5d8
#define SAVE_RAX      0x5f8
#define SAVE_G_PAT    0x668
#define INTERCEPT_SMI BIT(2) /* of INTERCEPT_1 */
#define INTERCEPT_NMI BIT(1)
#define INTERCEPT_VMS (BIT(0) | BIT(1)) /* VMRUN and VMMCALL, of INTERCEPT_2 */
#define EXIT_NMI      0x61
#define EXIT_SMI      0x62
#define EXIT_VMMCALL  0x81
#define ATTR_IN_LAR   0xf0ff00 /* bits that LAR gives */
#define GUEST_RAX     0x5a5a1234

static uint8_t *vmcb;
static uint32_t guest_steps, guest_count;

static void put(uint32_t offset, uint64_t value, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        vmcb[offset + i] = (uint8_t)(value >> 8 * i);
}

/* A flat segment: attributes and limit as its descriptor has them. */
static void put_segment(uint32_t offset, uint16_t selector)
{
    uint32_t rights, limit;

    __asm__("lar %1, %0" : "=r"(rights) : "r"((uint32_t)selector));
    __asm__("lsl %1, %0" : "=r"(limit) : "r"((uint32_t)selector));
    put(offset, selector, 2);
    put(offset + 2, (rights >> 8 & 0xff) | (rights >> 12 & 0xf00), 2);
    put(offset + 4, limit, 4);
    put(offset + 8, 0, 8);
}

#define SELECTOR(name)                                     \
    ({                                                     \
        uint16_t s_;                                       \
        __asm__ volatile("mov %%" name ", %0" : "=r"(s_)); \
        s_;                                                \
    })

struct table_register {
    uint16_t limit;
    uintptr_t base;
} __attribute__((packed));

/* The guest is this CPU as it is, on a stack of its own, but for where it executes. */
static void prepare(void (*code)(void), uint32_t intercept)
{
    struct table_register gdtr, idtr;

    if (!vmcb) {
        vmcb = page_alloc(PAGE_SIZE);
        wrmsr(MSR_VM_HSAVE_PA, (uintptr_t)page_alloc(PAGE_SIZE));
        put(SAVE_RSP, (uintptr_t)page_alloc(PAGE_SIZE) + PAGE_SIZE - 64 - sizeof(long), 8);
    }
    __asm__ volatile("sgdt %0" : "=m"(gdtr));
    __asm__ volatile("sidt %0" : "=m"(idtr));
    put(INTERCEPT_1, intercept, 4);
    put(INTERCEPT_2, INTERCEPT_VMS, 4);
    put(GUEST_ASID, 1, 4);
    put_segment(SAVE_ES, SELECTOR("es"));
    put_segment(SAVE_CS, SELECTOR("cs"));
    put_segment(SAVE_SS, SELECTOR("ss"));
    put_segment(SAVE_DS, SELECTOR("ds"));
    put(SAVE_GDTR + 4, gdtr.limit, 4);
    put(SAVE_GDTR + 8, gdtr.base, 8);
    put(SAVE_IDTR + 4, idtr.limit, 4);
    put(SAVE_IDTR + 8, idtr.base, 8);
    put(SAVE_EFER, rdmsr(MSR_EFER), 8);
    put(SAVE_CR4, read_cr4(), 8);
    put(SAVE_CR3, read_cr3(), 8);
    put(SAVE_CR0, read_cr0(), 8);
    put(SAVE_DR7, DR7_RESET, 8);
    put(SAVE_DR6, 0xffff0ff0, 8);
    put(SAVE_RFLAGS, EFLAGS_ONE, 8);
    put(SAVE_RIP, (uintptr_t)code, 8);
    put(SAVE_RAX, GUEST_RAX, 8);
    put(SAVE_G_PAT, rdmsr(MSR_PAT), 8);
    guest_steps = guest_count = 0;
}

static inline __attribute__((always_inline)) void vmmcall(void)
{
    __asm__ volatile("vmmcall" : : : "memory");
}

static void raise_smi(void)
{
    guest_steps = 1;
    apm_write(SMM_CMD_PING, 0);
    __asm__ volatile("jmp 1f; 1: jmp 2f; 2:" : : : "memory");
    guest_count = (uint32_t)rdmsr(MSR_SMI_COUNT);
    guest_steps = 2;
    vmmcall();
}

/* An SMI, whose handler sends the NMI. */
static void raise_nmi_in_smm(void)
{
    guest_steps = 1;
    events_provoke(&(struct provoke){.nmi = 1});
    guest_steps = 2;
    vmmcall();
}

/* Until #VMEXIT, which leaves GIF at 0. */
static uint32_t run(void)
{
#ifdef __x86_64__
    __asm__ volatile("push %%rbp; vmrun; pop %%rbp"
                     :
                     : "a"(vmcb)
                     : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
                       "r14", "r15", "memory", "cc");
#else
    __asm__ volatile("push %%ebp; push %%ebx; vmrun; pop %%ebx; pop %%ebp"
                     :
                     : "a"(vmcb)
                     : "ecx", "edx", "esi", "edi", "memory", "cc");
#endif
    return *(volatile uint32_t *)(vmcb + EXITCODE);
}

static void begin(void)
{
    if (!cpu_has_svm())
        SKIP("the CPU model has no SVM");
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
}

static void end(void)
{
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(uint64_t)EFER_SVME);
}

TEST(block, svm_intercept,
     "an SMI that the hypervisor intercepts is #VMEXIT, and stays pending until STGI",
     SPEC("AMD APM vol. 2, 15.13.3 SMI Intercept; Table 15-10; 15.22"), NEEDS("cpu=max"))
{
    uint32_t before, code, held;

    REQUIRE_SMM();
    begin();
    for (uint32_t i = 0; i < 2; i++) {
        prepare(raise_smi, INTERCEPT_SMI);
        before = (uint32_t)rdmsr(MSR_SMI_COUNT);
        code = run();
        held = (uint32_t)rdmsr(MSR_SMI_COUNT);
        stgi();
        EXPECT_EQ("exit", code, EXIT_SMI, "#VMEXIT with exit code 62h");
        EXPECT_EQ("guest", guest_steps, 1, "the guest does not go on");
        EXPECT_EQ("held", held, before, "the SMI is not taken while GIF is 0");
        EXPECT_EQ("taken", rdmsr(MSR_SMI_COUNT), before + 1, "it is taken after STGI, once");
    }
    end();
}

TEST(block, svm_guest,
     "an SMI that the hypervisor does not intercept is taken in the guest, which goes on after it",
     SPEC("AMD APM vol. 2, Table 15-14: GIF 1 and no intercept; 15.5, 15.17: VMRUN sets GIF"),
     NEEDS("cpu=max"))
{
    uint32_t before, code, after;

    REQUIRE_SMM();
    begin();
    for (uint32_t i = 0; i < 2; i++) {
        prepare(raise_smi, 0);
        before = (uint32_t)rdmsr(MSR_SMI_COUNT);
        CONTEXT("GIF %u before VMRUN, which sets it", 1 - i);
        if (i)
            clgi();
        code = run();
        after = (uint32_t)rdmsr(MSR_SMI_COUNT);
        stgi();
        EXPECT_EQ("exit", code, EXIT_VMMCALL, "the guest comes to its VMMCALL, exit code 81h");
        EXPECT_EQ("guest", guest_steps, 2, "by way of everything before");
        EXPECT_EQ("taken", guest_count, before + 1, "and has seen the SMI taken");
        EXPECT_EQ("once", after, before + 1, "once");
        EXPECT_EQ("later", rdmsr(MSR_SMI_COUNT), before + 1, "none is left for later");
    }
    CONTEXT_CLEAR();
    end();
}

TEST(block, svm_nmi, "an intercepted NMI waits for the end of SMM, and then for STGI",
     SPEC("AMD APM vol. 2, 15.13.2 NMI Intercept; Table 15-10; 10.3.3: NMIs are masked in SMM"),
     NEEDS("cpu=max"))
{
    uint32_t before, code, count, held;

    REQUIRE_SMM();
    begin();
    events_begin();
    prepare(raise_nmi_in_smm, INTERCEPT_NMI);
    before = (uint32_t)rdmsr(MSR_SMI_COUNT);
    code = run();
    count = (uint32_t)rdmsr(MSR_SMI_COUNT);
    held = events.count[EVENT_NMI];
    stgi();
    end();
    events_end();
    EXPECT_EQ("exit", code, EXIT_NMI, "#VMEXIT with exit code 61h");
    EXPECT_EQ("guest", guest_steps, 1, "the guest does not go on");
    EXPECT_EQ("smi", count, before + 1, "behind the SMI, in whose handler it was sent");
    EXPECT_EQ("held", held, 0, "the NMI is not delivered while GIF is 0");
    EXPECT_EQ("delivered", events.count[EVENT_NMI], 1, "it is delivered after STGI, once");
}
