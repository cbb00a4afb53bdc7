/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the segment registers that no instruction shows. An AP stays in SMM,
 * at its first instructions, and the host reads its registers.
 */
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/deadline.h"
#include "kernel/host.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"

#define AP          1
#define REGION_SIZE 0x10000U

/* Second word of a descriptor, as "info registers" prints it (Intel SDM vol. 3, 3.4.5). */
#define DESC_TYPE_WRITABLE 0x00000200U
#define DESC_S             0x00001000U
#define DESC_DPL           0x00006000U
#define DESC_P             0x00008000U

extern const uint8_t entry_spin[], entry_spin_inside[], entry_spin_go[], entry_spin_end[];

static char answer[HOST_ANSWER_MAX];

static uint64_t SMM_CODE set_smbase(struct smm_cpu *cpu, void *arg)
{
    smm_save_set(smm_cpu_save(cpu), SMM_REG_SMBASE, (uintptr_t)arg);
    return 0;
}

static volatile uint8_t *spin_byte(uint32_t smbase, const uint8_t *label)
{
    return (volatile uint8_t *)(uintptr_t)(smbase + SMM_ENTRY_OFFSET +
                                           (uint32_t)(label - entry_spin));
}

/* One hexadecimal number behind blanks; *p moves on. */
static uint64_t number(const char **p)
{
    uint64_t value = 0;

    while (**p == ' ')
        ++*p;
    for (;; ++*p) {
        char c = **p;

        if (c >= '0' && c <= '9')
            value = value << 4 | (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (uint32_t)(c - 'a' + 10);
        else
            return value;
    }
}

/* "ES =0000 00000000 ffffffff 00809300": selector, base, limit, attributes */
static void check_segment(const char *registers, const char *name, uint32_t smbase)
{
    const char *p = strstr(registers, name);
    bool code = name[0] == 'C';
    uint64_t selector, base, limit, attributes;

    CONTEXT("%s", name);
    if (!p)
        ERROR("the host's list of registers has no \"%s\"", name);
    p += strlen(name);
    selector = number(&p);
    base = number(&p);
    limit = number(&p);
    attributes = number(&p);
    EXPECT_EQ("selector", selector, code ? smbase >> 4 & 0xffff : 0,
              "selectors are 0, CS is SMBASE >> 4");
    EXPECT_EQ("base", base, code ? smbase : 0, "bases are 0, CS's is SMBASE");
    EXPECT_EQ("limit", limit, 0xffffffff, "limits are 4 GiB");
    EXPECT_BITS("attributes", attributes, DESC_P | DESC_S | DESC_DPL | DESC_TYPE_WRITABLE,
                DESC_P | DESC_S | DESC_TYPE_WRITABLE, "present, writable, privilege level 0");
}

static void check_ap(uint32_t smbase)
{
    static const char *const names[] = {"ES =", "CS =", "SS =", "DS =", "FS =", "GS ="};

    if (!host_request(answer, sizeof(answer), "hmp cpu=1 info registers"))
        ERROR("the host does not show the registers: %s", answer);
    EXPECT_TRUE("smm", strstr(answer, "SMM=1") != NULL, "the CPU is in SMM");
    for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        check_segment(answer, names[i], smbase);
    CONTEXT_CLEAR();
}

TEST(entry, hidden, "bases, limits and attributes of the segments in SMM",
     SPEC("Intel SDM vol. 3, 34.5.1, Table 34-4; AMD APM vol. 2, Table 10-3"),
     NEEDS("smp=2 host=hmp"))
{
    uint32_t smbase, home;
    union smm_save *save;

    REQUIRE_SMM();
    smbase = (uint32_t)(uintptr_t)page_alloc(REGION_SIZE);
    save = (union smm_save *)(uintptr_t)(smbase + SMM_SAVE_OFFSET);
    home = smm_report_of(smp_apic_id(AP))->smbase;
    memcpy((void *)(uintptr_t)(smbase + SMM_ENTRY_OFFSET), entry_spin,
           (uint32_t)(entry_spin_end - entry_spin));
    if (!smm_run_on(AP, set_smbase, (void *)(uintptr_t)smbase, false).done)
        ERROR("the AP's SMBASE cannot be moved");
    apic_send_smi(smp_apic_id(AP));
    if (!WAIT_FOR(*spin_byte(smbase, entry_spin_inside), PATIENCE_MS))
        ERROR("the AP does not enter SMM at its new SMBASE");
    check_ap(smbase);
    smm_save_set(save, SMM_REG_SMBASE, home);
    *spin_byte(smbase, entry_spin_go) = 1;
    EXPECT_TRUE("returns", smm_trigger_on(AP, SMM_CMD_PING, 0), "and the CPU returns from it");
}
