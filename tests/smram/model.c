/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smram/model.h"

#include "hw/mch.h"
#include "kernel/machine.h"
#include "lib/printf.h"

static bool within(uint32_t address, uint32_t base, uint32_t size)
{
    return address - base < size;
}

/* Is the compatible (or high) segment opened to this view? */
static bool opened(const struct smram_state *s, enum view view)
{
    return view == VIEW_SMM || (view == VIEW_OUTSIDE && s->open);
}

/*
 * D_OPEN without G_SMRAME, and devices under D_OPEN: QEMU shows SMRAM where the manuals deny it,
 * see tests/smram/deviations.c.
 */
static bool deviates(const struct smram_state *s, enum view view)
{
    return s->open && (!s->g || view >= VIEW_DMA);
}

enum sight smram_sight(const struct smram_state *s, enum view view, uint32_t address, uint32_t *ram)
{
    /* The high segment's RAM and, were it larger, that of its neighbours. */
    uint32_t high_ram = address - SMRAM_HIGH_BASE + SMRAM_A_BASE;

    *ram = address;
    if (within(address, SMRAM_A_BASE, SMRAM_A_SIZE)) {
        if (s->g && !s->h && opened(s, view))
            return SIGHT_RAM;
        /* Without VGA, QEMU leaves RAM there: deviations.c again. */
        return deviates(s, view) || !machine.vga ? SIGHT_UNSAID : SIGHT_OTHER;
    }
    if (within(address, SMRAM_HIGH_BASE - 0x1000, SMRAM_A_SIZE + 0x2000)) {
        bool inside = within(address, SMRAM_HIGH_BASE, SMRAM_A_SIZE);

        *ram = high_ram;
        if (inside && s->g && s->h && opened(s, view))
            return SIGHT_RAM;
        return inside && s->h && deviates(s, view) ? SIGHT_UNSAID : SIGHT_OTHER;
    }
    if (s->t && within(address, s->tseg_base, s->tseg_end - s->tseg_base)) {
        if (!s->g)
            return SIGHT_UNSAID;
        return view == VIEW_SMM ? SIGHT_RAM : SIGHT_ONES;
    }
    if (s->window && within(address, SMRAM_WINDOW_BASE, SMRAM_WINDOW_SIZE))
        return view == VIEW_SMM ? SIGHT_RAM : SIGHT_ONES;
    return SIGHT_RAM;
}

uint32_t smram_reach(const struct smram_state *s, uint32_t ram)
{
    if (s->h && within(ram, SMRAM_A_BASE, SMRAM_A_SIZE))
        return ram - SMRAM_A_BASE + SMRAM_HIGH_BASE;
    return ram;
}

#ifdef __x86_64__
#define MODE "long mode"
#else
#define MODE "protected mode, PAE"
#endif

const char *view_name(enum view view)
{
    static const char names[VIEWS][40] = {"CPU outside SMM, " MODE, "CPU in SMM, " MODE,
                                          "device (fw_cfg DMA)", "PCI bus master (edu)",
                                          "host (pmemsave)"};

    return names[view];
}

void smram_state_text(const struct smram_state *s, char *text, uint32_t size)
{
    snprintf(text, size, "G%u H%u T%u%s%s TSEG %#x-%#x", s->g, s->h, s->t, s->open ? " open" : "",
             s->window ? " window" : "", s->tseg_base, s->tseg_end - 1);
}
