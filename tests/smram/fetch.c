/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instruction fetches: code in SMRAM runs where SMRAM is visible, and only there. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/mch.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "tests/smram/fetches.h"
#include "tests/smram/views.h"

#define MIB       0x100000U
#define VECTOR_UD 6

/* mov eax, COOKIE; ret: the same in both modes. */
#define COOKIE 0x5eed1234U
static const uint8_t code[] = {0xb8, 0x34, 0x12, 0xed, 0x5e, 0xc3};

extern uint8_t kernel_page_root[];

struct fetch {
    uint32_t address;
    uint32_t value; /* what the code returned */
};

static void outside(void *arg)
{
    struct fetch *f = arg;

    f->value = ((uint32_t(*)(void))(uintptr_t)f->address)();
}

/* With the kernel's page tables, as SMM's own let nothing run but the SMM image. */
static uint64_t SMM_CODE inside(struct smm_cpu *cpu, void *arg)
{
    struct fetch *f = arg;

    (void)cpu;
    write_cr3((uintptr_t)kernel_page_root);
    f->value = ((uint32_t(*)(void))(uintptr_t)f->address)();
    return 0;
}

static void expect_runs(const char *id, uint32_t address, bool in_smm, const char *sentence)
{
    struct fetch f = {.address = address};
    bool caught;
    unsigned int vector;

    if (in_smm) {
        struct smm_run_result r = smm_run_on(0, inside, &f, true);

        caught = r.caught || !r.done;
        vector = r.vector;
    } else {
        struct trap_caught t = trap_catch(outside, &f);

        caught = t.caught;
        vector = t.vector;
    }
    CONTEXT("CPU %s SMM, code at %#x, SMRAM %#x, ESMRAMC %#x%s%s", in_smm ? "in" : "outside",
            address, mch_read8(MCH_SMRAM), mch_read8(MCH_ESMRAMC), caught ? ", exception " : "",
            caught ? trap_name(vector) : "");
    EXPECT_EQ(id, caught ? 0 : f.value, COOKIE, sentence);
    CONTEXT_CLEAR();
}

static void expect_hidden(const char *id, uint32_t address, const char *sentence)
{
    struct fetch f = {.address = address};
    struct trap_caught t = trap_catch(outside, &f);

    CONTEXT("CPU outside SMM, code at %#x, SMRAM %#x, ESMRAMC %#x", address, mch_read8(MCH_SMRAM),
            mch_read8(MCH_ESMRAMC));
    EXPECT_TRUE(id, t.caught && t.vector == VECTOR_UD && t.ip == address, sentence);
    EXPECT_NE(id, f.value, COOKIE, sentence);
    CONTEXT_CLEAR();
}

/* Code at the first and last bytes. */
static void ends_of(uint32_t base, uint32_t size, uint32_t *ends)
{
    ends[0] = base;
    ends[1] = base + size - sizeof(code);
}

static void put_code(const uint32_t *ends)
{
    for (uint32_t i = 0; i < 2; i++)
        memcpy((void *)(uintptr_t)ends[i], code, sizeof(code));
}

#define OPEN (SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_OPEN)
#define SHUT (SMRAM_C_BASE_SEG | SMRAM_G_SMRAME)

TEST(smram, fetch_compatible,
     "code in the A-segment runs in SMM, also with D_CLS, and outside "
     "while SMRAM is open",
     SPEC("Q35 MCH datasheet, SMRAM (9Dh): D_OPEN; D_CLS closes SMRAM to data references only"),
     NEEDS("firmware=virgin boot=own"))
{
    uint32_t low[2], high[2];

    REQUIRE_SMM();
    ends_of(SMRAM_A_BASE, SMRAM_A_SIZE, low);
    ends_of(SMRAM_HIGH_BASE, SMRAM_A_SIZE, high);
    views_open();
    put_code(low);
    for (uint32_t i = 0; i < 2; i++) {
        mch_write8(MCH_ESMRAMC, 0);
        mch_write8(MCH_SMRAM, OPEN);
        expect_runs("open", low[i], false, "open SMRAM can be executed by everybody");
        expect_runs("open-smm", low[i], true, "and in SMM");
        mch_write8(MCH_SMRAM, SHUT);
        expect_runs("closed-smm", low[i], true, "closed SMRAM is executable in SMM");
        mch_write8(MCH_SMRAM, SHUT | SMRAM_D_CLS);
        expect_runs("d-cls-smm", low[i], true, "D_CLS does not forbid code references");
        mch_write8(MCH_SMRAM, OPEN);
        mch_write8(MCH_ESMRAMC, ESMRAMC_H_SMRAME);
        expect_runs("high-open", high[i], false, "the open high segment can be executed");
        expect_runs("high-open-smm", high[i], true, "and in SMM");
        mch_write8(MCH_SMRAM, SHUT);
        expect_runs("high-closed-smm", high[i], true, "the closed one is executable in SMM");
        mch_write8(MCH_SMRAM, SHUT | SMRAM_D_CLS);
        expect_runs("high-d-cls-smm", high[i], true, "with D_CLS as well");
    }
}

TEST(smram, fetch_tseg, "code in TSEG runs in SMM, also with D_CLS, and never outside",
     SPEC("Q35 MCH datasheet, ESMRAMC (9Eh); QEMU bafc90bdc5: TSEG is hidden from CPUs outside "
          "SMM; Intel SDM vol. 2, opcode map: FFh /7 is invalid"),
     NEEDS("firmware=virgin boot=own"))
{
    uint32_t ends[2];

    REQUIRE_SMM();
    ends_of(mch_low_ram_top() - 8 * MIB, 8 * MIB, ends);
    views_open();
    put_code(ends);
    for (uint32_t i = 0; i < 2; i++) {
        mch_write8(MCH_ESMRAMC, ESMRAMC_TSEG_SZ_8M);
        expect_runs("off", ends[i], false, "without T_EN it is ordinary memory");
        mch_write8(MCH_ESMRAMC, ESMRAMC_TSEG_SZ_8M | ESMRAMC_T_EN);
        mch_write8(MCH_SMRAM, SHUT);
        expect_hidden("hidden", ends[i], "outside SMM the fetch gives ones: #UD");
        expect_runs("smm", ends[i], true, "in SMM the code runs");
        expect_hidden("hidden-again", ends[i], "and behind RSM no more");
        mch_write8(MCH_SMRAM, SHUT | SMRAM_D_CLS);
        expect_hidden("d-cls-hidden", ends[i], "D_CLS does not open TSEG");
        expect_runs("d-cls-smm", ends[i], true, "D_CLS is not about TSEG");
        mch_write8(MCH_SMRAM, OPEN);
        expect_hidden("d-open-hidden", ends[i], "D_OPEN does not open TSEG");
        mch_write8(MCH_SMRAM, SHUT);
    }
}

TEST(smram, fetch_window, "code in SMRAM at the default SMBASE runs in SMM only, once it is locked",
     SPEC("QEMU f404220e27: F_SMBASE (9Ch); Intel SDM vol. 2, opcode map: FFh /7 is invalid"),
     NEEDS("firmware=virgin boot=own machine>=pc-q35-5.0"))
{
    uint32_t ends[2];

    REQUIRE_SMM();
    if (mch_smbase_window_probe() != SMBASE_WINDOW_OPEN)
        SKIP("the machine type has no SMRAM at the default SMBASE");
    ends_of(SMRAM_WINDOW_BASE, SMRAM_WINDOW_SIZE, ends);
    put_code(ends);
    for (uint32_t i = 0; i < 2; i++)
        expect_runs("open", ends[i], false, "before, it is ordinary memory");
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    for (uint32_t i = 0; i < 2; i++) {
        expect_hidden("hidden", ends[i], "outside SMM the fetch gives ones: #UD");
        expect_runs("smm", ends[i], true, "in SMM the code runs");
        expect_hidden("hidden-again", ends[i], "and behind RSM no more");
    }
}

/* From RAM into SMRAM. hide() hides the latter. */
static void check_across(uint32_t border, uint32_t width, void (*hide)(void))
{
    uint32_t at = border - width / 2;
    uint8_t instruction[8];

    CONTEXT("fetch of %u bytes at %#x", width, at);
    fetch_code(width, instruction);
    memset((void *)(uintptr_t)(border - 16), FETCH_FILLER, 32);
    memcpy((void *)(uintptr_t)at, instruction, width);
    EXPECT_EQ("open", fetch_run(VIEW_OUTSIDE, at, width), FETCH_RAN, "before, it runs everywhere");
    hide();
    EXPECT_EQ("smm", fetch_run(VIEW_SMM, at, width), FETCH_RAN, "in SMM it runs");
    EXPECT_NE("hidden", fetch_run(VIEW_OUTSIDE, at, width), FETCH_RAN,
              "outside, its second half is FFh");
    CONTEXT_CLEAR();
}

static void hide_tseg(void)
{
    mch_write8(MCH_ESMRAMC, ESMRAMC_TSEG_SZ_8M | ESMRAMC_T_EN);
}

static void hide_window(void)
{
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
}

TEST(smram, fetch_across, "an instruction that begins in RAM does not end in hidden SMRAM",
     SPEC("QEMU bafc90bdc5, f404220e27: SMRAM is hidden from CPUs outside SMM; Intel SDM vol. 2, "
          "2.1: an instruction's bytes follow one another"),
     NEEDS("firmware=virgin boot=own"))
{
    REQUIRE_SMM();
    mch_write8(MCH_SMRAM, SHUT);
    for (uint32_t width = 2; width <= 8; width *= 2) {
        mch_write8(MCH_ESMRAMC, ESMRAMC_TSEG_SZ_8M);
        check_across(mch_low_ram_top() - 8 * MIB, width, hide_tseg);
    }
    if (mch_smbase_window_probe() == SMBASE_WINDOW_OPEN)
        check_across(SMRAM_WINDOW_BASE, 8, hide_window);
}
