/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers of the CPUs over a migration. */
#include <stddef.h>

#include "hw/cpu.h"
#include "kernel/machine.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/migrate/migrate.h"

#define HERE "host=migrate boot=own smp=2 accel=tcg "

#define CPUS      2
#define FIX64K    MSR_MTRR_FIX64K
#define FIX16K(n) (0x258U + (n))
#define FIX4K(n)  (0x268U + (n))

static const struct {
    uint32_t msr;
    bool long_mode; /* not in qemu-system-i386 */
    uint64_t value; /* for CPU 0; CPU 1 gets the sum with step */
    uint64_t step;
} msrs[] = {
    {MSR_SYSENTER_CS, false, 0x1230, 8},
    {MSR_SYSENTER_ESP, false, 0xffff812323456780, 8}, /* 32 bits in qemu-system-i386 */
    {MSR_SYSENTER_EIP, false, 0x34567890, 8},
    {MSR_PAT, false, 0x0706050400010407, 0},
    {MSR_MTRR_DEF_TYPE, false, 0x0c06, 0},
    {FIX64K, false, 0x0605040106050401, 0},
    {FIX16K(0), false, 0x0106050401060504, 0},
    {FIX16K(1), false, 0x0404040406060606, 0},
    {FIX4K(0), false, 0x0601060106010601, 0},
    {FIX4K(7), false, 0x0501050105010501, 0},
    {MSR_MTRR_PHYSBASE(0), false, 0x80000000, 0},
    {MSR_MTRR_PHYSMASK(0), false, 0xff000800, 0},
    {MSR_MTRR_PHYSBASE(7), false, 0x90000006, 0},
    {MSR_MTRR_PHYSMASK(7), false, 0xffe000800, 0},
    {MSR_MCG_STATUS, false, 0x5, 0},
    {MSR_VM_HSAVE_PA, false, 0x12345000, 0x1000},
    {MSR_STAR, true, 0x0008001012345678, 0x100},
    {MSR_LSTAR, true, 0x0000123456789ab0, 0x10},
    {MSR_CSTAR, true, 0x0000234567890120, 0x10},
    {MSR_SFMASK, true, 0x00040200, 0x100},
    {MSR_KERNEL_GS_BASE, true, 0x0000345678901230, 0x10},
};

#define MSRS (sizeof(msrs) / sizeof(msrs[0]))

static struct state {
    uint64_t msr[MSRS], efer, tsc;
    unsigned long cr0, cr2, cr3, cr4, dr[6];
    uint8_t fx[512] __attribute__((aligned(16)));
} before[CPUS], after[CPUS];

static uint8_t image[512] __attribute__((aligned(16)));

static bool has(size_t i)
{
    return machine.qemu_x86_64 || !msrs[i].long_mode;
}

static uint64_t value_of(size_t i, uint32_t n)
{
    uint64_t value = msrs[i].value + n * msrs[i].step;

    return msrs[i].msr == MSR_SYSENTER_ESP && !machine.qemu_x86_64 ? (uint32_t)value : value;
}

static uint64_t fill(void *arg)
{
    uint32_t n = *(uint32_t *)arg;

    for (size_t i = 0; i < MSRS; i++) {
        if (has(i))
            wrmsr(msrs[i].msr, value_of(i, n));
    }
    write_cr2(0x12345000 + n);
    write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_DE | CR4_TSD);
    write_dr0(0x11111110 + n);
    write_dr1(0x22222220 + n);
    write_dr2(0x33333330 + n);
    write_dr3(0x44444440 + n);
    write_dr6(0xffff0ff0 | n);
    image[160] = (uint8_t)n;
    __asm__ volatile("fxrstor (%0)" : : "r"(image) : "memory");
    return 0;
}

static uint64_t look(void *arg)
{
    struct state *s = arg;

    for (size_t i = 0; i < MSRS; i++)
        s->msr[i] = has(i) ? rdmsr(msrs[i].msr) : 0;
    s->efer = rdmsr(MSR_EFER);
    s->tsc = rdtsc();
    s->cr0 = read_cr0();
    s->cr2 = read_cr2();
    s->cr3 = read_cr3();
    s->cr4 = read_cr4();
    s->dr[0] = read_dr0();
    s->dr[1] = read_dr1();
    s->dr[2] = read_dr2();
    s->dr[3] = read_dr3();
    s->dr[4] = read_dr6();
    s->dr[5] = read_dr7();
    memset(s->fx, 0, sizeof(s->fx));
    __asm__ volatile("fxsave (%0)" : : "r"(s->fx) : "memory");
    return 0;
}

static void look_at_all(struct state *s)
{
    for (uint32_t n = 0; n < CPUS; n++) {
        if (!smp_call(n, look, &s[n], NULL))
            ERROR("CPU %u does not answer", n);
    }
}

/* An FXRSTOR image with something in every register. */
static void prepare_image(void)
{
    for (unsigned int i = 32; i < 416; i++)
        image[i] = (uint8_t)(i * 7 + 1);
    image[0] = 0x7f; /* FCW 027F: double precision */
    image[1] = 0x02;
    image[2] = 0x00; /* FSW: top of stack is 3 */
    image[3] = 0x18;
    image[4] = 0xff;  /* no register is empty */
    image[24] = 0xc0; /* MXCSR 7FC0: round to zero, DAZ */
    image[25] = 0x7f;
    image[26] = image[27] = 0;
    for (unsigned int i = 0; i < 8; i++)
        memset(image + 32 + 16 * i + 10, 0, 6);
}

TEST(migrate, cpu_registers, "MSRs, control, debug and floating-point registers are what they were",
     SPEC(MIGRATION "Intel SDM vol. 4; vol. 3, 2.5, 17.2; vol. 1, 10.5"), NEEDS(HERE))
{
    if (!smp_start_all())
        ERROR("an AP is missing");
    prepare_image();
    for (uint32_t n = 0; n < CPUS; n++)
        smp_call(n, fill, &n, NULL);
    look_at_all(before);
    for (size_t i = 0; i < MSRS; i++) {
        CONTEXT("MSR %#x", msrs[i].msr);
        if (has(i))
            EXPECT_EQ("written", before[1].msr[i], value_of(i, 1), "it is written");
    }
    migrate();
    look_at_all(after);
    for (uint32_t n = 0; n < CPUS; n++) {
        for (size_t i = 0; i < MSRS; i++) {
            CONTEXT("CPU %u, MSR %#x", n, msrs[i].msr);
            EXPECT_EQ("msr", after[n].msr[i], before[n].msr[i], "every MSR reads as before");
        }
        CONTEXT("CPU %u", n);
        EXPECT_EQ("efer", after[n].efer, before[n].efer, "so does EFER");
        EXPECT_EQ("cr0", after[n].cr0, before[n].cr0, "and CR0");
        EXPECT_EQ("cr2", after[n].cr2, before[n].cr2, "and CR2");
        EXPECT_EQ("cr3", after[n].cr3, before[n].cr3, "and CR3");
        EXPECT_EQ("cr4", after[n].cr4, before[n].cr4, "and CR4");
        EXPECT_MEM("dr", after[n].dr, before[n].dr, sizeof(before[n].dr), "and the DRs");
        EXPECT_MEM("fx", after[n].fx, before[n].fx, sizeof(before[n].fx), "and x87, SSE, MXCSR");
        EXPECT_TRUE("tsc", after[n].tsc > before[n].tsc, "the TSC has gone on");
    }
    CONTEXT_CLEAR();
}
