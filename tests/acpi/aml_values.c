/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values and the places for them: ACPI 6.3, 20.2.5, 19.6 (what the operators do). */
#include "lib/string.h"
#include "tests/acpi/aml_frame.h"

#define MAX_ELEMENTS 1024U

static struct aml_value element[MAX_ELEMENTS];
static uint32_t elements;

struct aml_value aml_integer(uint64_t value)
{
    return (struct aml_value){.type = AML_INTEGER, .integer = value};
}

bool aml_operand(struct aml_frame *f, const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    struct aml_value v;

    if (!aml_term(f, at, end, &v))
        return false;
    *value = v.integer;
    return v.type == AML_INTEGER || aml_fail("an integer is wanted, but there is none");
}

/* Buffer and string point into the DSDT; the elements of a package start as nothing. */
bool aml_object(struct aml_frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v)
{
    uint8_t op = *(*at)++;
    const uint8_t *behind;
    uint64_t length;

    memset(v, 0, sizeof(*v));
    if (op == AML_OP_STRING) {
        v->type = AML_STRING;
        v->bytes = *at;
        while (*at < end && *(*at)++)
            v->length++;
        return true;
    }
    behind = aml_package_end(at, end);
    if (!behind)
        return aml_fail("object %#x has a wrong length", op);
    if (op == AML_OP_BUFFER) {
        if (!aml_operand(f, at, behind, &length))
            return false;
        v->type = AML_BUFFER;
        v->length = (uint32_t)(behind - *at);
        v->bytes = *at;
    } else {
        v->type = AML_PACKAGE;
        v->length = *(*at)++;
        v->elements = &element[elements];
        elements += v->length;
        if (elements > MAX_ELEMENTS)
            return aml_fail("the packages of one evaluation are too large");
        memset(v->elements, 0, v->length * sizeof(*v));
        for (uint32_t i = 0; *at < behind; i++) {
            if (i >= v->length || !aml_term(f, at, behind, &v->elements[i]))
                return aml_fail("a package is damaged");
        }
    }
    *at = behind;
    return true;
}

/* What stands behind a name: a call, a field's or a name's value. */
bool aml_named(struct aml_frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v)
{
    struct aml_value args[7];
    struct aml_path path;
    struct aml_node *n;
    uint32_t node;

    if (!aml_path(at, end, f->scope, &path))
        return false;
    node = aml_resolve(&path);
    n = &aml_node[node];
    if (node == AML_NONE)
        return aml_fail("%.4s has no object %.4s", aml_node[f->scope].name, path.names);
    if (n->kind == AML_METHOD) {
        for (uint32_t i = 0; i < n->flags; i++) {
            if (!aml_term(f, at, end, &args[i]))
                return false;
        }
        return aml_call(node, args, v);
    }
    if (n->kind == AML_FIELD) {
        *v = aml_integer(0);
        return aml_field_read(n, &v->integer);
    }
    if (n->kind != AML_NAME)
        return aml_fail("%s has no value", n->name);
    if (n->value.type == AML_NOTHING) {
        const uint8_t *p = n->body;

        return aml_term(f, &p, n->end, v);
    }
    *v = n->value;
    return true;
}

/* Target or SuperName: a place for a value. */
bool aml_store(struct aml_frame *f, const uint8_t **at, const uint8_t *end, struct aml_value v)
{
    uint8_t op = *at < end ? **at : AML_OP_ONES;
    struct aml_path path;
    uint32_t node;

    if (op >= AML_OP_LOCAL0 && op < AML_OP_LOCAL0 + 8) {
        f->local[op - AML_OP_LOCAL0] = v;
        ++*at;
        return true;
    }
    if (op == AML_OP_EXT || op == AML_OP_ZERO) { /* Debug; no target */
        *at += op == AML_OP_EXT ? 2 : 1;
        return true;
    }
    if (op == AML_OP_INDEX) {
        struct aml_value place;

        if (!aml_term(f, at, end, &place))
            return false;
        place.elements[place.integer] = v;
        return true;
    }
    if (!aml_starts_name(op) || !aml_path(at, end, f->scope, &path))
        return aml_fail("a value is stored to a place of unknown kind %#x", op);
    node = aml_resolve(&path);
    if (node == AML_NONE)
        return aml_fail("there is no %.4s to store to", path.names);
    if (aml_node[node].kind == AML_FIELD)
        return aml_field_write(&aml_node[node], v.integer);
    aml_node[node].value = v;
    return true;
}

bool aml_step(struct aml_frame *f, const uint8_t **at, const uint8_t *end, int64_t by)
{
    const uint8_t *place = *at;
    uint64_t value;

    if (!aml_operand(f, at, end, &value))
        return false;
    *at = place;
    return aml_store(f, at, end, aml_integer(value + (uint64_t)by));
}

bool aml_calculate(struct aml_frame *f, uint8_t op, const uint8_t **at, const uint8_t *end,
                   struct aml_value *v)
{
    uint64_t a, b = 0, r;

    if (!aml_operand(f, at, end, &a) || (op != AML_OP_LNOT && !aml_operand(f, at, end, &b)))
        return false;
    switch (op) {
    case AML_OP_ADD:
        r = a + b;
        break;
    case AML_OP_SUBTRACT:
        r = a - b;
        break;
    case AML_OP_AND:
        r = a & b;
        break;
    case AML_OP_OR:
        r = a | b;
        break;
    case AML_OP_LAND:
        r = a && b ? ~UINT64_C(0) : 0;
        break;
    case AML_OP_LOR:
        r = a || b ? ~UINT64_C(0) : 0;
        break;
    case AML_OP_LNOT:
        r = a ? 0 : ~UINT64_C(0);
        break;
    case AML_OP_LEQUAL:
        r = a == b ? ~UINT64_C(0) : 0;
        break;
    case AML_OP_LGREATER:
        r = a > b ? ~UINT64_C(0) : 0;
        break;
    default: /* AML_OP_LLESS */
        r = a < b ? ~UINT64_C(0) : 0;
        break;
    }
    *v = aml_integer(r);
    return op >= AML_OP_LAND || aml_store(f, at, end, *v);
}

/* Index (19.6.61) of a package: the place, for DerefOf and Store. */
bool aml_index(struct aml_frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v)
{
    struct aml_value package;
    uint64_t i;

    if (!aml_term(f, at, end, &package) || !aml_operand(f, at, end, &i))
        return false;
    if (package.type != AML_PACKAGE || i >= package.length)
        return aml_fail("there is no element %u", (uint32_t)i);
    *v = package;
    v->type = AML_ELEMENT;
    v->integer = i;
    return aml_store(f, at, end, *v);
}

void aml_forget_packages(void)
{
    elements = 0;
}
