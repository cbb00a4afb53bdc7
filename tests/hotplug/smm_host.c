/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/hotplug/smm_host.h"

#include <stddef.h>

#include "hw/deadline.h"
#include "hw/uart.h"
#include "lib/printf.h"
#include "lib/string.h"

static char request[24];
static char answer[96];

/* Runs on the monarch; the host bounds its own work and is sooner. */
static uint64_t SMM_CODE ask(struct smm_cpu *cpu, void *arg)
{
    struct deadline d = deadline_in(2 * PATIENCE_MS);
    uint32_t n = 0;
    char c = '\0';

    (void)cpu;
    (void)arg;
    uart_puts(UART_COM2, request);
    while (c != '\n' && !deadline_over(&d)) {
        if (uart_getc(UART_COM2, &c) && n + 1 < sizeof(answer))
            answer[n++] = c;
    }
    answer[n] = '\0';
    return 0;
}

void smm_host_plug_at(enum smm_hotplug_moment moment, uint32_t slot)
{
    snprintf(request, sizeof(request), "plug %u\n", slot);
    answer[0] = '\0';
    smm_mailbox.hotplug_hook[moment] = ask;
}

bool smm_host_cancel(void)
{
    for (int i = 0; i < SMM_HOTPLUG_MOMENTS; i++)
        smm_mailbox.hotplug_hook[i] = NULL;
    return strncmp(answer, "ok", 2) == 0;
}
