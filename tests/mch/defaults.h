/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine type decides about the MCH; both end the test as SKIP for a type not QEMU's. */
#ifndef TESTS_MCH_DEFAULTS_H
#define TESTS_MCH_DEFAULTS_H

/* Check size: what TSEG_SZ = 11b stands for (QEMU commit 2f295167e0). */
void mch_expect_ext_tseg_default(void);

/* Check query: whether there is SMRAM at the default SMBASE (QEMU commit f404220e27). */
void mch_expect_smbase_default(void);

#endif
