/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/s3/s3.h"

#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/uart.h"
#include "kernel/host.h"
#include "kernel/test.h"

/* QEMU's own code for S3, which its fw_cfg file etc/system-states names. */
#define SLP_TYP_S3 1U

void s3_sleep(void)
{
    /* In legacy mode: for the ICH9, SLP_EN does not depend on SCI_EN. pm.suspend has it set. */
    uint16_t type = PM1_CNT_SLP_TYP(SLP_TYP_S3);
    volatile bool never = false;

    test_announce_reset();
    ich9_pm_write16(PM1_CNT, type);
    ich9_pm_write16(PM1_CNT, (uint16_t)(type | PM1_CNT_SLP_EN));
    WAIT_FOR(never, 2 * PATIENCE_MS);
    ERROR("the machine does not sleep");
}

void s3_suspend_disturbed(const char *command)
{
    if (!host_init())
        ERROR("there is no host on COM2");
    uart_puts(UART_COM2, "wakeup ");
    uart_puts(UART_COM2, command);
    uart_puts(UART_COM2, "\n");
    s3_sleep();
}

void s3_doze(void)
{
    if (!host_init())
        ERROR("there is no host on COM2");
    uart_puts(UART_COM2, "doze\n");
    s3_sleep();
}

void s3_suspend(void)
{
    s3_suspend_disturbed("");
}
