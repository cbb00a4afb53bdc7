/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The namespace of the DSDT (ACPI 6.3, 20.2.5). Bodies of methods are not looked into. */
#include <stddef.h>

#include "kernel/acpi.h"
#include "lib/string.h"
#include "tests/acpi/aml_internal.h"

/* Behind the object of a Name: constant, string, buffer or package. */
static bool skip_object(const uint8_t **at, const uint8_t *end)
{
    uint64_t value;
    uint8_t op = *at < end ? **at : AML_OP_EXT;

    if (aml_constant(at, end, &value))
        return true;
    ++*at;
    if (op == AML_OP_STRING) {
        while (*at < end && **at)
            ++*at;
        ++*at;
        return *at <= end;
    }
    if (op == AML_OP_BUFFER || op == AML_OP_PACKAGE) {
        const uint8_t *behind = aml_package_end(at, end);

        *at = behind;
        return behind != NULL;
    }
    return aml_fail("a name has an object of unknown kind %#x", op);
}

/* The node that a path gives a name to: all but the last name must be there. */
static uint32_t declare(const uint8_t **at, const uint8_t *end, uint32_t scope, enum aml_kind kind)
{
    struct aml_path path;
    uint32_t parent;

    if (!aml_path(at, end, scope, &path))
        return AML_NONE;
    if (path.segments == 0)
        return path.scope;
    parent = path.scope;
    for (uint32_t i = 0; i + 1 < path.segments; i++)
        parent = aml_add(parent, (const char *)path.names + i * 4, AML_SCOPE);
    return aml_add(parent, (const char *)path.names + (path.segments - 1) * 4, kind);
}

/* FieldFlags and FieldList (20.2.5.2). */
static bool load_field(const uint8_t *p, const uint8_t *end, uint32_t scope)
{
    struct aml_path path;
    uint32_t region, bit = 0;
    uint8_t flags;

    if (!aml_path(&p, end, scope, &path) || p >= end)
        return false;
    region = aml_resolve(&path);
    flags = *p++;
    while (p < end) {
        bool named = *p != 0;
        uint32_t bits, node;
        const uint8_t *start;
        char name[5] = "";

        if (!named)
            p++;
        else if (!aml_starts_name(*p) || end - p < 5)
            return aml_fail("a field has an element of unknown kind %#x", *p);
        else
            memcpy(name, p, 4);
        p += named ? 4 : 0;
        /* The length in bits is coded as a PkgLength is. */
        start = p;
        bits = *p >> 6 ? *p & 0xf : *p & 0x3f;
        for (uint32_t i = 0; i < (uint32_t)(*start >> 6) && p + 1 < end; i++)
            bits |= (uint32_t) * ++p << (4 + 8 * i);
        p++;
        if (named) {
            node = aml_add(scope, name, AML_FIELD);
            aml_node[node].region = region;
            aml_node[node].bit = bit;
            aml_node[node].bits = bits;
            aml_node[node].flags = flags;
        }
        bit += bits;
    }
    return true;
}

static bool load_list(const uint8_t *p, const uint8_t *end, uint32_t scope);

static bool load_region(const uint8_t **at, const uint8_t *end, uint32_t scope)
{
    uint32_t node = declare(at, end, scope, AML_REGION);

    if (node == AML_NONE || *at >= end)
        return false;
    aml_node[node].space = *(*at)++;
    return (aml_constant(at, end, &aml_node[node].number) &&
            aml_constant(at, end, &aml_node[node].length)) ||
           aml_fail("region %s has no constant address and length", aml_node[node].name);
}

static bool load_extended(const uint8_t **at, const uint8_t *end, uint32_t scope)
{
    uint8_t op = *(*at)++;
    const uint8_t *behind, *p;
    uint32_t node;

    if (op == AML_EXT_REGION)
        return load_region(at, end, scope);
    if (op == AML_EXT_MUTEX) {
        node = declare(at, end, scope, AML_MUTEX);
        ++*at; /* SyncFlags */
        return node != AML_NONE;
    }
    behind = aml_package_end(at, end);
    if (!behind)
        return aml_fail("object 5Bh %#x has a wrong length", op);
    p = *at;
    *at = behind;
    if (op == AML_EXT_FIELD)
        return load_field(p, behind, scope);
    if (op != AML_EXT_DEVICE && op != AML_EXT_PROCESSOR)
        return true; /* index fields, power resources, thermal zones */
    node = declare(&p, behind, scope, op == AML_EXT_DEVICE ? AML_DEVICE : AML_PROCESSOR);
    if (node == AML_NONE)
        return false;
    if (op == AML_EXT_PROCESSOR) {
        aml_node[node].number = *p;
        p += 6; /* ProcID, PblkAddr, PblkLen */
    }
    return load_list(p, behind, node);
}

static bool load_list(const uint8_t *p, const uint8_t *end, uint32_t scope)
{
    while (p < end) {
        uint8_t op = *p++;
        const uint8_t *behind;
        uint32_t node;

        switch (op) {
        case AML_OP_NAME:
            node = declare(&p, end, scope, AML_NAME);
            aml_node[node].body = p;
            aml_node[node].end = end;
            if (!skip_object(&p, end))
                return aml_fail("name %s is damaged", aml_node[node].name);
            break;
        case AML_OP_EXT:
            if (!load_extended(&p, end, scope))
                return aml_fail("an object 5Bh is damaged");
            break;
        case AML_OP_EXTERNAL:
            (void)declare(&p, end, scope, AML_SCOPE);
            p += 2;
            break;
        case AML_OP_SCOPE:
        case AML_OP_METHOD:
        case AML_OP_IF:
        case AML_OP_ELSE:
            behind = aml_package_end(&p, end);
            if (!behind)
                return aml_fail("object %#x has a wrong length", op);
            if (op == AML_OP_SCOPE || op == AML_OP_METHOD) {
                node = declare(&p, behind, scope, op == AML_OP_SCOPE ? AML_SCOPE : AML_METHOD);
                aml_node[node].flags = op == AML_OP_METHOD ? *p++ & 7 : 0;
                aml_node[node].body = p;
                aml_node[node].end = behind;
                if (op == AML_OP_SCOPE && !load_list(p, behind, node))
                    return false;
            }
            p = behind;
            break;
        default:
            return aml_fail("the DSDT has an object of unknown kind %#x in %s", op,
                            aml_node[scope].name);
        }
    }
    return true;
}

bool aml_load(void)
{
    const struct acpi_header *dsdt = acpi_dsdt();
    const uint8_t *start = (const uint8_t *)dsdt;

    aml_clear();
    if (!dsdt)
        return aml_fail("there is no DSDT");
    return load_list(start + sizeof(*dsdt), start + dsdt->length, 0);
}
