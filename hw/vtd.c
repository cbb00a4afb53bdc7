/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/vtd.h"

#include "hw/deadline.h"
#include "hw/io.h"

/* One command at a time, as 10.4.4 asks for; its status bit tells that it is done. */
static bool command(uintptr_t unit, uint32_t bit)
{
    mmio_write32(unit + VTD_GCMD, (mmio_read32(unit + VTD_GSTS) & VTD_KEEP) | bit);
    return WAIT_FOR(mmio_read32(unit + VTD_GSTS) & bit, PATIENCE_MS);
}

bool vtd_remap(uintptr_t unit, const struct vtd_irte *table, unsigned int log2)
{
    mmio_write64(unit + VTD_IRTA, (uintptr_t)table | VTD_IRTA_EIME | (log2 - 1));
    return command(unit, VTD_SIRTP) && command(unit, VTD_IRE);
}
