/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways to have a changed page table seen, outside SMM and inside: firmware and test kernels
 * rely on them whenever they map something else. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/io.h"
#include "kernel/memory.h"
#include "kernel/test.h"

#define MIB 0x100000U

#define P_PRESENT UINT64_C(1)
#define P_WRITE   (UINT64_C(1) << 1)
#define P_LARGE   (UINT64_C(1) << 7)
#define P_GLOBAL  (UINT64_C(1) << 8)
#define P_FRAME   UINT64_C(0x000ffffffffff000)

#define LINEAR 0x9fe00000U /* nothing is there */
#define FIRST  0x11f1257aU
#define SECOND 0x225ec07dU

extern uint8_t kernel_page_root[];

enum way { WAY_INVLPG, WAY_CR3, WAY_PGE_OFF, WAY_PGE_ON, WAYS };

/* One translation is used, changed, and used again. */
struct remap {
    volatile uint64_t *entry; /* of the directory */
    uint64_t first, second;
    enum way way;
    uint32_t seen_first, seen_second;
};

static uint64_t SMM_CODE remap(struct smm_cpu *cpu, void *arg)
{
    struct remap *r = arg;
    unsigned long cr3 = read_cr3(), cr4 = read_cr4();

    (void)cpu;
    write_cr3((uintptr_t)kernel_page_root);
    write_cr4(r->way == WAY_PGE_ON ? cr4 & ~(unsigned long)CR4_PGE : cr4 | CR4_PGE);
    *r->entry = r->first;
    __asm__ volatile("invlpg (%0)" : : "r"((uintptr_t)LINEAR) : "memory");
    r->seen_first = mmio_read32(LINEAR);
    *r->entry = r->second;
    if (r->way == WAY_INVLPG)
        __asm__ volatile("invlpg (%0)" : : "r"((uintptr_t)LINEAR) : "memory");
    else if (r->way == WAY_CR3)
        write_cr3((uintptr_t)kernel_page_root);
    else
        write_cr4(read_cr4() ^ CR4_PGE);
    r->seen_second = mmio_read32(LINEAR);
    write_cr4(cr4);
    write_cr3(cr3);
    return 0;
}

static volatile uint64_t *directory_entry(void)
{
    uint64_t *table = (uint64_t *)kernel_page_root;

#ifdef __x86_64__
    table = (uint64_t *)(uintptr_t)(table[0] & P_FRAME);
#endif
    table = (uint64_t *)(uintptr_t)(table[LINEAR >> 30] & P_FRAME);
    return &table[LINEAR >> 21 & 511];
}

TEST(tlb, invalidation, "INVLPG, MOV to CR3 and a change of CR4.PGE have new mappings seen",
     SPEC("Intel SDM vol. 3, 4.10.4.1 Operations that Invalidate TLBs and Paging-Structure Caches"),
     NEEDS("boot=own"))
{
    static const char *const ways[WAYS] = {"INVLPG, a global page", "MOV to CR3",
                                           "CR4.PGE cleared, a global page", "CR4.PGE set"};
    uint32_t block = (uint32_t)(uintptr_t)page_alloc(6 * MIB);
    uint64_t place = (block + 2 * MIB - 1) & ~(2 * MIB - 1), old = *directory_entry();

    REQUIRE_SMM();
    mmio_write32((uint32_t)place, FIRST);
    mmio_write32((uint32_t)place + 2 * MIB, SECOND);
    for (unsigned int i = 0; i < 2 * WAYS; i++) {
        uint64_t bits = P_PRESENT | P_WRITE | P_LARGE;
        struct remap r = {.entry = directory_entry(), .way = i / 2};

        bits |= r.way == WAY_INVLPG || r.way == WAY_PGE_OFF ? P_GLOBAL : 0;
        r.first = place | bits;
        r.second = (place + 2 * MIB) | bits;
        CONTEXT("%s, %s SMM", ways[r.way], i & 1 ? "inside" : "outside");
        if (i & 1)
            smm_run(remap, &r);
        else
            remap(NULL, &r);
        EXPECT_EQ("first", r.seen_first, FIRST, "the first mapping is in force");
        EXPECT_EQ("second", r.seen_second, SECOND, "and then the second");
    }
    CONTEXT_CLEAR();
    *directory_entry() = old;
    write_cr3(read_cr3());
}
