/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AVX registers and PKRU over an INIT. */
#include <stddef.h>

#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/msr/start.h"

#define AP           1
#define START_VECTOR 0x60

#define CPUID_1_ECX_AVX  BIT(28)
#define CPUID_7_ECX_PKU  BIT(3)
#define CR4_PKE          BIT(22)
#define XCR0_X87_SSE_AVX 7U
#define PKRU             0x5a5a5a54U /* key 0 is the kernel's */

static struct {
    bool avx, pku;
} has;

struct state {
    uint8_t ymm[8][32];
    uint32_t pkru;
};

static void open_state(void)
{
    if (has.avx) {
        write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXSAVE);
        __asm__ volatile("xsetbv" : : "c"(0), "a"(XCR0_X87_SSE_AVX), "d"(0) : "memory");
    }
    if (has.pku)
        write_cr4(read_cr4() | CR4_PKE);
}

static uint64_t load(void *arg)
{
    const struct state *s = arg;

    open_state();
    if (has.avx)
        __asm__ volatile(".irp n,0,1,2,3,4,5,6,7; vmovdqu 32*\\n(%0), %%ymm\\n; .endr"
                         :
                         : "r"(s->ymm)
                         : "memory");
    if (has.pku)
        __asm__ volatile("wrpkru" : : "a"(s->pkru), "c"(0), "d"(0) : "memory");
    return 0;
}

static uint64_t store(void *arg)
{
    struct state *s = arg;
    uint32_t high;

    open_state();
    if (has.avx)
        __asm__ volatile(".irp n,0,1,2,3,4,5,6,7; vmovdqu %%ymm\\n, 32*\\n(%0); .endr"
                         :
                         : "r"(s->ymm)
                         : "memory");
    if (has.pku)
        __asm__ volatile("rdpkru" : "=a"(s->pkru), "=d"(high) : "c"(0));
    return 0;
}

TEST(msr, init_extended, "INIT leaves AVX registers and PKRU unchanged",
     SPEC("Intel SDM vol. 3, Table 9-1: YMM, PKRU"), NEEDS("smp=2 cpu=max boot=own"))
{
    static struct state want, got;
    struct cpuid_regs one, seven;
    uint32_t n;

    cpuid(1, 0, &one);
    cpuid(7, 0, &seven);
    has.avx = (one.ecx & CPUID_1_ECX_XSAVE) && (one.ecx & CPUID_1_ECX_AVX);
#ifdef __x86_64__
    has.pku = seven.ecx & CPUID_7_ECX_PKU;
#endif
    if (!has.avx && !has.pku)
        SKIP("the CPU model has neither");
    if (!smp_start_all())
        ERROR("the AP does not come up");
    if (has.avx)
        for (unsigned int i = 0; i < sizeof(want.ymm); i++)
            want.ymm[i / 32][i % 32] = (uint8_t)(i * 37 + 5);
    want.pkru = has.pku ? PKRU : 0;
    smp_call(AP, load, &want, NULL);
    start_prepare(START_VECTOR, NULL, 0);
    REQUIRE_TRUE("started", start_cpu(AP, START_VECTOR), "INIT and SIPI start the AP");
    n = start_return(AP);
    REQUIRE_TRUE("answers", smp_call(n, store, &got, NULL), "it answers");
    EXPECT_MEM("ymm", got.ymm, want.ymm, sizeof(want.ymm), "YMM0 to YMM7 are as before");
    EXPECT_EQ("pkru", got.pkru, want.pkru, "and so is PKRU");
}
