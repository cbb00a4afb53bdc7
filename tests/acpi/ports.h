/* SPDX-License-Identifier: GPL-2.0-or-later */
/* I/O ports that the DSDT keeps for its devices. */
#ifndef TESTS_ACPI_PORTS_H
#define TESTS_ACPI_PORTS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Does some device's _CRS say that exactly these ports are its own? length: bytes. Looks at those
 * that are names, no methods; aml_load() must have been called.
 */
bool ports_reserved(uint16_t base, uint32_t length);

#endif
