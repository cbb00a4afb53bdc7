/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/attack/target.h"

#include <stddef.h>

#include "firmware/smm.h"
#include "hw/mch.h"
#include "kernel/test.h"
#include "lib/string.h"

/* Inside and outside SMM. */
static uint8_t SMM_CODE byte_at(uint32_t address)
{
    return (uint8_t)(address * 31 + (address >> 8) * 7) & 0x7f;
}

uint8_t target_byte(uint32_t address)
{
    return byte_at(address);
}

uint32_t target_base(void)
{
    return mch_low_ram_top() - TARGET_SIZE;
}

static uint64_t SMM_CODE fill(struct smm_cpu *cpu, void *arg)
{
    uint32_t base = (uint32_t)(uintptr_t)arg;

    (void)cpu;
    for (uint32_t at = base; at < base + TARGET_SIZE; at++)
        *(volatile uint8_t *)(uintptr_t)at = byte_at(at);
    return 0;
}

static uint64_t SMM_CODE first_changed(struct smm_cpu *cpu, void *arg)
{
    uint32_t base = (uint32_t)(uintptr_t)arg;
    uint32_t first = 0;

    (void)cpu;
    for (uint32_t at = base + TARGET_SIZE; at-- > base;) {
        volatile uint8_t *byte = (volatile uint8_t *)(uintptr_t)at;

        if (*byte != byte_at(at)) {
            first = at;
            *byte = byte_at(at);
        }
    }
    return first;
}

void target_prepare(void)
{
    REQUIRE_SMM();
    smm_run(fill, (void *)(uintptr_t)target_base());
    firmware_lock_smram();
    REQUIRE_EQ("target", target_first_changed(), 0, "the target in SMRAM is prepared");
}

uint32_t target_first_changed(void)
{
    return (uint32_t)smm_run(first_changed, (void *)(uintptr_t)target_base());
}

struct put {
    uint32_t address, size;
    const void *bytes;
};

static uint64_t SMM_CODE put(struct smm_cpu *cpu, void *arg)
{
    const struct put *p = arg;

    (void)cpu;
    memcpy((void *)(uintptr_t)p->address, p->bytes, p->size);
    return 0;
}

void target_put(uint32_t address, const void *bytes, uint32_t size)
{
    struct put p = {address, size, bytes};

    smm_run(put, &p);
}

static uint64_t SMM_CODE holds(struct smm_cpu *cpu, void *arg)
{
    const struct put *p = arg;

    (void)cpu;
    return !memcmp((const void *)(uintptr_t)p->address, p->bytes, p->size);
}

bool target_holds(uint32_t address, const void *bytes, uint32_t size)
{
    struct put p = {address, size, bytes};

    return smm_run(holds, &p);
}
