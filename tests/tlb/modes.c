/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tlb/modes.h"

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "lib/trap.h"

#define VECTORS   32U
#define STUB_SIZE 16U

#define CODE32 0x18 /* modes.asm */
#ifdef __x86_64__
#define KERNEL_CS 0x08
#endif
#define GATE_INTERRUPT32 0x8e /* present, 32-bit (in long mode 64-bit) interrupt gate */

/* modes.inc: MODES_DATA */
struct modes_data {
    uint32_t kind, cr3, cr4;
    uint32_t vector;
    uint16_t idtr_limit;
    uint32_t idtr_base;
    uint16_t reserved;
    uint16_t smm_idtr_limit;
    uint32_t smm_idtr_base;
} __attribute__((packed));

_Static_assert(offsetof(struct modes_data, idtr_limit) == 0x10, "modes.inc");
_Static_assert(offsetof(struct modes_data, smm_idtr_limit) == 0x18, "modes.inc");

/* An IDT each, all within one page. */
#define IDT_REAL (MODES_IDT + 0x000)
#define IDT_SMM  (MODES_IDT + 0x100)
#define IDT_32   (MODES_IDT + 0x200)
#define IDT_64   (MODES_IDT + 0x400)

extern const uint8_t modes_start[], modes_end[], modes_stubs16[], modes_stubs32[], modes_stubs64[];
extern const uint8_t smi_start[], smi_end[], smi_stubs[];
void modes_enter(void);

static void *low(uint32_t address)
{
    return (void *)(uintptr_t)address;
}

static uint32_t stub(const uint8_t *stubs, uint32_t vector)
{
    return MODES_CODE + (uint32_t)(stubs - modes_start) + vector * STUB_SIZE;
}

/* Gates of one size; selector:offset, and in real mode segment:offset. */
static void fill_idts(void)
{
    uint16_t *real = low(IDT_REAL);
    uint16_t *smm = low(IDT_SMM);
    uint16_t *gate32 = low(IDT_32);

    for (uint32_t v = 0; v < VECTORS; v++) {
        real[2 * v] = (uint16_t)stub(modes_stubs16, v);
        real[2 * v + 1] = 0;
        smm[2 * v] = (uint16_t)(0x8000 + (uint32_t)(smi_stubs - smi_start) + v * STUB_SIZE);
        smm[2 * v + 1] = TLB_SMBASE >> 4;
        gate32[4 * v] = (uint16_t)stub(modes_stubs32, v);
        gate32[4 * v + 1] = CODE32;
        gate32[4 * v + 2] = GATE_INTERRUPT32 << 8;
        gate32[4 * v + 3] = 0;
    }
#ifdef __x86_64__
    memset(low(IDT_64), 0, VECTORS * sizeof(struct idt_gate));
    for (uint32_t v = 0; v < VECTORS; v++) {
        struct idt_gate *gate = (struct idt_gate *)low(IDT_64) + v;

        gate->offset_low = (uint16_t)stub(modes_stubs64, v);
        gate->selector = KERNEL_CS;
        gate->type = GATE_INTERRUPT32;
    }
#endif
}

void modes_init(void)
{
    memcpy(low(MODES_CODE), modes_start, (size_t)(modes_end - modes_start));
    memcpy(low(TLB_SMBASE + SMM_ENTRY_OFFSET), smi_start, (size_t)(smi_end - smi_start));
    fill_idts();
}

uint32_t steps_outer(struct steps *s, enum step_op op, uint32_t address, uint32_t value)
{
    s->outer[s->outer_count] = (struct step){.op = op, .address = address, .value = value};
    return s->outer_count++;
}

uint32_t steps_inner(struct steps *s, enum step_op op, uint32_t address, uint32_t value)
{
    s->inner[s->inner_count] = (struct step){.op = op, .address = address, .value = value};
    return s->inner_count++;
}

/* mov al, COOKIE; a return as far and as wide as the call. */
void mode_code(const struct mode *m, bool in_smm, uint8_t *code)
{
    uint32_t n = 0;

    memset(code, 0xcc, 16);
    code[n++] = 0xb0;
    code[n++] = MODES_COOKIE;
    if (in_smm || m->kind == KIND_PROTECTED16)
        code[n++] = 0x66;
    code[n++] = in_smm ? 0xc3 : 0xcb;
}

static bool has_1g_pages(void)
{
    struct cpuid_regs r;

    cpuid(0x80000001, 0, &r);
    return r.edx & BIT(26); /* Page1GB: AMD APM vol. 3, CPUID Fn8000_0001 */
}

bool mode_supported(const struct mode *m)
{
#ifndef __x86_64__
    if (m->kind >= KIND_COMPATIBLE)
        return false;
#endif
    return m->paging != PAGING_LONG_1G || has_1g_pages();
}

struct run {
    const struct mode *mode;
    uint32_t page_tables;
    struct steps *steps;
};

static void set_up(const struct run *r)
{
    struct modes_data *data = low(MODES_DATA);
    const struct mode *m = r->mode;

    memset(data, 0, sizeof(*data));
    data->kind = m->kind;
    data->cr3 = r->page_tables;
    data->cr4 = m->cr4 | (m->global ? CR4_PGE : 0);
    if (m->paging == PAGING_32_4M)
        data->cr4 |= CR4_PSE;
    if (m->paging >= PAGING_PAE_4K)
        data->cr4 |= CR4_PAE;
    data->idtr_limit = VECTORS * 4 - 1;
    data->idtr_base = IDT_REAL;
    if (m->kind == KIND_PROTECTED16 || m->kind == KIND_32) {
        data->idtr_limit = VECTORS * 8 - 1;
        data->idtr_base = IDT_32;
    }
    if (m->kind >= KIND_COMPATIBLE) {
        data->idtr_limit = VECTORS * 16 - 1;
        data->idtr_base = IDT_64;
    }
    data->smm_idtr_limit = VECTORS * 4 - 1;
    data->smm_idtr_base = IDT_SMM;
    memset(low(MODES_OUTER), 0, sizeof(r->steps->outer));
    memset(low(MODES_INNER), 0, sizeof(r->steps->inner));
    memcpy(low(MODES_OUTER), r->steps->outer, r->steps->outer_count * sizeof(struct step));
    memcpy(low(MODES_INNER), r->steps->inner, r->steps->inner_count * sizeof(struct step));
}

static uint64_t run(void *arg)
{
    const struct run *r = arg;

    set_up(r);
    modes_enter();
    memcpy(r->steps->outer, low(MODES_OUTER), sizeof(r->steps->outer));
    memcpy(r->steps->inner, low(MODES_INNER), sizeof(r->steps->inner));
    return 0;
}

bool mode_run(uint32_t n, const struct mode *m, uint32_t page_tables, struct steps *s)
{
    struct run r = {.mode = m, .page_tables = page_tables, .steps = s};

    return smp_call(n, run, &r, NULL);
}

static uint64_t SMM_CODE set_smbase(struct smm_cpu *cpu, void *arg)
{
    (void)arg;
    smm_save_set(smm_cpu_save(cpu), SMM_REG_SMBASE, TLB_SMBASE);
    return 0;
}

void mode_take_smbase(uint32_t n)
{
    REQUIRE_TRUE("smbase", smm_run_on(n, set_smbase, NULL, false).done,
                 "the CPU gets an SMBASE in ordinary RAM");
}
