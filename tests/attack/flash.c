/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flash with property "secure", as OVMF keeps its variables in: writable from SMM only. */
#include "firmware/smm.h"
#include "hw/io.h"
#include "kernel/smp.h"
#include "kernel/test.h"

/* Sizes of the two banks: qboot.rom, then flash=64 in NEEDS; the first one ends at 4 GiB. */
#define FIRMWARE_SIZE 0x10000U
#define FLASH_SIZE    0x10000U
#define FLASH_BASE    (0U - FIRMWARE_SIZE - FLASH_SIZE)
#define SECTOR        0x1000U

/* Intel command set, CFI (JEDEC JEP137): commands and status. */
#define CMD_PROGRAM       0x40
#define CMD_PROGRAM_2     0x10
#define CMD_ERASE         0x20
#define CMD_ERASE_CONFIRM 0xd0
#define CMD_STATUS        0x70
#define CMD_CLEAR_STATUS  0x50
#define CMD_READ_ID       0x90
#define CMD_QUERY         0x98
#define CMD_WRITE_BUFFER  0xe8
#define CMD_READ_ARRAY    0xff
#define STATUS_READY      0x80

#define OLD 0xa5
#define NEW 0x3c

struct step {
    uint32_t at; /* offset */
    uint32_t value, width;
};

/* Everything that could change a byte at "at" from OLD, or what reads give. */
static const struct {
    char name[20];
    uint8_t commands[4]; /* 0: no more; the data byte follows the last one */
} attacks[] = {
    {"program", {CMD_PROGRAM}},
    {"program (10h)", {CMD_PROGRAM_2}},
    {"erase", {CMD_ERASE, CMD_ERASE_CONFIRM}},
    {"status", {CMD_STATUS}},
    {"identifier", {CMD_READ_ID}},
    {"query", {CMD_QUERY}},
    {"buffered write", {CMD_WRITE_BUFFER}},
};

static volatile uint8_t *flash(uint32_t offset)
{
    return (volatile uint8_t *)(uintptr_t)(FLASH_BASE + offset);
}

struct program {
    uint32_t offset;
    uint8_t value;
    bool erase; /* its sector, first */
};

/* Either side of SMM: flash commands, and back to reading memory. Returns the status register. */
static uint64_t SMM_CODE program(struct smm_cpu *cpu, void *arg)
{
    const struct program *p = arg;
    uint32_t at = FLASH_BASE + p->offset;
    uint8_t status;

    (void)cpu;
    if (p->erase) {
        mmio_write8(at, CMD_ERASE);
        mmio_write8(at, CMD_ERASE_CONFIRM);
    }
    mmio_write8(at, CMD_PROGRAM);
    mmio_write8(at, p->value);
    status = mmio_read8(at);
    mmio_write8(at, CMD_READ_ARRAY);
    return status;
}

static uint64_t SMM_CODE command(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    mmio_write8(FLASH_BASE, *(const uint8_t *)arg);
    return 0;
}

static uint64_t SMM_CODE read_byte(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    return mmio_read8(FLASH_BASE + *(const uint32_t *)arg);
}

/* A few places: both ends of the bank, and across its sectors. */
static const uint32_t places[] = {0, 1, SECTOR - 1, SECTOR, 7 * SECTOR + 0x123, FLASH_SIZE - 1};

#define PLACES (sizeof(places) / sizeof(places[0]))

static void lay(void)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        struct program p = {places[i], OLD, true};

        CONTEXT("flash at %#x", FLASH_BASE + places[i]);
        /* Erasing takes the whole sector: the second place in it is laid again below. */
        EXPECT_BITS("ready", smm_run(program, &p), STATUS_READY, STATUS_READY,
                    "SMM can erase and program flash");
    }
    for (uint32_t i = 0; i < PLACES; i++) {
        struct program p = {places[i], OLD, false};

        smm_run(program, &p);
    }
    for (uint32_t i = 0; i < PLACES; i++) {
        uint32_t offset = places[i];

        CONTEXT("flash at %#x", FLASH_BASE + offset);
        REQUIRE_EQ("programmed", *flash(offset), OLD, "what SMM programs is there outside SMM");
        REQUIRE_EQ("programmed-smm", smm_run(read_byte, &offset), OLD, "and in SMM");
    }
    CONTEXT_CLEAR();
}

static void expect_unchanged(void)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        uint32_t offset = places[i];

        EXPECT_EQ("array", *flash(offset), OLD, "reads give the array, whatever was written");
        EXPECT_EQ("array-smm", smm_run(read_byte, &offset), OLD, "in SMM, too");
    }
}

/* SMM has the flash show its status register: not to everybody. */
static void expect_status_hidden(void)
{
    uint8_t status = CMD_STATUS, array = CMD_READ_ARRAY;
    uint32_t first = 0;

    smm_run(command, &status);
    EXPECT_BITS("status-smm", smm_run(read_byte, &first), STATUS_READY, STATUS_READY,
                "SMM can read the status register");
    EXPECT_NE("status-outside", *flash(first), STATUS_READY, "outside SMM it does not show");
    smm_run(command, &array);
    EXPECT_EQ("array-again", *flash(first), OLD, "and SMM can turn back to the array");
}

/* Outside SMM: the commands, then data. */
static uint64_t attack(void *arg)
{
    const struct step *s = arg;

    for (; s->width; s++) {
        if (s->width == 1)
            mmio_write8(FLASH_BASE + s->at, (uint8_t)s->value);
        else if (s->width == 2)
            mmio_write16(FLASH_BASE + s->at, (uint16_t)s->value);
        else
            mmio_write32(FLASH_BASE + s->at, s->value);
    }
    return 0;
}

static void attack_everywhere(uint32_t cpu, uint32_t which)
{
    for (uint32_t width = 1; width <= 4; width *= 2) {
        for (uint32_t i = 0; i < PLACES; i++) {
            uint32_t at = places[i] & ~(width - 1);
            struct step steps[sizeof(attacks[0].commands) + 4] = {{0}};
            uint32_t n = 0;

            for (uint32_t c = 0; c < sizeof(attacks[0].commands) && attacks[which].commands[c]; c++)
                steps[n++] = (struct step){at, attacks[which].commands[c], width};
            /* The data: for a buffered write first the count, then the confirmation. */
            steps[n++] = (struct step){at, 0, width};
            steps[n++] = (struct step){at, NEW, width};
            steps[n++] = (struct step){at, CMD_ERASE_CONFIRM, width};
            CONTEXT("%s, %u bytes at %#x, CPU %u outside SMM", attacks[which].name, width,
                    FLASH_BASE + at, cpu);
            smp_call(cpu, attack, steps, NULL);
            expect_unchanged();
        }
    }
    CONTEXT_CLEAR();
}

TEST(attack, secure_flash,
     "flash with property secure is writable in SMM only, readable everywhere",
     SPEC("QEMU f71e42a5c9, pflash_cfi01, property secure: only secure (SMM) accesses reach the "
          "command interface; JEDEC JEP137"),
     NEEDS("boot=own smp=2 flash=64 global=driver=cfi.pflash01,property=secure,value=on"))
{
    REQUIRE_SMM();
    lay();
    for (uint32_t cpu = 0; cpu < smp_cpus(); cpu++) {
        for (uint32_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
            attack_everywhere(cpu, i);
    }
    firmware_lock_smram();
    expect_unchanged();
    expect_status_hidden();
    /* SMM is not held up by what was tried. */
    for (uint32_t i = 0; i < PLACES; i++) {
        struct program p = {places[i], OLD & NEW, false};

        CONTEXT("flash at %#x", FLASH_BASE + places[i]);
        EXPECT_BITS("still-ready", smm_run(program, &p), STATUS_READY, STATUS_READY,
                    "SMM can program flash still");
        EXPECT_EQ("still-programmed", *flash(places[i]), OLD & NEW, "and it has its effect");
    }
    CONTEXT_CLEAR();
}
