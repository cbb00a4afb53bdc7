/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CMOS RAM behind ports 70h/71h (ICH9 data sheet, "Real-Time Clock Registers"). */
#ifndef HW_CMOS_H
#define HW_CMOS_H

#include <stdint.h>

#include "hw/cpu.h"

#define CMOS_INDEX 0x70 /* write only; bit 7 = NMI off */
#define CMOS_DATA  0x71

/* The real-time clock; FFh in an alarm register matches every value */
#define CMOS_SECONDS       0x00 /* BCD */
#define CMOS_SECONDS_ALARM 0x01
#define CMOS_MINUTES_ALARM 0x03
#define CMOS_HOURS_ALARM   0x05
#define CMOS_ALARM_ANY     0xff
#define CMOS_REG_A         0x0a
#define CMOS_REG_A_UIP     BIT(7) /* an update is under way */
#define CMOS_REG_B         0x0b
#define CMOS_REG_B_AIE     BIT(5) /* alarm interrupt enable */
#define CMOS_REG_C         0x0c   /* what has happened; reading clears it */
#define CMOS_REG_C_AF      BIT(5)

#define CMOS_SHUTDOWN    0x0f /* what a reset is for: FEh by QEMU when it suspends to RAM */
#define CMOS_SHUTDOWN_S3 0xfe

/* Memory sizes as QEMU's pc_cmos_init() leaves them (hw/i386/pc.c) */
#define CMOS_EXT_MEM_LOW  0x30 /* KiB above 1 MiB, low byte; at most 65535 */
#define CMOS_EXT_MEM_HIGH 0x31
#define CMOS_MEM_16M_LOW  0x34 /* 64-KiB units between 16 MiB and 4 GiB, low byte */
#define CMOS_MEM_16M_HIGH 0x35
#define CMOS_MEM_4G       0x5b /* 64-KiB units above 4 GiB, 24 bit, low byte first */
#define CMOS_BOOT_CPUS    0x5f /* CPUs minus 1; 0 if there are more than 256 (hw/i386/x86.c) */

/* index: 0-127.  Leaves NMIs enabled.  Port 70h cannot be read back: an SMI between the two
 * accesses must not use the CMOS. */
uint8_t cmos_read(uint8_t index);

/* As cmos_read(). */
void cmos_write(uint8_t index, uint8_t value);

/* Two neighbouring bytes, low one first. */
uint16_t cmos_read16(uint8_t index);

#endif
