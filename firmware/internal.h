/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared between the files of firmware/ only. */
#ifndef FIRMWARE_INTERNAL_H
#define FIRMWARE_INTERNAL_H

#include "smm/state.h"

/* Puts the relocation handler where first SMIs go; saves what lay there. */
void firmware_relocation_begin(void);
/* Brings that back and closes the A-segment. */
void firmware_relocation_end(void);

/* Gives SMM the state it continues with, and hides TSEG from everybody else. */
void firmware_close_smram(const struct smm_state *s);

#endif
