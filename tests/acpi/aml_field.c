/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of system I/O regions: ACPI 6.3, 19.6.48 (Field), 20.2.5.2 (FieldFlags). */
#include "hw/io.h"
#include "tests/acpi/aml_internal.h"

#define SYSTEM_IO 1

/* Bytes of one access: AccessType 0 (any) and 1 are bytes, 2 words, 3 doublewords. */
static uint32_t access_size(const struct aml_node *field)
{
    uint32_t type = field->flags & 0xf;

    return type < 2 ? 1 : 1U << (type - 1);
}

/* Port of the access unit that the field lies in; it must lie in one. */
static bool locate(const struct aml_node *field, uint16_t *port, uint32_t *shift)
{
    const struct aml_node *region = &aml_node[field->region];
    uint32_t bits = access_size(field) * 8;

    if (region->kind != AML_REGION || region->space != SYSTEM_IO)
        return aml_fail("field %s is in no system I/O region", field->name);
    if (field->bit / bits != (field->bit + field->bits - 1) / bits || bits > 32)
        return aml_fail("field %s does not lie in one access unit", field->name);
    if ((field->bit / bits + 1) * bits > region->length * 8)
        return aml_fail("field %s ends behind its region %s", field->name, region->name);
    *port = (uint16_t)(region->number + field->bit / bits * (bits / 8));
    *shift = field->bit % bits;
    return true;
}

static uint32_t mask(const struct aml_node *field)
{
    return field->bits == 32 ? ~0U : (1U << field->bits) - 1;
}

static uint32_t read_unit(uint32_t size, uint16_t port)
{
    return size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
}

bool aml_field_read(const struct aml_node *field, uint64_t *value)
{
    uint16_t port = 0;
    uint32_t shift = 0;

    if (!locate(field, &port, &shift))
        return false;
    *value = read_unit(access_size(field), port) >> shift & mask(field);
    return true;
}

bool aml_field_write(const struct aml_node *field, uint64_t value)
{
    uint32_t size = access_size(field);
    uint32_t rule = field->flags >> 5 & 3; /* UpdateRule 0: preserve, 1: ones, 2: zeros */
    uint16_t port = 0;
    uint32_t shift = 0, unit = 0;

    if (!locate(field, &port, &shift))
        return false;
    if (field->bits != size * 8 && rule != 2)
        unit = rule == 1 ? ~0U : read_unit(size, port);
    unit = (unit & ~(mask(field) << shift)) | ((uint32_t)value & mask(field)) << shift;
    aml_note_write(port, size, unit);
    if (size == 1)
        outb(port, (uint8_t)unit);
    else if (size == 2)
        outw(port, (uint16_t)unit);
    else
        outl(port, unit);
    return true;
}
