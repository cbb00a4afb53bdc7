/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU's SMBIOS tables say about the machine. */
#ifndef KERNEL_SMBIOS_H
#define KERNEL_SMBIOS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The version string of the System Information (SMBIOS 2.8, 7.2 "Type 1"), which QEMU sets to the
 * name of the machine type (hw/i386/pc_q35.c, pc_q35_init()). Read from fw_cfg, so that it works
 * behind any firmware. Cut to size, NUL included. false: there is none, *out is "".
 */
bool smbios_system_version(char *out, uint32_t size);

#endif
