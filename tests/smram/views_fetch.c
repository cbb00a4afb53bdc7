/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "kernel/test.h"
#include "lib/string.h"
#include "tests/smram/access.h"
#include "tests/smram/fetches.h"
#include "tests/smram/views.h"
#include "tests/smram/zones.h"

static struct access_list list;

/* The instruction at this place of all edges. */
static void lay_codes(const struct smram_state *through, enum place place, uint32_t width)
{
    uint8_t code[8];

    fetch_code(width, code);
    for (uint32_t i = 0; i < ZONES; i++)
        memset(zones[i].got, FETCH_FILLER, sizeof(zones[i].got));
    for (uint32_t edge = 0; edge < ZONES; edge++) {
        uint32_t address;

        if (!zone_place(edge, place, width, &address))
            continue;
        memcpy(&zones[edge].got[address - zones[edge].base], code, width);
    }
    zones_write(through);
}

/* Where a device answers, or nobody: only what is known to be harmless is executed. */
static bool harmless(enum view view, uint32_t address)
{
    list.count = 0;
    for (uint32_t i = 0; i < 4; i++)
        access_add(&list, address + i, 1, NULL);
    access_run(view, &list);
    for (uint32_t i = 0; i < list.count; i++) {
        if (list.access[i].value[0] != 0xff && list.access[i].value[0] != 0)
            return false;
    }
    return true;
}

enum verdict { MUST_RUN, MUST_BE_ONES, MUST_NOT_RUN, NOT_TRIED };

static enum verdict expected(const struct smram_state *s, enum view view, uint32_t address,
                             uint32_t width)
{
    enum verdict v = MUST_RUN;
    uint32_t ram, ones = 0;

    for (uint32_t i = 0; i < width; i++) {
        enum sight sight = smram_sight(s, view, address + i, &ram);

        /* From RAM on into something else: smram.fetch_across. */
        if (sight == SIGHT_UNSAID || (i && v == MUST_RUN && sight != SIGHT_RAM))
            return NOT_TRIED;
        if (sight == SIGHT_OTHER && !harmless(view, address))
            return NOT_TRIED;
        if (sight != SIGHT_RAM)
            v = MUST_NOT_RUN;
        ones += sight == SIGHT_ONES;
    }
    /* One FFh alone is no invalid opcode. */
    if (ones == width && smram_sight(s, view, address + 1, &ram) == SIGHT_ONES)
        return MUST_BE_ONES;
    return v;
}

static const char sentence[] = "code in SMRAM runs where SMRAM is visible, and only there";

static bool check_fetch(const struct smram_state *s, enum view view, const char *id,
                        uint32_t address, uint32_t width)
{
    enum verdict want = expected(s, view, address, width);
    enum fetched got;
    char state[80];

    if (want == NOT_TRIED)
        return true;
    got = fetch_run(view, address, width);
    if ((want == MUST_RUN && got == FETCH_RAN) || (want == MUST_BE_ONES && got == FETCH_ONES) ||
        (want == MUST_NOT_RUN && got != FETCH_RAN))
        return true;
    smram_state_text(s, state, sizeof(state));
    FAIL_CHECK(id, sentence, "%s, fetch of %u bytes at %#x, %s: %s, wanted %s", view_name(view),
               width, address, state, fetched_name(got),
               want == MUST_RUN       ? fetched_name(FETCH_RAN)
               : want == MUST_BE_ONES ? fetched_name(FETCH_ONES)
                                      : "anything else");
    return false;
}

void views_check_fetches(const struct smram_state *s, bool locked)
{
    static const struct {
        enum view view;
        char id[16];
    } views[] = {{VIEW_OUTSIDE, "fetch-outside"}, {VIEW_SMM, "fetch-smm"}};
    const struct smram_state *through = locked ? s : NULL;
    bool good[2] = {true, true};

    for (uint32_t width = 1; width <= 8; width *= 2) {
        for (uint32_t place = 0; place < PLACES; place++) {
            if (!locked)
                views_open();
            lay_codes(through, place, width);
            if (!locked)
                views_set(s);
            for (uint32_t i = 0; i < 2; i++) {
                for (uint32_t edge = 0; edge < EDGES; edge++) {
                    uint32_t address;

                    if (zone_place(edge, place, width, &address))
                        good[i] &= check_fetch(s, views[i].view, views[i].id, address, width);
                }
            }
        }
    }
    if (!locked)
        views_open();
    zones_lay(through);
    if (!locked)
        views_set(s);
    for (uint32_t i = 0; i < 2; i++) {
        if (good[i])
            EXPECT_TRUE(views[i].id, true, sentence);
    }
}
