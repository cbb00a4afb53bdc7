/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Negotiation of SMI features between firmware and QEMU's ICH9, over fw_cfg.
 * Source: QEMU commits 50de920b37, 5ce45c7a2b, 00dc02d284. */
#ifndef HW_SMI_FEATURES_H
#define HW_SMI_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#define FW_SMI_BROADCAST   UINT64_C(1) /* an APM_CNT SMI reaches every CPU */
#define FW_SMI_CPU_HOTPLUG UINT64_C(2)
#define FW_SMI_CPU_UNPLUG  UINT64_C(4)

#define FW_SMI_FILE_SUPPORTED "etc/smi/supported-features" /* 64 bit LE, read-only */
#define FW_SMI_FILE_REQUESTED "etc/smi/requested-features" /* 64 bit LE */
#define FW_SMI_FILE_OK        "etc/smi/features-ok"        /* 8 bit; selecting it validates */

/* What QEMU offers.  false: the machine knows no negotiation. */
bool smi_features_supported(uint64_t *mask);

/* What somebody has asked for, whether or not it was validated; 0: nothing, or no negotiation. */
uint64_t smi_features_requested(void);

/*
 * Asks for a set of features and has it validated.  *ok becomes 1 if the set is now in force, until
 * reset, or 0 if it was refused and another one may be asked for.
 * false: the machine knows no negotiation, or the transfer failed; *ok is untouched.
 */
bool smi_features_request(uint64_t mask, uint8_t *ok);

#endif
