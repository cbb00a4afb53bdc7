/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What INIT does to the parts of the segment registers that no instruction shows. */
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/deadline.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "tests/msr/start.h"
#include "tests/rsm/frozen.h"

#define AP           1
#define START_VECTOR 0x9b

static char answer[HOST_ANSWER_MAX];

static bool is_halted(const char *registers)
{
    const char *hlt = strstr(registers, "HLT=");

    return hlt && hlt[4] == '1';
}

TEST(
    msr, init_hidden, "INIT sets selectors, bases and limits of all segment registers",
    SPEC("Intel SDM vol. 3, Table 9-1: CS F000h, FFFF0000h, FFFFh; the others 0, 0, FFFFh; AMD APM "
         "vol. 2, Table 14-1"),
    NEEDS("smp=2 host=hmp boot=own"))
{
    static const char *const names[] = {
        "ES =", "CS =", "SS =", "DS =", "FS =", "GS =", "LDT=", "TR ="};
    const char *registers;
    struct deadline d = deadline_in(PATIENCE_MS);

    if (!smp_start_all())
        ERROR("the APs do not come up");
    frozen_begin(AP);
    frozen_settle(answer);
    apic_send_init(smp_apic_id(AP));
    do
        registers = frozen_registers(answer);
    while (!is_halted(registers) && !deadline_over(&d));
    REQUIRE_TRUE("waits", is_halted(registers), "after INIT the AP waits for SIPI");
    for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *line = strstr(registers, names[i]);
        bool code = names[i][0] == 'C';
        char want[64];

        if (!line)
            ERROR("the host's list of registers has no \"%s\"", names[i]);
        snprintf(want, sizeof(want), "%s%s %08x %08x", names[i], code ? "f000" : "0000",
                 code ? 0xffff0000U : 0U, 0xffffU);
        CONTEXT("%.*s", (int)strlen(want), line);
        EXPECT_TRUE("segments", strncmp(line, want, strlen(want)) == 0,
                    "CS is F000h, FFFF0000h, FFFFh, the others are 0, 0, FFFFh");
    }
    CONTEXT_CLEAR();
}

/* The start witness halts; only INIT has set CS before, SIPI does again. */
TEST(msr, sipi_hidden, "SIPI sets CS to VV00h with base VV000h, and leaves its limit at FFFFh",
     SPEC("Intel SDM vol. 3, 8.4.3 step 6, 8.4.4.1: real mode at VV000h; Table 9-1: limit FFFFh"),
     NEEDS("smp=2 host=hmp boot=own"))
{
    const char *line;
    char want[64];

    if (!smp_start_all())
        ERROR("the APs do not come up");
    start_prepare(START_VECTOR, NULL, 0);
    REQUIRE_TRUE("started", start_cpu(AP, START_VECTOR), "INIT and SIPI start the AP");
    line = strstr(frozen_registers(answer), "CS =");
    if (!line)
        ERROR("the host's list of registers has no CS");
    snprintf(want, sizeof(want), "CS =%04x %08x %08x", START_VECTOR << 8, START_VECTOR << 12,
             0xffffU);
    CONTEXT("%.*s", (int)strlen(want), line);
    EXPECT_TRUE("cs", strncmp(line, want, strlen(want)) == 0, "CS is 9B00h, 9B000h, FFFFh");
    CONTEXT_CLEAR();
}
