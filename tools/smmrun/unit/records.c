/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records without a kernel: compiled, this is an ELF file that the runner can plan from. */
#include "include/testinfo.h"

#define RECORD(name, text, promise, words)                                                  \
    {                                                                                       \
        .magic = TESTINFO_MAGIC, .version = TESTINFO_VERSION, .line = __LINE__, .id = name, \
        .sentence = text, .spec = promise, .needs = words, .file = "unit/records.c"         \
    }

__attribute__((section(TESTINFO_SECTION), used)) static const struct testinfo records[] = {
    RECORD("fake.one", "the first test", "chapter 1", "smm=any timeout=1"),
    RECORD("fake.host", "a test with a host", "chapter 2", "host=plug,wait timeout=5"),
    RECORD("fake.scenario", "a test in steps", "chapter 2", "group=scenario timeout=1"),
    RECORD("fake.large", "a test that takes long", "chapter 1", "group=large"),
    RECORD("fake.new", "a test for what is to come", "chapter 3", "machine>=pc-q35-99.0"),
    RECORD("fake.odd", "a test with a word too many", "chapter 3", "frobnicate=1"),
};
