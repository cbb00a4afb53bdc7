/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMBASE where no firmware has it: in ordinary memory, and not at a multiple of 32 KiB. */
#include "firmware/smm.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "smm/savestate.h"

/* Handler and marks, below SMBASE + FE00h. */
#define MARK_OFFSET 0x9000U
#define MARK        0x5adU

/*
 * 16-bit code for SMBASE + 8000h, CS base being SMBASE: marks that it ran, where, and what CS
 * is; puts SMBASE back in the save area of either form, of which one is in force; RSM.
 */
static const uint8_t handler[] = {
    0x2e, 0xff, 0x06, 0x00, 0x90,             /* inc word [cs:9000h] */
    0x2e, 0x8c, 0x0e, 0x04, 0x90,             /* mov [cs:9004h], cs */
    0x66, 0x2e, 0xa1, 0x08, 0x90,             /* mov eax, [cs:9008h] */
    0x2e, 0x81, 0x3e, 0xfc, 0xfe, 0x64, 0x00, /* cmp word [cs:fefch], 64h */
    0x74, 0x07,                               /* je +7 */
    0x66, 0x2e, 0xa3, 0xf8, 0xfe,             /* mov [cs:fef8h], eax */
    0x0f, 0xaa,                               /* rsm */
    0x66, 0x2e, 0xa3, 0x00, 0xff,             /* mov [cs:ff00h], eax */
    0x0f, 0xaa,                               /* rsm */
};

static uint64_t SMM_CODE move_smbase(struct smm_cpu *cpu, void *arg)
{
    smm_save_set(smm_cpu_save(cpu), SMM_REG_SMBASE, *(const uint32_t *)arg);
    return 0;
}

static void check_place(uint32_t smbase, uint32_t own)
{
    uint8_t *memory = (uint8_t *)(uintptr_t)smbase;
    struct smm_cpu_report *r = smm_report_of(smp_apic_id(smp_self()));
    uint32_t entries;

    CONTEXT("SMBASE %#x", smbase);
    memset(memory + SMM_ENTRY_OFFSET, 0, 0x8000);
    memcpy(memory + SMM_ENTRY_OFFSET, handler, sizeof(handler));
    memcpy(memory + MARK_OFFSET + 8, &own, sizeof(own));
    smm_run(move_smbase, &smbase);
    entries = r->entries;
    apm_write(SMM_CMD_PING, 0);
    EXPECT_EQ("entered", mmio_read16(smbase + MARK_OFFSET), 1,
              "the next SMI is taken at SMBASE + 8000h, once (SDM vol. 3, 34.4, 34.11)");
    EXPECT_EQ("selector", mmio_read16(smbase + MARK_OFFSET + 4), smbase >> 4 & 0xffff,
              "CS is SMBASE >> 4 (SDM vol. 3, Table 34-4)");
    EXPECT_EQ("left", r->entries, entries, "and no longer where it was");
    EXPECT_NE("save-area", mmio_read32(smbase + 0xfefc), 0,
              "the save area is at SMBASE + FE00h, with a revision identifier");
    apm_write(SMM_CMD_PING, 0);
    EXPECT_EQ("back", r->entries, entries + 1, "RSM brings the old SMBASE back");
    EXPECT_EQ("once", mmio_read16(smbase + MARK_OFFSET), 1, "which the CPU does not leave again");
    CONTEXT_CLEAR();
}

TEST(relocation, elsewhere, "SMBASE may be any multiple of 16, in ordinary memory too",
     SPEC("Intel SDM vol. 3, 34.11 SMBASE Relocation: 32 KiB alignment for Pentium and Intel486 "
          "only; AMD APM vol. 2, 10.2.2"),
     NEEDS("boot=own"))
{
    uint32_t half = mch_low_ram_top() / 2, own;
    const uint32_t places[] = {half,           half + 0x8000,  half + 0x10, half + 0x8ff0,
                               half + 0x12340, half + 0x3fff0, 0x06000000,  0x05fffff0};

    REQUIRE_SMM();
    own = smm_report_of(smp_apic_id(smp_self()))->smbase;
    for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        check_place(places[i], own);
}
