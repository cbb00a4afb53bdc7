/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/entry/witness.h"

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "lib/trap.h"
#include "tests/entry/scene_tables.h"

#define WITNESSES   2
#define REGION_SIZE 0x10000U
#define MARGIN      0x200U  /* below and above the save area, must not change */
#define STACK_TOP   0xfc00U /* from SMBASE, below the save area and its margin */

#define CPUID_80000001_EDX_SYSCALL BIT(11)

extern const uint8_t witness_start[], witness_end[], witness_here[];

/* Every field is a label of witness.asm. */
#define FIELD(name) extern const uint8_t witness_##name[]
FIELD(smbase);
FIELD(stack);
FIELD(has_efer);
FIELD(target);
FIELD(leave);
FIELD(long_cr3);
FIELD(own_gdtr);
FIELD(spoiled_dtr);
FIELD(spoiled_dr6);
FIELD(spoiled_cr0);
FIELD(spoiled_cr3);
FIELD(spoiled_cr4);
FIELD(spoiled_efer);
FIELD(spoiled_flags);
FIELD(edits);
FIELD(gdt);
FIELD(count);
FIELD(flags);
FIELD(eip);
FIELD(cs);
FIELD(ds);
FIELD(es);
FIELD(fs);
FIELD(gs);
FIELD(ss);
FIELD(gdtr);
FIELD(idtr);
FIELD(ldtr);
FIELD(tr);
FIELD(cr0);
FIELD(cr2);
FIELD(cr3);
FIELD(cr4);
FIELD(dr6);
FIELD(dr7);
FIELD(dr);
FIELD(efer);
FIELD(smi_count);
FIELD(by_ds);
FIELD(by_es);
FIELD(by_fs);
FIELD(by_gs);
FIELD(by_ss);
FIELD(by_cs);
FIELD(save);

static struct {
    uint32_t smbase;
    uint32_t *target; /* the magic number, then a word per segment that writes */
} witness[WITNESSES];

/* Address of a field in the copy for smbase. */
static void *at(uint32_t smbase, const uint8_t *label)
{
    return (void *)(uintptr_t)(smbase + SMM_ENTRY_OFFSET + (uint32_t)(label - witness_start));
}

#define AT16(smbase, name) (*(volatile uint16_t *)at(smbase, witness_##name))
#define AT32(smbase, name) (*(volatile uint32_t *)at(smbase, witness_##name))
#define AT64(smbase, name) (*(volatile uint64_t *)at(smbase, witness_##name))

bool witness_cpu_has_efer(void)
{
    struct cpuid_regs r;

    cpuid(0x80000000, 0, &r);
    if (r.eax < 0x80000001)
        return false;
    cpuid(0x80000001, 0, &r);
    return r.edx & (CPUID_80000001_EDX_SYSCALL | CPUID_80000001_EDX_NX | CPUID_80000001_EDX_LM);
}

static struct smm_cpu_report *own_report(void)
{
    return smm_report_of(smp_apic_id(0));
}

bool witness_map_is_amd64(void)
{
    return (own_report()->revision & 0xffff) == SMM_REV_AMD64;
}

static void set_gdt(uint32_t smbase)
{
    uint64_t *gdt = at(smbase, witness_gdt);
    struct descriptor_pointer *own = at(smbase, witness_own_gdtr);

    gdt[1] = descriptor(smbase + SMM_ENTRY_OFFSET, 0xffff, ATTR_CODE | ATTR_D);
    gdt[2] = descriptor(0, 0xffffffff, ATTR_DATA | ATTR_D | ATTR_G);
    gdt[3] = descriptor(0x005a5a50, 0x5a, ATTR_LDT);
    gdt[4] = descriptor(0x006a6a60, 0x6a, ATTR_TSS);
    gdt[5] = descriptor(0x5a5a5a50, 0x5a5a5, ATTR_DATA | ATTR_AVL);
    gdt[6] = descriptor(0, 0xffffffff, ATTR_CODE | ATTR_L | ATTR_G);
    own->limit = 8 * 8 - 1;
    own->base = (uintptr_t)gdt;
}

static void set_up(unsigned int n, enum witness_leave leave, const struct witness_spoil *spoil)
{
    uint32_t smbase;
    uint16_t *spoiled;

    if (!witness[n].smbase) {
        witness[n].smbase = (uint32_t)(uintptr_t)page_alloc(REGION_SIZE + MARGIN);
        witness[n].target = page_alloc(PAGE_SIZE);
    }
    smbase = witness[n].smbase;
    memset((void *)(uintptr_t)(smbase + SMM_SAVE_OFFSET - MARGIN), n ? 0x5a : 0xa5,
           SMM_SAVE_SIZE + 2 * MARGIN);
    memcpy((void *)(uintptr_t)(smbase + SMM_ENTRY_OFFSET), witness_start,
           (uint32_t)(witness_end - witness_start));
    memset(witness[n].target, 0, PAGE_SIZE);
    witness[n].target[0] = WITNESS_TARGET;
    AT32(smbase, smbase) = smbase;
    AT32(smbase, stack) = smbase + STACK_TOP;
    /* The legacy map has no EFER: there it is the handler's to leave alone. */
    AT32(smbase, has_efer) = witness_map_is_amd64();
    AT32(smbase, target) = (uint32_t)(uintptr_t)witness[n].target;
    AT32(smbase, leave) = leave;
    AT32(smbase, long_cr3) = scene_root_long();
    AT32(smbase, spoiled_dr6) = spoil->dr6;
    AT32(smbase, spoiled_cr0) = spoil->cr0;
    AT32(smbase, spoiled_cr3) = spoil->cr3;
    AT32(smbase, spoiled_cr4) = spoil->cr4;
    AT32(smbase, spoiled_efer) = spoil->efer;
    AT32(smbase, spoiled_flags) = spoil->flags;
    spoiled = at(smbase, witness_spoiled_dtr);
    spoiled[0] = spoiled[1] = spoiled[2] = 0x5a5a;
    set_gdt(smbase);
}

/* One more edit: the CPU's next SMBASE. */
static void edit_smbase(unsigned int n, unsigned int position, uint32_t next)
{
    struct witness_edit *e = at(witness[n].smbase, witness_edits);

    e += position;
    e->offset = witness_map_is_amd64() ? offsetof(struct smm_save64, smbase)
                                       : offsetof(struct smm_save32, smbase);
    e->length = sizeof(next);
    memcpy(e->value, &next, sizeof(next));
    e[1].length = 0;
}

void witness_begin(enum witness_leave leave, const struct witness_spoil *spoil,
                   const struct witness_edit *edits)
{
    unsigned int count = 0;

    set_up(0, leave, spoil);
    set_up(1, leave, spoil);
    while (edits && edits[count].length) {
        memcpy((struct witness_edit *)at(witness[0].smbase, witness_edits) + count, &edits[count],
               sizeof(*edits));
        count++;
    }
    edit_smbase(0, count, witness[1].smbase);
    edit_smbase(1, 0, own_report()->smbase);
}

static uint64_t SMM_CODE set_smbase(struct smm_cpu *cpu, void *arg)
{
    smm_save_set(smm_cpu_save(cpu), SMM_REG_SMBASE, (uintptr_t)arg);
    return 0;
}

void witness_attend(void)
{
    smm_run(set_smbase, (void *)(uintptr_t)witness[0].smbase);
}

void witness_dismiss(void)
{
    uint32_t before = own_report()->entries;

    for (int i = 0; i < WITNESSES + 1 && own_report()->entries == before; i++)
        apm_write(SMM_CMD_PING, 0);
    if (own_report()->entries == before)
        ERROR("the CPU does not come back to its own SMBASE");
}

/* Bytes around the save area that are not as set_up() left them. */
static uint32_t written_outside(unsigned int n)
{
    const volatile uint8_t *below = (uint8_t *)(uintptr_t)(witness[n].smbase + SMM_SAVE_OFFSET -
                                                           MARGIN);
    const volatile uint8_t *above = below + MARGIN + SMM_SAVE_SIZE;
    uint32_t count = 0;

    for (uint32_t i = 0; i < MARGIN; i++)
        count += (below[i] != (n ? 0x5a : 0xa5)) + (above[i] != (n ? 0x5a : 0xa5));
    return count;
}

void witness_get(unsigned int n, struct witness_report *r)
{
    uint32_t smbase = witness[n].smbase;
    const volatile uint32_t *target = witness[n].target;

    *r = (struct witness_report){
        .smbase = smbase,
        .count = AT32(smbase, count),
        .flags = AT32(smbase, flags),
        .eip = AT32(smbase, eip),
        .eip_expected = SMM_ENTRY_OFFSET + (uint32_t)(witness_here - witness_start),
        .cs = AT16(smbase, cs),
        .ds = AT16(smbase, ds),
        .es = AT16(smbase, es),
        .fs = AT16(smbase, fs),
        .gs = AT16(smbase, gs),
        .ss = AT16(smbase, ss),
        .ldtr = AT16(smbase, ldtr),
        .tr = AT16(smbase, tr),
        .cr0 = AT32(smbase, cr0),
        .cr2 = AT32(smbase, cr2),
        .cr3 = AT32(smbase, cr3),
        .cr4 = AT32(smbase, cr4),
        .dr6 = AT32(smbase, dr6),
        .dr7 = AT32(smbase, dr7),
        .efer = AT64(smbase, efer),
        .smi_count = AT32(smbase, smi_count),
        .written_outside = written_outside(n),
        .by = {AT32(smbase, by_es), AT32(smbase, by_cs), AT32(smbase, by_ss), AT32(smbase, by_ds),
               AT32(smbase, by_fs), AT32(smbase, by_gs)},
        .wrote = {target[2] == 'E' + ('S' << 8), true, target[5] == 'S' + ('S' << 8),
                  target[1] == 'D' + ('S' << 8), target[3] == 'F' + ('S' << 8),
                  target[4] == 'G' + ('S' << 8)},
    };
    memcpy(&r->gdtr_limit, at(smbase, witness_gdtr), 2);
    memcpy(&r->gdtr_base, (uint8_t *)at(smbase, witness_gdtr) + 2, 4);
    memcpy(&r->idtr_limit, at(smbase, witness_idtr), 2);
    memcpy(&r->idtr_base, (uint8_t *)at(smbase, witness_idtr) + 2, 4);
    memcpy(r->dr, at(smbase, witness_dr), sizeof(r->dr));
    memcpy(&r->save, at(smbase, witness_save), sizeof(r->save));
}
