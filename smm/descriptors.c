/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smm/descriptors.h"

extern const uintptr_t smm_trap_entries[IDT_VECTORS];
extern const uint8_t smm_image_end[];

/* Segment attributes (Intel SDM vol. 3, 3.4.5): present, DPL 0, accessed, 4 KiB units. */
#define CODE64   UINT64_C(0x00a09b0000000000)
#define CODE32   UINT64_C(0x00c09b0000000000)
#define DATA     UINT64_C(0x00c0930000000000)
#define LIMIT_4G UINT64_C(0x000f00000000ffff)

static struct idt_gate idt[IDT_VECTORS] __attribute__((aligned(16)));
uint64_t smm_gdt[4] __attribute__((aligned(16)));
const uint16_t smm_gdt_limit = sizeof(smm_gdt) - 1;
struct descriptor_pointer smm_idtr;

void smm_descriptors_init(void)
{
#ifdef __x86_64__
    smm_gdt[SMM_CS / 8] = CODE64 | LIMIT_4G;
#else
    uint64_t pages = ((uintptr_t)smm_image_end >> 12) - 1;

    smm_gdt[SMM_CS / 8] = CODE32 | (pages & 0xffff) | (pages >> 16 & 0xf) << 48;
    smm_gdt[SMM_CS_LEAVE / 8] = CODE32 | LIMIT_4G;
#endif
    smm_gdt[SMM_DS / 8] = DATA | LIMIT_4G;
    idt_fill(idt, smm_trap_entries, SMM_CS);
    smm_idtr = (struct descriptor_pointer){.limit = sizeof(idt) - 1, .base = (uintptr_t)idt};
}
