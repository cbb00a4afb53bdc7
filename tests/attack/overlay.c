/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operating system can move lies over SMRAM: a device's registers, the window of
 * configuration space, the local APIC.  None of them shows SMRAM outside SMM.
 */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/attack/ahci.h"
#include "tests/attack/target.h"

#define PAGE 0x1000U

/* The first bytes of a page, from outside SMM: read, then attacked. */
static void poke(const char *what, uint32_t at)
{
    uint32_t hidden = 0;

    CONTEXT("%s over SMRAM, 4 bytes at %#x, kernel mode outside SMM", what, at);
    for (uint32_t i = 0; i < 4; i++)
        hidden |= (uint32_t)target_byte(at + i) << 8 * i;
    EXPECT_NE("read", mmio_read32(at), hidden, "outside SMM, SMRAM is not to be read");
    EXPECT_NE("read-byte", mmio_read8(at), target_byte(at), "nor by bytes");
    mmio_write32(at, ~hidden);
    mmio_write8(at + 5, (uint8_t)~target_byte(at + 5));
    CONTEXT_CLEAR();
}

/* SMM has what it had, and works: its code, its stack and its save areas are in SMRAM. */
static void check_smm(const char *what, uint32_t at)
{
    struct smm_cpu_report *r = smm_report_of(smp_apic_id(smp_self()));
    uint32_t entries = r->entries;
    uint32_t smbase = r->smbase;

    CONTEXT("%s over SMRAM at %#x", what, at);
    EXPECT_TARGET_UNTOUCHED("untouched", "SMM finds its memory there, unchanged");
    EXPECT_EQ("entries", r->entries, entries + 1, "the SMI was handled at SMM's own SMBASE");
    EXPECT_EQ("smbase", r->saved_smbase, smbase, "with the save area that belongs to it");
    CONTEXT_CLEAR();
}

#define HIDDEN                                                                                \
    "Q35 MCH datasheet, ESMRAMC (9Eh), TSEG, and the order of memory decoding: SMRAM first; " \
    "QEMU bafc90bdc5: TSEG is hidden from CPUs outside SMM"

TEST(attack, bar_over_smram, "a device's registers laid over SMRAM change nothing about it",
     SPEC(HIDDEN), NEEDS("boot=own"))
{
    uint32_t smbase;

    target_prepare();
    ahci_init();
    smbase = smm_report_of(smp_apic_id(smp_self()))->smbase;
    for (uint32_t at = target_base(); at < target_base() + TARGET_SIZE; at += 5 * PAGE) {
        ahci_move(at);
        poke("AHCI's registers", at);
        check_smm("AHCI's registers", at);
    }
    ahci_move((smbase + SMM_ENTRY_OFFSET) & ~(PAGE - 1));
    check_smm("AHCI's registers", smbase + SMM_ENTRY_OFFSET);
    ahci_move((smbase + SMM_SAVE_OFFSET) & ~(PAGE - 1));
    check_smm("AHCI's registers", smbase + SMM_SAVE_OFFSET);
    ahci_move(mch_low_ram_top() - mch_tseg_size());
    check_smm("AHCI's registers", mch_low_ram_top() - mch_tseg_size());
    ahci_move(0);
    check_smm("nothing", 0);
}

/* 256 MiB, the second half of memory. */
#define OVERLAY 0x10000000U

TEST(attack, ecam_over_smram, "PCIEXBAR laid over SMRAM changes nothing about it", SPEC(HIDDEN),
     NEEDS("boot=own mem=512"))
{
    uint32_t before;

    target_prepare();
    before = mch_read32(MCH_PCIEXBAR);
    mch_write32(MCH_PCIEXBAR, 0);
    mch_write32(MCH_PCIEXBAR + 4, 0);
    mch_write32(MCH_PCIEXBAR, OVERLAY | PCIEXBAR_LENGTH_256M | PCIEXBAR_EN);
    REQUIRE_EQ("placed", mch_read32(MCH_PCIEXBAR), OVERLAY | PCIEXBAR_LENGTH_256M | PCIEXBAR_EN,
               "PCIEXBAR takes the address, D_LCK or not");
    for (uint32_t at = target_base(); at < target_base() + TARGET_SIZE; at += PAGE)
        poke("PCIEXBAR", at);
    check_smm("PCIEXBAR", target_base());
    mch_write32(MCH_PCIEXBAR, 0);
    mch_write32(MCH_PCIEXBAR, before);
    check_smm("nothing", 0);
}

static void move_apic(void *arg)
{
    wrmsr(MSR_APIC_BASE, *(const uint64_t *)arg);
}

/*
 * Where the APIC is laid over SMRAM, SMM itself may lose memory: no manual denies it.  So only what
 * the operating system gets to see and to change is judged, and that when the APIC is back.
 */
TEST(attack, apic_over_smram, "the local APIC laid over SMRAM shows and changes nothing of it",
     SPEC(HIDDEN "; Intel SDM vol. 3, 10.4.5: IA32_APIC_BASE"), NEEDS("boot=own"))
{
    uint64_t own, moved;

    target_prepare();
    own = rdmsr(MSR_APIC_BASE);
    for (uint32_t at = target_base(); at < target_base() + TARGET_SIZE; at += 5 * PAGE) {
        unsigned long flags = irq_save();

        moved = (own & ~APIC_BASE_ADDRESS) | at;
        if (trap_catch(move_apic, &moved).caught) {
            irq_restore(flags);
            SKIP("this QEMU does not let the local APIC be moved");
        }
        poke("the local APIC", at);
        wrmsr(MSR_APIC_BASE, own);
        irq_restore(flags);
        check_smm("nothing any more", at);
    }
}
