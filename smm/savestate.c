/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smm/savestate.h"

#include "lib/string.h"

struct place {
    uint16_t offset; /* in the map */
    uint8_t size;
};

#define IN(map, type, field) \
    [SMM_REG_##map] = {offsetof(struct type, field), sizeof(((struct type *)0)->field)}

static const struct place amd64[] = {
    IN(AX, smm_save64, rax),
    IN(BX, smm_save64, rbx),
    IN(CX, smm_save64, rcx),
    IN(DX, smm_save64, rdx),
    IN(SI, smm_save64, rsi),
    IN(DI, smm_save64, rdi),
    IN(BP, smm_save64, rbp),
    IN(SP, smm_save64, rsp),
    IN(IP, smm_save64, rip),
    IN(FLAGS, smm_save64, rflags),
    IN(CR0, smm_save64, cr0),
    IN(CR3, smm_save64, cr3),
    IN(CR4, smm_save64, cr4),
    IN(CS_BASE, smm_save64, cs.base),
    IN(CS_SELECTOR, smm_save64, cs.selector),
    IN(SMBASE, smm_save64, smbase),
    IN(REVISION, smm_save64, revision),
};

static const struct place legacy[] = {
    IN(AX, smm_save32, eax),
    IN(BX, smm_save32, ebx),
    IN(CX, smm_save32, ecx),
    IN(DX, smm_save32, edx),
    IN(SI, smm_save32, esi),
    IN(DI, smm_save32, edi),
    IN(BP, smm_save32, ebp),
    IN(SP, smm_save32, esp),
    IN(IP, smm_save32, eip),
    IN(FLAGS, smm_save32, eflags),
    IN(CR0, smm_save32, cr0),
    IN(CR3, smm_save32, cr3),
    IN(CR4, smm_save32, cr4),
    IN(CS_BASE, smm_save32, cs_hidden.base),
    IN(CS_SELECTOR, smm_save32, cs),
    IN(SMBASE, smm_save32, smbase),
    IN(REVISION, smm_save32, revision),
};

static const struct place *find(const union smm_save *s, enum smm_reg reg)
{
    return smm_save_is_amd64(s) ? &amd64[reg] : &legacy[reg];
}

uint64_t smm_save_get(const union smm_save *s, enum smm_reg reg)
{
    const struct place *p = find(s, reg);
    uint64_t value = 0;

    memcpy(&value, s->bytes + p->offset, p->size);
    return value;
}

void smm_save_set(union smm_save *s, enum smm_reg reg, uint64_t value)
{
    const struct place *p = find(s, reg);

    memcpy(s->bytes + p->offset, &value, p->size);
}
