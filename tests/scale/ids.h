/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every CPU of many says of itself. */
#ifndef TESTS_SCALE_IDS_H
#define TESTS_SCALE_IDS_H

/* All ways to read its id say what smp_apic_id() does, and one CPU only is the BSP. */
void ids_check(void);

#endif
