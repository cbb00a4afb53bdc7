/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records without a kernel: compiled, this is an ELF file that the runner can plan from. */
#include "include/testinfo.h"

#define COMMON \
    .magic = TESTINFO_MAGIC, .version = TESTINFO_VERSION, .line = __LINE__, .file = "unit/records.c"

__attribute__((section(TESTINFO_SECTION), used)) static const struct testinfo records[] = {
    {COMMON, .id = "fake.one", .sentence = "the first test", .spec = "chapter 1",
     .needs = "smm=any timeout=1"},
    {COMMON, .id = "fake.host", .sentence = "a test with a host", .spec = "chapter 2",
     .needs = "host=plug,wait timeout=5"},
    {COMMON, .id = "fake.scenario", .sentence = "a test in steps", .spec = "chapter 2",
     .needs = "group=scenario timeout=1"},
    {COMMON, .id = "fake.large", .sentence = "a test that takes long", .spec = "chapter 1",
     .needs = "group=large"},
    {COMMON, .id = "fake.new", .sentence = "a test for what is to come", .spec = "chapter 3",
     .needs = "machine>=pc-q35-99.0"},
    {COMMON, .id = "fake.odd", .sentence = "a test with a word too many", .spec = "chapter 3",
     .needs = "frobnicate=1"},
};
