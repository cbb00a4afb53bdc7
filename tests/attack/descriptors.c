/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptor tables: those in SMRAM tell nothing outside SMM, and nothing that the operating system
 * loads into GDTR, IDTR or the stack pointer concerns SMM. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "lib/trap.h"
#include "tests/attack/target.h"

#define SELECTOR 0x18

/* Data segment, base 0, limit 12345h, byte granular, not yet accessed (Intel SDM vol. 3, 3.4.5). */
static const uint8_t descriptor[8] = {0x45, 0x23, 0x00, 0x00, 0x00, 0x92, 0x01, 0x00};
#define LIMIT  0x12345UL
#define RIGHTS 0x9200UL

struct segment {
    bool present; /* LSL, LAR: ZF */
    unsigned long limit, rights;
};

/* Asks about a selector while GDTR points to table. */
static struct segment ask(const void *table)
{
    struct descriptor_pointer own;
    struct descriptor_pointer other = {.limit = 0xff, .base = (uintptr_t)table};
    struct segment s = {.limit = 0};
    unsigned long selector = SELECTOR;
    unsigned long flags = irq_save();
    uint8_t zf;

    __asm__ volatile("sgdt %0" : "=m"(own));
    __asm__ volatile("lgdt %0" : : "m"(other));
    __asm__ volatile("lsl %2, %0; setz %1" : "+r"(s.limit), "=q"(zf) : "r"(selector) : "cc");
    s.present = zf;
    __asm__ volatile("lar %1, %0" : "+r"(s.rights) : "r"(selector) : "cc");
    __asm__ volatile("lgdt %0" : : "m"(own));
    irq_restore(flags);
    return s;
}

TEST(attack, descriptors_in_smram, "a descriptor table in SMRAM tells nothing outside SMM",
     SPEC("QEMU bafc90bdc5: TSEG is hidden from CPUs outside SMM; Intel SDM vol. 2, LSL, LAR"),
     NEEDS("boot=own"))
{
    static uint8_t table[0x100] __attribute__((aligned(16)));
    struct segment s;

    target_prepare();
    memcpy(table + SELECTOR, descriptor, sizeof(descriptor));
    s = ask(table);
    REQUIRE_EQ("ram", s.limit, LIMIT, "LSL finds the descriptor in ordinary memory");
    target_put(target_base() + SELECTOR, descriptor, sizeof(descriptor));
    CONTEXT("GDT at %#x, outside SMM", target_base());
    s = ask((const void *)(uintptr_t)target_base());
    EXPECT_NE("limit", s.limit, LIMIT, "LSL does not find the one in SMRAM");
    EXPECT_NE("rights", s.rights & 0xff00, RIGHTS, "nor does LAR");
    CONTEXT_CLEAR();
}

/* An SMI while the registers that SMM does not load are as the operating system wants them. */
static void smi_with(const struct descriptor_pointer *gdtr, const struct descriptor_pointer *idtr,
                     unsigned long stack, struct descriptor_pointer *gdtr_after,
                     struct descriptor_pointer *idtr_after)
{
    struct descriptor_pointer own_gdtr, own_idtr;
    unsigned long flags = irq_save();

    __asm__ volatile("sgdt %0" : "=m"(own_gdtr));
    __asm__ volatile("sidt %0" : "=m"(own_idtr));
    __asm__ volatile("lgdt %0" : : "m"(*gdtr));
    __asm__ volatile("lidt %0" : : "m"(*idtr));
#ifdef __x86_64__
    __asm__ volatile("mov %%rsp, %%rbx; mov %0, %%rsp; std; outb %%al, $0xb2; jmp 1f; 1:;"
                     "cld; mov %%rbx, %%rsp"
                     :
                     : "r"(stack), "a"((uint8_t)SMM_CMD_RUN)
                     : "rbx", "memory", "cc");
#else
    __asm__ volatile("mov %%esp, %%edi; mov %0, %%esp; std; outb %%al, $0xb2; jmp 1f; 1:;"
                     "cld; mov %%edi, %%esp"
                     :
                     : "r"(stack), "a"((uint8_t)SMM_CMD_RUN)
                     : "edi", "memory", "cc");
#endif
    __asm__ volatile("sgdt %0" : "=m"(*gdtr_after));
    __asm__ volatile("sidt %0" : "=m"(*idtr_after));
    __asm__ volatile("lgdt %0" : : "m"(own_gdtr));
    __asm__ volatile("lidt %0" : : "m"(own_idtr));
    irq_restore(flags);
}

/* Uses the stack, a string instruction and a descriptor-checked exception. */
static uint64_t SMM_CODE work(struct smm_cpu *cpu, void *arg)
{
    uint8_t buf[64];

    memset(buf, 0x5a, sizeof(buf));
    *(uint32_t *)arg = buf[0] + buf[63];
    (void)cpu;
    __asm__ volatile("ud2");
    return 0;
}

TEST(attack, hostile_registers,
     "GDTR, IDTR, stack pointer and DF of the operating system do not "
     "concern SMM, and are back after it",
     SPEC("Intel SDM vol. 3, 34.4-34.6: SMM has an execution environment of its own; 34.1: the "
          "interrupted program goes on as if nothing had happened"),
     NEEDS("boot=own"))
{
    static const struct {
        char name[32];
        uint16_t limit;
        uintptr_t base;
        unsigned long stack;
    } bad[] = {
        {"nothing there", 0xffff, 0xe0001000, 0xe0003000},
        {"limit 0", 0, 0x1000, 8},
        {"top of the address space", 0xffff, (uintptr_t)-0x1000, (unsigned long)-16},
        {"ordinary memory", 0xff, 0x5000, 0x6000},
    };

    target_prepare();
    for (uint32_t i = 0; i <= sizeof(bad) / sizeof(bad[0]); i++) {
        bool smram = i == sizeof(bad) / sizeof(bad[0]);
        struct descriptor_pointer table = {.limit = 0xffff, .base = target_base()};
        struct descriptor_pointer gdtr, idtr;
        unsigned long stack = target_base() + 0x1000;
        struct smm_mailbox *m = &smm_mailbox;
        uint32_t sum = 0;

        if (!smram) {
            table = (struct descriptor_pointer){bad[i].limit, bad[i].base};
            stack = bad[i].stack;
        }
        m->run_apic_id = smp_apic_id(smp_self());
        m->run_function = work;
        m->run_argument = &sum;
        m->run_catch = 1;
        m->run_done = 0;
        m->run_armed = 1;
        smi_with(&table, &table, stack, &gdtr, &idtr);
        CONTEXT("GDTR and IDTR %#lx, stack %#lx: %s", (unsigned long)table.base, stack,
                smram ? "SMRAM" : bad[i].name);
        EXPECT_EQ("handled", m->run_done, 1, "the SMI handler runs");
        EXPECT_EQ("string", sum, 0xb4, "DF is clear in it");
        EXPECT_EQ("exception", m->run_caught, 6 + 1, "an exception in it uses SMM's own IDT");
        EXPECT_EQ("gdtr", gdtr.base, table.base, "GDTR is what it was");
        EXPECT_EQ("gdtr-limit", gdtr.limit, table.limit, "GDTR is what it was");
        EXPECT_EQ("idtr", idtr.base, table.base, "IDTR is what it was");
        EXPECT_EQ("idtr-limit", idtr.limit, table.limit, "IDTR is what it was");
        EXPECT_TARGET_UNTOUCHED("untouched", "SMRAM is unchanged");
    }
    CONTEXT_CLEAR();
}
