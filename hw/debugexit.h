/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's isa-debug-exit device (QEMU hw/misc/debugexit.c): a write ends QEMU with the exit status
 * value << 1 | 1, of which the host keeps the low 8 bits. */
#ifndef HW_DEBUGEXIT_H
#define HW_DEBUGEXIT_H

#include <stdint.h>

#define DEBUG_EXIT_PORT         0xf4  /* iobase=0xf4,iosize=4 */
#define DEBUG_EXIT_DEFAULT_PORT 0x501 /* the device's own default, 2 bytes */

/* Tries both places.  Returns when there is no such device at either; nothing tells beforehand. */
void debug_exit(uint32_t value);

#endif
