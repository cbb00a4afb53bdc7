/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/migrate/migrate.h"

#include "hw/deadline.h"
#include "hw/uart.h"
#include "kernel/host.h"
#include "kernel/test.h"

/* The host bounds its own work and is sooner. */
#define ANSWER_MS 60000

void migrate(void)
{
    char answer[160];

    if (!host_request(answer, sizeof(answer), "migrate")) {
        FAIL_CHECK("migrates", "the machine goes on in another QEMU", "%s", answer);
        test_end();
    }
    EXPECT_TRUE("migrates", true, "the machine goes on in another QEMU");
}

void migrate_prepare(void)
{
    if (!host_init())
        ERROR("there is no host on COM2");
}

uint64_t SMM_CODE migrate_in_smm(struct smm_cpu *cpu, void *arg)
{
    struct deadline d = deadline_in(ANSWER_MS);
    char line[4];
    uint32_t n = 0;
    char c = '\0';

    (void)cpu;
    (void)arg;
    uart_puts(UART_COM2, "migrate\n");
    while (c != '\n' && !deadline_over(&d)) {
        if (uart_getc(UART_COM2, &c) && n < sizeof(line))
            line[n++] = c;
    }
    return n == 3 && line[0] == 'o' && line[1] == 'k';
}
