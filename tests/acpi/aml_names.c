/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The namespace: its nodes, how they are named and found. */
#include <stdarg.h>
#include <stddef.h>

#include "lib/printf.h"
#include "lib/string.h"
#include "tests/acpi/aml_internal.h"

struct aml_node aml_node[AML_MAX_NODES];
static uint32_t nodes;
static char error[120];

bool aml_fail(const char *format, ...)
{
    va_list args;

    if (error[0])
        return false;
    va_start(args, format);
    vsnprintf(error, sizeof(error), format, args);
    va_end(args);
    return false;
}

const char *aml_error(void)
{
    return error;
}

uint32_t aml_nodes(void)
{
    return nodes;
}

enum aml_kind aml_kind(uint32_t node)
{
    return aml_node[node].kind;
}

uint32_t aml_parent(uint32_t node)
{
    return aml_node[node].parent;
}

const char *aml_name(uint32_t node)
{
    return aml_node[node].name;
}

uint64_t aml_number(uint32_t node)
{
    return aml_node[node].number;
}

uint32_t aml_child(uint32_t parent, const char *name)
{
    for (uint32_t n = 1; n < nodes; n++) {
        if (aml_node[n].parent == parent && memcmp(aml_node[n].name, name, 4) == 0)
            return n;
    }
    return AML_NONE;
}

uint32_t aml_find(const char *path)
{
    uint32_t node = 0;

    for (; *path; path += path[4] == '.' ? 5 : 4) {
        node = aml_child(node, path);
        if (node == AML_NONE)
            return AML_NONE;
    }
    return node;
}

uint32_t aml_add(uint32_t parent, const char *name, enum aml_kind kind)
{
    uint32_t n = aml_child(parent, name);

    if (n != AML_NONE) {
        if (aml_node[n].kind == AML_SCOPE)
            aml_node[n].kind = (uint8_t)kind;
        return n;
    }
    if (nodes == AML_MAX_NODES) {
        aml_fail("the DSDT has more than %u objects", AML_MAX_NODES);
        return AML_NONE;
    }
    n = nodes++;
    memset(&aml_node[n], 0, sizeof(aml_node[n]));
    memcpy(aml_node[n].name, name, 4);
    aml_node[n].parent = parent;
    aml_node[n].kind = (uint8_t)kind;
    return n;
}

const uint8_t *aml_package_end(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *start = *at;
    uint32_t more, length;

    if (start >= end)
        return NULL;
    more = *start >> 6;
    if (end - start <= (ptrdiff_t)more)
        return NULL;
    length = more ? *start & 0xf : *start & 0x3f;
    for (uint32_t i = 0; i < more; i++)
        length |= (uint32_t)start[1 + i] << (4 + 8 * i);
    *at = start + 1 + more;
    return length <= (uint32_t)(end - start) && length > more ? start + length : NULL;
}

bool aml_starts_name(uint8_t byte)
{
    return byte == '\\' || byte == '^' || byte == '_' || (byte >= 'A' && byte <= 'Z') ||
           byte == 0x2e || byte == 0x2f;
}

bool aml_path(const uint8_t **at, const uint8_t *end, uint32_t scope, struct aml_path *path)
{
    const uint8_t *p = *at;

    *path = (struct aml_path){.scope = scope, .segments = 1};
    for (; p < end && (*p == '\\' || *p == '^'); p++) {
        path->scope = *p == '\\' ? 0 : aml_node[path->scope].parent;
        path->fixed = true;
    }
    if (p < end && *p == 0x2e) { /* DualNamePrefix */
        path->segments = 2;
        p++;
    } else if (end - p > 1 && *p == 0x2f) { /* MultiNamePrefix */
        path->segments = p[1];
        p += 2;
    } else if (p < end && *p == 0) { /* NullName */
        path->segments = 0;
        p++;
    }
    path->names = p;
    *at = p + path->segments * 4;
    return end - p >= (ptrdiff_t)path->segments * 4 || aml_fail("a name ends behind its package");
}

uint32_t aml_resolve(const struct aml_path *path)
{
    uint32_t scope = path->scope;

    for (;;) {
        uint32_t node = scope;

        for (uint32_t i = 0; i < path->segments; i++) {
            node = aml_child(node, (const char *)path->names + i * 4);
            if (node == AML_NONE)
                break;
        }
        /* Only a single name is looked for in the scopes around (5.3). */
        if (node != AML_NONE || path->fixed || path->segments != 1 || scope == 0)
            return node;
        scope = aml_node[scope].parent;
    }
}

bool aml_constant(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    static const uint8_t sizes[] = {
        [AML_OP_BYTE] = 1, [AML_OP_WORD] = 2, [AML_OP_DWORD] = 4, [AML_OP_QWORD] = 8};
    const uint8_t *p = *at;
    uint32_t size;

    if (p >= end)
        return false;
    *value = 0;
    if (*p == AML_OP_ZERO || *p == AML_OP_ONE || *p == AML_OP_ONES) {
        *value = *p == AML_OP_ONES ? ~UINT64_C(0) : *p;
        *at = p + 1;
        return true;
    }
    size = *p < sizeof(sizes) ? sizes[*p] : 0;
    if (!size || end - p <= (ptrdiff_t)size)
        return false;
    for (uint32_t i = 0; i < size; i++)
        *value |= (uint64_t)p[1 + i] << (8 * i);
    *at = p + 1 + size;
    return true;
}

void aml_clear(void)
{
    error[0] = '\0';
    nodes = 1;
    memcpy(aml_node[0].name, "\\   ", 4);
}
