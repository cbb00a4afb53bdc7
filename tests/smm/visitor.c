/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smm/visitor.h"

#include "lib/string.h"
#include "smm/savestate.h"

/* Where the operand of "mov eax" is. */
#define OWN_OFFSET 12U

/* 16-bit code, CS base being SMBASE; writes SMBASE in the save area of either form. */
static const uint8_t handler[] = {
    0x2e, 0xff, 0x06, 0x00, 0x90,             /* inc word [cs:9000h] */
    0x2e, 0x8c, 0x0e, 0x04, 0x90,             /* mov [cs:9004h], cs */
    0x66, 0xb8, 0,    0,    0,    0,          /* mov eax, own SMBASE */
    0x2e, 0x81, 0x3e, 0xfc, 0xfe, 0x64, 0x00, /* cmp word [cs:fefch], 64h */
    0x74, 0x07,                               /* je +7 */
    0x66, 0x2e, 0xa3, 0xf8, 0xfe,             /* mov [cs:fef8h], eax */
    0x0f, 0xaa,                               /* rsm */
    0x66, 0x2e, 0xa3, 0x00, 0xff,             /* mov [cs:ff00h], eax */
    0x0f, 0xaa,                               /* rsm */
};

uint32_t visitor_put(uint32_t at, uint32_t own)
{
    uint8_t *code = (uint8_t *)(uintptr_t)at;

    memcpy(code, handler, sizeof(handler));
    memcpy(code + OWN_OFFSET, &own, sizeof(own));
    return at + sizeof(handler);
}

uint64_t SMM_CODE visitor_move(struct smm_cpu *cpu, void *arg)
{
    smm_save_set(smm_cpu_save(cpu), SMM_REG_SMBASE, *(const uint32_t *)arg);
    return 0;
}
