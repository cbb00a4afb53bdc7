/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine is like when it has just been reset. Nobody may have started the APs. */
#ifndef TESTS_RESET_AFTER_H
#define TESTS_RESET_AFTER_H

#include <stdint.h>

/*
 * SMI_EN is 0; all cpus CPUs of this boot wait where a reset leaves them, start, and take their
 * first SMI at 30000h: none was behind them, none is in SMM. The memory there is overwritten.
 */
void after_reset_cpus(uint32_t cpus);

/* The BSP is the BSP, outside SMM, and has no NMI and no SMI behind it. */
void after_reset_bsp(void);

#endif
