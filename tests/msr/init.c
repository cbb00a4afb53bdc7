/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What INIT does to an AP and what it leaves alone. The AP is given registers that
 * look like nothing INIT would set, and spins; the start witness sees the rest.
 */
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/msr/start.h"

#define AP           1
#define START_VECTOR 0x60

#define CPUID_80000001_EDX_RDTSCP BIT(27)
#define MTRR_DEF_TYPE_E           BIT(11)
#define MTRR_PHYSMASK_V           BIT(11)

struct msr_value {
    uint32_t msr;
    uint64_t value; /* written to it, then what it reads before INIT */
};

static struct {
    struct msr_value *msrs;
    unsigned int count;
    const uint8_t *fx; /* FXRSTOR image */
    uint64_t xcr0;     /* 0: leave it alone */
    uint32_t cr0;      /* while it spins */
    volatile uint32_t ready;
} busy;

static void load_debug(void)
{
    write_dr0(0x11111110);
    write_dr1(0x22222220);
    write_dr2(0x33333330);
    write_dr3(0x44444440);
    write_dr6(0xffffaff5);
    write_dr7(0x00000600);
}

/* Everything but the instruction pointer has a value; only INIT ends it. */
static void __attribute__((noreturn)) spin(void)
{
    __asm__ volatile("mov $0x11111111, %%eax; mov $0x22222222, %%ecx; mov $0x33333333, %%edx;"
                     "mov $0x44444444, %%ebx; mov $0x66666666, %%ebp; mov $0x77777777, %%esi;"
                     "mov $0x88888888, %%edi; mov $0x55555550, %%esp; movl $1, %0;"
                     "1: pause; jmp 1b"
                     : "=m"(busy.ready)
                     :
                     : "memory");
    __builtin_unreachable();
}

static uint64_t get_busy(void *arg)
{
    (void)arg;
    cli();
    load_debug();
    write_cr2(0x12345678);
    write_cr4(read_cr4() | CR4_DE | CR4_PSE | CR4_PGE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT);
    if (busy.xcr0) {
        write_cr4(read_cr4() | CR4_OSXSAVE);
        __asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)busy.xcr0), "d"(0) : "memory");
    }
    if (busy.fx)
        __asm__ volatile("fxrstor (%0)" : : "r"(busy.fx) : "memory");
    for (unsigned int i = 0; i < busy.count; i++) {
        wrmsr(busy.msrs[i].msr, busy.msrs[i].value);
        busy.msrs[i].value = rdmsr(busy.msrs[i].msr);
    }
    write_cr0(busy.cr0);
    write_flags(read_flags() | EFLAGS_CF | EFLAGS_SF | EFLAGS_ZF | EFLAGS_DF | EFLAGS_IOPL |
                EFLAGS_NT | EFLAGS_AC | EFLAGS_ID);
    spin();
}

/* The AP gets busy, INIT and SIPI are sent, and the witness reports. */
static void init_ap(struct start_report *r)
{
    uint32_t list[START_MSRS];

    REQUIRE_SMM();
    for (unsigned int i = 0; i < busy.count; i++)
        list[i] = busy.msrs[i].msr;
    start_prepare(START_VECTOR, list, busy.count);
    if (!busy.cr0)
        busy.cr0 = (uint32_t)read_cr0() | CR0_MP | CR0_EM | CR0_TS | CR0_NE | CR0_AM;
    smp_call_start(AP, get_busy, NULL);
    if (!WAIT_FOR(busy.ready, PATIENCE_MS))
        ERROR("the AP does not get ready");
    REQUIRE_TRUE("started", start_cpu(AP, START_VECTOR), "INIT and SIPI start the AP");
    start_get(START_VECTOR, r);
}

TEST(msr, init_state, "the registers of an AP after INIT, at its first instruction",
     SPEC("Intel SDM vol. 3, Table 9-1, 8.4.3; AMD APM vol. 2, Table 14-1"),
     NEEDS("smp=2 boot=own"))
{
    struct start_report r;
    struct cpuid_regs id;
    struct msr_value msrs[] = {{MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE}};

    cpuid(0x80000001, 0, &id);
    if (id.edx & CPUID_80000001_EDX_NX)
        msrs[0].value |= EFER_NXE;
    busy.msrs = msrs;
    busy.count = 1;
    init_ap(&r);
    EXPECT_EQ("ip", r.ip, 0, "IP is 0");
    EXPECT_EQ("cs", r.segment[1], START_VECTOR << 8, "the CS selector is VV00h");
    EXPECT_EQ("eflags", r.flags, EFLAGS_ONE, "EFLAGS is 2");
    EXPECT_BITS("cr0", r.cr[0], ~(CR0_CD | CR0_NW), CR0_ET, "CR0 is 10h, but for CD and NW");
    EXPECT_EQ("cr2", r.cr[1], 0, "CR2 is 0");
    EXPECT_EQ("cr3", r.cr[2], 0, "CR3 is 0");
    EXPECT_EQ("cr4", r.cr[3], 0, "CR4 is 0");
    EXPECT_EQ("efer", r.msr[0], 0, "EFER is 0");
    for (unsigned int i = 0; i < 6; i++) {
        if (i != 1)
            EXPECT_EQ("selectors", r.segment[i], 0, "the selectors of the data segments are 0");
    }
    EXPECT_EQ("gdtr.base", r.gdtr_base, 0, "GDTR's base is 0");
    EXPECT_EQ("gdtr.limit", r.gdtr_limit, 0xffff, "GDTR's limit is FFFFh");
    EXPECT_EQ("idtr.base", r.idtr_base, 0, "IDTR's base is 0");
    EXPECT_EQ("idtr.limit", r.idtr_limit, 0xffff, "IDTR's limit is FFFFh");
    cpuid(1, 0, &id);
    for (unsigned int i = 0; i < 8; i++) {
        if (i == 2)
            EXPECT_EQ("edx", r.gpr[i], id.eax, "EDX holds the processor's signature");
        else
            EXPECT_EQ("general", r.gpr[i], 0, "the other general registers are 0");
    }
    for (unsigned int i = 0; i < 4; i++)
        EXPECT_EQ("dr", r.dr[i], 0, "DR0 to DR3 are 0");
    EXPECT_EQ("dr6", r.dr[4], DR6_RESET, "DR6 is FFFF0FF0h");
    EXPECT_EQ("dr7", r.dr[5], DR7_RESET, "DR7 is 00000400h");
}

TEST(msr, init_caching, "INIT leaves CR0.CD and CR0.NW unchanged",
     SPEC("Intel SDM vol. 3, Table 9-1 note 2; AMD APM vol. 2, Table 14-1"),
     NEEDS("smp=2 boot=own"))
{
    struct start_report r;

    busy.cr0 = ((uint32_t)read_cr0() | CR0_ET) & ~(CR0_CD | CR0_NW);
    init_ap(&r);
    EXPECT_BITS("off", r.cr[0], CR0_CD | CR0_NW, 0, "they stay 0 if they were 0");
}

TEST(msr, init_keeps, "INIT leaves MSRs and XCR0 unchanged",
     SPEC("Intel SDM vol. 3, Tables 9-1 and 9-2; AMD APM vol. 2, Table 14-1"),
     NEEDS("smp=2 cpu=max boot=own"))
{
    static struct msr_value msrs[START_MSRS] = {
        {MSR_STAR, 0x00230018deadbee0},
        {MSR_SYSENTER_CS, 0x0000bee8},
        {MSR_SYSENTER_ESP, 0x89abcde0},
        {MSR_SYSENTER_EIP, 0x76543210},
        {MSR_MISC_ENABLE, 0},
        {MSR_PAT, 0x0001040506070001},
#ifdef __x86_64__
        {MSR_LSTAR, 0xffff8123456789ab},
        {MSR_CSTAR, 0xffff8ba987654321},
        {MSR_SFMASK, 0x00047700},
        {MSR_KERNEL_GS_BASE, 0x00005a5a5a5a5a5a},
#endif
    };
    struct start_report r;
    struct cpuid_regs id;
    unsigned int n = 0;

    while (msrs[n].msr)
        n++;
    cpuid(0x80000001, 0, &id);
    if (id.edx & CPUID_80000001_EDX_RDTSCP)
        msrs[n++] = (struct msr_value){MSR_TSC_AUX, 0x1234abcd};
    cpuid(1, 0, &id);
    busy.xcr0 = id.ecx & CPUID_1_ECX_XSAVE ? 3 : 0;
    busy.msrs = msrs;
    busy.count = n;
    init_ap(&r);
    for (unsigned int i = 0; i < n; i++) {
        CONTEXT("MSR %#x", msrs[i].msr);
        EXPECT_EQ("msrs", r.msr[i], msrs[i].value, "MSRs are unchanged");
    }
    CONTEXT_CLEAR();
    if (busy.xcr0)
        EXPECT_EQ("xcr0", r.xcr0, busy.xcr0, "XCR0 is unchanged");
    else
        SKIP_CHECK("xcr0", "the CPU has no XSAVE");
}

TEST(msr, init_mtrrs, "INIT leaves the MTRRs unchanged",
     SPEC("Intel SDM vol. 3, Table 9-1; AMD APM vol. 2, Table 14-1"), NEEDS("smp=2 boot=own"))
{
    static struct msr_value msrs[] = {
        {MSR_MTRR_DEF_TYPE, MTRR_DEF_TYPE_E | 6},
        {MSR_MTRR_PHYSBASE(0), 0xc0000000},
        {MSR_MTRR_PHYSMASK(0), 0xc0000000 | MTRR_PHYSMASK_V},
        {MSR_MTRR_PHYSBASE(7), 0xfe000004},
        {MSR_MTRR_PHYSMASK(7), 0xff000000 | MTRR_PHYSMASK_V},
        {MSR_MTRR_FIX64K, 0x0606060606060606},
    };
    struct start_report r;

    busy.msrs = msrs;
    busy.count = sizeof(msrs) / sizeof(msrs[0]);
    init_ap(&r);
    for (unsigned int i = 0; i < busy.count; i++) {
        CONTEXT("MSR %#x", msrs[i].msr);
        EXPECT_NE("written", msrs[i].value, 0, "they hold what was written before INIT");
        EXPECT_EQ("mtrrs", r.msr[i], msrs[i].value, "the MTRRs are unchanged");
    }
}

/* Intel SDM vol. 1, "FXSAVE Area": control words, eight x87 registers, XMM0 to XMM7. */
#define FX_ST      32
#define FX_XMM     160
#define FX_XMM_END 288

TEST(msr, init_fpu, "INIT leaves x87 and SSE registers unchanged",
     SPEC("Intel SDM vol. 3, Table 9-1; AMD APM vol. 2, Table 14-1"), NEEDS("smp=2 boot=own"))
{
    static uint8_t fx[512] __attribute__((aligned(16)));
    struct start_report r;

    for (unsigned int i = FX_ST; i < FX_XMM_END; i++)
        fx[i] = (uint8_t)(i * 37 + 11);
    for (unsigned int i = 0; i < 8; i++)
        memset(&fx[FX_ST + 16 * i + 10], 0, 6);
    *(uint16_t *)fx = 0x0a7f;        /* FCW: not FNINIT's */
    *(uint16_t *)(fx + 2) = 0x2900;  /* FSW: TOP = 5, C0 */
    fx[4] = 0xff;                    /* all eight registers in use */
    *(uint32_t *)(fx + 24) = 0x9fa0; /* MXCSR: not the reset value */
    busy.fx = fx;
    init_ap(&r);
    EXPECT_MEM("fcw", r.fx, fx, 2, "the x87 control word is unchanged");
    EXPECT_MEM("fsw", r.fx + 2, fx + 2, 2, "the x87 status word is unchanged");
    EXPECT_MEM("ftw", r.fx + 4, fx + 4, 1, "the x87 tag word is unchanged");
    EXPECT_MEM("mxcsr", r.fx + 24, fx + 24, 4, "MXCSR is unchanged");
    EXPECT_MEM("x87", r.fx + FX_ST, fx + FX_ST, 128, "the x87 registers are unchanged");
    EXPECT_MEM("xmm", r.fx + FX_XMM, fx + FX_XMM, 128, "the XMM registers are unchanged");
}
