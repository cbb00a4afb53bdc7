/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine types by name, whatever the newest is: a guest that was made for one finds the SMM of
 * that type in every QEMU that still has it.
 */
#include "kernel/test.h"
#include "tests/mch/defaults.h"
#include "tests/negotiation/features.h"

#define TYPE_TEST(name, type)                                                              \
    TEST(types, name, "a machine of type " type " has the SMM of its version",             \
         SPEC("QEMU commits b8bab8eb69, 00dc02d284 and 7ed3e1ebcb (features), 2f295167e0 " \
              "(extended TSEG), f404220e27 (SMRAM at the default SMBASE)"),                \
         NEEDS("machine=" type " firmware=virgin boot=own"))                               \
    {                                                                                      \
        features_expect_offers();                                                          \
        mch_expect_ext_tseg_default();                                                     \
        mch_expect_smbase_default();                                                       \
    }

/* Those between which something changes, and the one after. */
TYPE_TEST(q35_2_8, "pc-q35-2.8")
TYPE_TEST(q35_2_9, "pc-q35-2.9")
TYPE_TEST(q35_2_10, "pc-q35-2.10")
TYPE_TEST(q35_4_2, "pc-q35-4.2")
TYPE_TEST(q35_5_0, "pc-q35-5.0")
TYPE_TEST(q35_5_1, "pc-q35-5.1")
TYPE_TEST(q35_5_2, "pc-q35-5.2")
TYPE_TEST(q35_6_0, "pc-q35-6.0")
TYPE_TEST(q35_7_2, "pc-q35-7.2")
TYPE_TEST(q35_9_2, "pc-q35-9.2")
