/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/acpi/ports.h"

#include <stddef.h>

#include "tests/acpi/aml.h"

/* ACPI 6.3, 6.4.2.5: I/O Port Descriptor */
struct io_ports {
    uint8_t tag; /* 47h */
    uint8_t decode;
    uint16_t min, max;
    uint8_t align, length;
} __attribute__((packed));

#define TAG_IO 0x47

/* Does this resource template hold fixed ports that begin at base and are so many? */
static bool has_ports(const struct aml_value *crs, uint16_t base, uint32_t length)
{
    uint32_t at = 0;

    while (at < crs->length) {
        const struct io_ports *io = (const void *)(crs->bytes + at);
        uint8_t tag = crs->bytes[at];

        if (tag == TAG_IO && at + sizeof(*io) <= crs->length && io->min == base &&
            io->max == base && io->length == length)
            return true;
        if (tag & 0x80) { /* large: 16 bits of length follow */
            if (at + 3 > crs->length)
                return false;
            at += 3U + crs->bytes[at + 1] + ((uint32_t)crs->bytes[at + 2] << 8);
        } else
            at += 1U + (tag & 7U);
    }
    return false;
}

bool ports_reserved(uint16_t base, uint32_t length)
{
    for (uint32_t node = 1; node < aml_nodes(); node++) {
        struct aml_value crs = {0};
        uint32_t name = aml_kind(node) == AML_DEVICE ? aml_child(node, "_CRS") : AML_NONE;

        if (name == AML_NONE || aml_kind(name) != AML_NAME)
            continue;
        if (aml_evaluate(name, NULL, 0, &crs) && crs.type == AML_BUFFER &&
            has_ports(&crs, base, length))
            return true;
    }
    return false;
}
