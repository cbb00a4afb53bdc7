/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smram/views.h"

#include <stddef.h>

#include "hw/mch.h"
#include "kernel/test.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "tests/smram/access.h"
#include "tests/smram/zones.h"

static struct access_list list;

/* Every write rebuilds QEMU's memory maps, so none is made in vain. */
static void set_registers(uint8_t smram, uint8_t esmramc)
{
    if ((mch_read8(MCH_ESMRAMC) ^ esmramc) & 0x87)
        mch_write8(MCH_ESMRAMC, esmramc);
    if ((mch_read8(MCH_SMRAM) ^ smram) & 0x78)
        mch_write8(MCH_SMRAM, smram);
}

void views_open(void)
{
    set_registers(SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_OPEN, 0);
}

uint8_t views_smram(const struct smram_state *s)
{
    return (uint8_t)(SMRAM_C_BASE_SEG | (s->g ? SMRAM_G_SMRAME : 0) | (s->open ? SMRAM_D_OPEN : 0));
}

uint8_t views_esmramc(const struct smram_state *s)
{
    return (uint8_t)(s->tseg_sz | (s->t ? ESMRAMC_T_EN : 0) | (s->h ? ESMRAMC_H_SMRAME : 0));
}

void views_set(const struct smram_state *s)
{
    set_registers(views_smram(s), views_esmramc(s));
}

void views_place_tseg(struct smram_state *s, uint8_t tseg_sz, uint32_t size)
{
    s->tseg_sz = tseg_sz;
    s->tseg_end = mch_low_ram_top();
    s->tseg_base = s->tseg_end - size;
}

void views_lay(const struct smram_state *s)
{
    /* C0000, behind the A-segment, becomes RAM as well. */
    mch_write8(MCH_PAM1, mch_read8(MCH_PAM1) | PAM_RE_LOW | PAM_WE_LOW);
    zones_init(s);
    zones_lay(NULL);
}

void views_restore(void)
{
    zones_restore();
}

struct probe {
    const struct smram_state *s;
    enum view view;
    const char *id;
    const char *sentence;
    bool failed;
};

static void fail(struct probe *p, const char *what, const struct access *a, uint32_t at,
                 uint8_t got, const char *want)
{
    char state[80];

    smram_state_text(p->s, state, sizeof(state));
    p->failed = true;
    FAIL_CHECK(p->id, p->sentence, "%s, %u bytes %s at %#x, %s: byte %#x is %#x, wanted %s",
               view_name(p->view), a->width, what, a->address, state, at, got, want);
}

/* QEMU answers a CPU's 64-bit reads with 0: tests/smram/deviations.c. */
static bool zero_for_ones(const struct probe *p, const struct access *a, uint32_t i)
{
    return p->view == VIEW_OUTSIDE && a->width == 8 && a->value[i] == 0;
}

/* Old QEMU lets hidden SMRAM's FFh spread in 16-bit reads across its end: deviations.c again. */
static bool ones_for_ram(const struct probe *p, const struct access *a, uint32_t i)
{
    uint32_t ram;

    return p->view == VIEW_OUTSIDE && a->width == 2 && i == 1 && a->value[i] == 0xff &&
           smram_sight(p->s, p->view, a->address, &ram) == SIGHT_ONES;
}

static void check_read(struct probe *p, const struct access *a)
{
    char want[24];

    for (uint32_t i = 0; i < a->width; i++) {
        uint32_t ram;
        enum sight sight = smram_sight(p->s, p->view, a->address + i, &ram);

        snprintf(want, sizeof(want), "%#x", zone_pattern(ram));
        if (sight == SIGHT_RAM && (a->value[i] != zone_pattern(ram) || a->refused) &&
            !ones_for_ram(p, a, i))
            fail(p, "read", a, a->address + i, a->value[i], want);
        else if (sight == SIGHT_ONES && a->value[i] != 0xff && !zero_for_ones(p, a, i))
            fail(p, "read", a, a->address + i, a->value[i], "0xff");
        else if (sight == SIGHT_OTHER && a->value[i] == zone_pattern(ram))
            fail(p, "read", a, a->address + i, a->value[i], "anything but SMRAM");
        else
            continue;
        return;
    }
}

/* Adds all accesses of one kind. */
static void make_list(enum place place, uint32_t width, bool write)
{
    list.count = 0;
    for (uint32_t edge = 0; edge < EDGES; edge++) {
        uint8_t value[ACCESS_BYTES];
        uint32_t address, ram;

        if (!zone_place(edge, place, width, &address))
            continue;
        for (uint32_t i = 0; i < width && write; i++) {
            (void)smram_sight(&(struct smram_state){0}, VIEW_SMM, address + i, &ram);
            value[i] = zone_opposite(ram);
        }
        access_add(&list, address, width, write ? value : NULL);
    }
}

static void probe_reads(struct probe *p)
{
    /* NOLINTNEXTLINE(bugprone-branch-clone): they differ on i386. */
    uint32_t widest = p->view >= VIEW_DMA ? ACCESS_BYTES : ACCESS_WIDEST;
    uint32_t width = p->view == VIEW_DMA ? ACCESS_BYTES : 1;

    for (; width <= widest; width *= 2) {
        for (uint32_t place = 0; place < PLACES; place++) {
            make_list(place, width, false);
            access_run(p->view, &list);
            for (uint32_t i = 0; i < list.count; i++)
                check_read(p, &list.access[i]);
        }
    }
}

/* What the writes in list must have made of the zones. */
static void expect_writes(const struct probe *p)
{
    for (uint32_t i = 0; i < ZONES; i++) {
        memset(zones[i].unsaid, 0, sizeof(zones[i].unsaid));
        for (uint32_t at = 0; at < zones[i].size; at++)
            zones[i].want[at] = zone_pattern(zones[i].base + at);
    }
    for (uint32_t i = 0; i < list.count; i++) {
        const struct access *a = &list.access[i];

        for (uint32_t at = 0; at < a->width; at++) {
            uint32_t ram;
            enum sight sight = smram_sight(p->s, p->view, a->address + at, &ram);
            struct zone *z = zone_of(ram);

            if (z && sight == SIGHT_RAM)
                z->want[ram - z->base] = a->value[at];
            else if (z && sight == SIGHT_UNSAID)
                z->unsaid[ram - z->base] = true;
        }
    }
}

/* Compares; true if there is something to put back. */
static bool check_writes(struct probe *p, const struct access *first)
{
    bool touched = false;
    char want[24];

    for (uint32_t i = 0; i < ZONES; i++) {
        const struct zone *z = &zones[i];

        for (uint32_t at = 0; at < z->size; at++) {
            touched |= z->got[at] != zone_pattern(z->base + at);
            if (z->got[at] == z->want[at] || z->unsaid[at])
                continue;
            snprintf(want, sizeof(want), "%#x", z->want[at]);
            fail(p, "written (or near)", first, z->base + at, z->got[at], want);
            return true;
        }
    }
    return touched;
}

static void probe_writes(struct probe *p, bool locked)
{
    /* NOLINTNEXTLINE(bugprone-branch-clone): they differ on i386. */
    uint32_t widest = p->view >= VIEW_DMA ? ACCESS_BYTES : ACCESS_WIDEST;
    const struct smram_state *through = locked ? p->s : NULL;

    for (uint32_t width = 1; width <= widest; width *= 2) {
        for (uint32_t place = 0; place < PLACES; place++) {
            struct access first;

            make_list(place, width, true);
            if (!list.count)
                continue;
            first = list.access[0];
            expect_writes(p);
            if (!locked)
                views_set(p->s);
            access_run(p->view, &list);
            if (!locked)
                views_open();
            zones_read(through);
            if (check_writes(p, &first))
                zones_lay(through);
        }
    }
    if (!locked)
        views_set(p->s);
}

void views_check_view(const struct smram_state *s, enum view view, bool locked)
{
    static const struct {
        char read_id[16], read[100], write_id[16], write[100];
    } text[VIEWS] = {
        [VIEW_OUTSIDE] = {"read-outside", "a CPU outside SMM reads what the MCH lets it",
                          "write-outside", "a CPU outside SMM changes what the MCH lets it, only"},
        [VIEW_SMM] = {"read-smm", "a CPU in SMM reads SMRAM where it is enabled", "write-smm",
                      "a CPU in SMM writes SMRAM where it is enabled, and nothing beside it"},
        [VIEW_DMA] = {"read-dma", "a device never reads SMRAM", "write-dma",
                      "a device never changes SMRAM"},
        [VIEW_EDU] = {"read-edu", "a PCI bus master never reads SMRAM", "write-edu",
                      "a PCI bus master never changes SMRAM"},
        [VIEW_HOST] = {"read-host", "the host sees physical memory as a device does"},
    };
    struct probe p = {.s = s, .view = view, .id = text[view].read_id, .sentence = text[view].read};

    probe_reads(&p);
    if (!p.failed)
        EXPECT_TRUE(p.id, true, p.sentence);
    if (view == VIEW_HOST)
        return;
    p.failed = false;
    p.id = text[view].write_id;
    p.sentence = text[view].write;
    probe_writes(&p, locked);
    if (!p.failed)
        EXPECT_TRUE(p.id, true, p.sentence);
}

void views_check(const struct smram_state *s, bool locked)
{
    for (uint32_t view = 0; view <= VIEW_DMA; view++)
        views_check_view(s, (enum view)view, locked);
    views_check_fetches(s, locked);
}
