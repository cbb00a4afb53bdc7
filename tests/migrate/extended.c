/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What newer CPUs have in addition, over a migration: each where the CPU has it. */
#include "hw/cpu.h"
#include "kernel/machine.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/migrate/migrate.h"

#define HERE "host=migrate boot=own smp=2 accel=tcg cpu=max "
#define CPUS 2

#define CPUID_80000001_EDX_TSCP BIT(27)
#define CPUID_1_ECX_AVX         BIT(28)
#define CPUID_7_ECX_PKU         BIT(3)
#define CR4_PKE                 BIT(22)
#define XCR0_X87_SSE_AVX        7U
#define XCR0_PKRU               BIT(9)

static struct state {
    uint64_t tsc_aux, xcr0, fs, gs;
    uint32_t pkru;
    uint8_t ymm[2][32];
} before[CPUS], after[CPUS];

static uint32_t xcr0;
static bool has_rdtscp, has_avx, has_pku, has_long_mode;

static void find_features(void)
{
    struct cpuid_regs one, seven, extended;

    cpuid(0x80000001, 0, &extended);
    cpuid(7, 0, &seven);
    cpuid(1, 0, &one);
    /* Not in qemu-system-i386. */
    has_rdtscp = machine.qemu_x86_64 && extended.edx & CPUID_80000001_EDX_TSCP;
    has_avx = (one.ecx & CPUID_1_ECX_XSAVE) && (one.ecx & CPUID_1_ECX_AVX);
#ifdef __x86_64__
    has_long_mode = true;
    has_pku = seven.ecx & CPUID_7_ECX_PKU;
#endif
    xcr0 = XCR0_X87_SSE_AVX;
    if (has_avx) {
        cpuid(0x0d, 0, &one); /* EAX: what XCR0 may have */
        xcr0 |= one.eax & XCR0_PKRU;
    }
}

static uint64_t fill(void *arg)
{
    uint32_t n = *(uint32_t *)arg;
    uint8_t ymm[2][32];

    for (unsigned int i = 0; i < sizeof(ymm); i++)
        ymm[i / 32][i % 32] = (uint8_t)(i * 5 + n + 1);
    if (has_rdtscp)
        wrmsr(MSR_TSC_AUX, 0x89abcde0 + n);
    if (has_avx) {
        write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXSAVE);
        __asm__ volatile("xsetbv" : : "c"(0), "a"(xcr0), "d"(0) : "memory");
        __asm__ volatile("vmovdqu (%0), %%ymm1; vmovdqu 32(%0), %%ymm7" : : "r"(ymm) : "memory");
    }
    if (has_pku) {
        write_cr4(read_cr4() | CR4_PKE);
        __asm__ volatile("wrpkru" : : "a"(0x5a5a5a50 + 4 * n), "c"(0), "d"(0) : "memory");
    }
    if (has_long_mode) {
        wrmsr(MSR_FS_BASE, 0x0000123456789000 + n);
        wrmsr(MSR_GS_BASE, 0xffff923456789000 + n);
    }
    return 0;
}

static uint64_t look(void *arg)
{
    struct state *s = arg;
    uint32_t low, high;

    memset(s, 0, sizeof(*s));
    if (has_rdtscp)
        s->tsc_aux = rdmsr(MSR_TSC_AUX);
    if (has_avx) {
        __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        s->xcr0 = low | (uint64_t)high << 32;
        __asm__ volatile("vmovdqu %%ymm1, (%0); vmovdqu %%ymm7, 32(%0)" : : "r"(s->ymm) : "memory");
    }
    if (has_pku)
        __asm__ volatile("rdpkru" : "=a"(s->pkru), "=d"(high) : "c"(0));
    if (has_long_mode) {
        s->fs = rdmsr(MSR_FS_BASE);
        s->gs = rdmsr(MSR_GS_BASE);
    }
    return 0;
}

static void on_all(smp_function fn, struct state *s)
{
    for (uint32_t n = 0; n < CPUS; n++) {
        if (!smp_call(n, fn, s ? (void *)&s[n] : (void *)&n, NULL))
            ERROR("CPU %u does not answer", n);
    }
}

TEST(migrate, extended_registers, "TSC_AUX, XCR0, YMM, PKRU, FS and GS bases are what they were",
     SPEC(MIGRATION "Intel SDM vol. 4; vol. 1, 13.3; vol. 3, 4.6.2"), NEEDS(HERE))
{
    if (!smp_start_all())
        ERROR("an AP is missing");
    find_features();
    on_all(fill, NULL);
    on_all(look, before);
    if (has_rdtscp)
        EXPECT_EQ("written", before[1].tsc_aux, 0x89abcde1, "what is written is there");
    migrate();
    on_all(look, after);
    for (uint32_t n = 0; n < CPUS; n++) {
        CONTEXT("CPU %u", n);
        EXPECT_EQ("tsc-aux", after[n].tsc_aux, before[n].tsc_aux, "TSC_AUX reads as before");
        EXPECT_EQ("xcr0", after[n].xcr0, before[n].xcr0, "so does XCR0");
        EXPECT_MEM("ymm", after[n].ymm, before[n].ymm, sizeof(before[n].ymm), "and YMM registers");
        EXPECT_EQ("pkru", after[n].pkru, before[n].pkru, "and PKRU");
        EXPECT_EQ("fs", after[n].fs, before[n].fs, "and FS's base");
        EXPECT_EQ("gs", after[n].gs, before[n].gs, "and GS's");
    }
    CONTEXT_CLEAR();
}
