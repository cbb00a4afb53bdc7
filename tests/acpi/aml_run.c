/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries methods out: ACPI 6.3, 20.2.5 (term objects), 19.6 (what the operators do). */
#include <stddef.h>

#include "lib/string.h"
#include "tests/acpi/aml_internal.h"

#define MAX_STEPS    200000U /* terms in one evaluation: a loop that does not end is an error */
#define MAX_DEPTH    24U
#define MAX_ELEMENTS 1024U
#define MAX_NOTIFIES 64U

struct frame {
    uint32_t scope;
    struct aml_value local[8], arg[7], result;
    enum { RUNNING, BROKEN, RETURNED } state;
};

static struct aml_value element[MAX_ELEMENTS];
static uint32_t elements, steps, depth;
static struct aml_notify notify[MAX_NOTIFIES];
static uint32_t notifies;

static bool term(struct frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v);
static bool run_list(struct frame *f, const uint8_t *p, const uint8_t *end);

static struct aml_value integer(uint64_t value)
{
    return (struct aml_value){.type = AML_INTEGER, .integer = value};
}

static bool number(struct frame *f, const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    struct aml_value v;

    if (!term(f, at, end, &v))
        return false;
    *value = v.integer;
    return v.type == AML_INTEGER || aml_fail("an integer is wanted, but there is none");
}

/* Buffer and string point into the DSDT; the elements of a package start as nothing. */
static bool object(struct frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v)
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
        if (!number(f, at, behind, &length))
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
            if (i >= v->length || !term(f, at, behind, &v->elements[i]))
                return aml_fail("a package is damaged");
        }
    }
    *at = behind;
    return true;
}

static bool call(uint32_t node, const struct aml_value *args, struct aml_value *result)
{
    const struct aml_node *m = &aml_node[node];
    struct frame f = {.scope = node, .state = RUNNING};
    bool ok;

    for (uint32_t i = 0; i < m->flags; i++)
        f.arg[i] = args[i];
    if (++depth > MAX_DEPTH)
        return aml_fail("methods call each other too deeply");
    ok = run_list(&f, m->body, m->end);
    depth--;
    *result = f.result;
    return ok;
}

/* What stands behind a name: a call, a field's or a name's value. */
static bool named(struct frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v)
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
            if (!term(f, at, end, &args[i]))
                return false;
        }
        return call(node, args, v);
    }
    if (n->kind == AML_FIELD) {
        *v = integer(0);
        return aml_field_read(n, &v->integer);
    }
    if (n->kind != AML_NAME)
        return aml_fail("%s has no value", n->name);
    if (n->value.type == AML_NOTHING) {
        const uint8_t *p = n->body;

        return term(f, &p, n->end, v);
    }
    *v = n->value;
    return true;
}

/* Target or SuperName: a place for a value. */
static bool store(struct frame *f, const uint8_t **at, const uint8_t *end, struct aml_value v)
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

        if (!term(f, at, end, &place))
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

static bool step(struct frame *f, const uint8_t **at, const uint8_t *end, int64_t by)
{
    const uint8_t *place = *at;
    uint64_t value;

    if (!number(f, at, end, &value))
        return false;
    *at = place;
    return store(f, at, end, integer(value + (uint64_t)by));
}

static bool calculate(struct frame *f, uint8_t op, const uint8_t **at, const uint8_t *end,
                      struct aml_value *v)
{
    uint64_t a, b = 0, r;

    if (!number(f, at, end, &a) || (op != AML_OP_LNOT && !number(f, at, end, &b)))
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
    *v = integer(r);
    return op >= AML_OP_LAND || store(f, at, end, *v);
}

/* Index (19.6.61) of a package: the place, for DerefOf and Store. */
static bool index(struct frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v)
{
    struct aml_value package;
    uint64_t i;

    if (!term(f, at, end, &package) || !number(f, at, end, &i))
        return false;
    if (package.type != AML_PACKAGE || i >= package.length)
        return aml_fail("there is no element %u", (uint32_t)i);
    *v = package;
    v->type = AML_ELEMENT;
    v->integer = i;
    return store(f, at, end, *v);
}

static bool do_notify(struct frame *f, const uint8_t **at, const uint8_t *end)
{
    struct aml_path path;
    uint64_t value;
    uint32_t node;

    if (!aml_path(at, end, f->scope, &path) || !number(f, at, end, &value))
        return false;
    node = aml_resolve(&path);
    if (node == AML_NONE || notifies == MAX_NOTIFIES)
        return aml_fail("Notify of %.4s is not possible", path.names);
    notify[notifies++] = (struct aml_notify){.node = node, .value = (uint32_t)value};
    return true;
}

static bool branch(struct frame *f, const uint8_t **at, const uint8_t *end)
{
    const uint8_t *behind = aml_package_end(at, end);
    const uint8_t *other = NULL;
    uint64_t value;

    if (!behind || !number(f, at, behind, &value))
        return aml_fail("If is damaged");
    if (behind < end && *behind == AML_OP_ELSE) {
        const uint8_t *p = behind + 1;

        other = aml_package_end(&p, end);
        if (!other)
            return aml_fail("Else is damaged");
        if (!value && !run_list(f, p, other))
            return false;
    }
    if (value && !run_list(f, *at, behind))
        return false;
    *at = other ? other : behind;
    return true;
}

static bool loop(struct frame *f, const uint8_t **at, const uint8_t *end)
{
    const uint8_t *behind = aml_package_end(at, end);
    uint64_t value;

    for (;;) {
        const uint8_t *p = *at;

        if (!behind || !number(f, &p, behind, &value))
            return aml_fail("While is damaged");
        if (!value)
            break;
        if (!run_list(f, p, behind))
            return false;
        if (f->state == BROKEN)
            f->state = RUNNING;
        else if (f->state == RUNNING)
            continue;
        break;
    }
    *at = behind;
    return true;
}

static bool declare_name(struct frame *f, const uint8_t **at, const uint8_t *end)
{
    struct aml_path path;
    struct aml_value v;
    uint32_t node;

    if (!aml_path(at, end, f->scope, &path) || !term(f, at, end, &v) || path.segments != 1)
        return aml_fail("a method's Name is damaged");
    node = aml_add(f->scope, (const char *)path.names, AML_NAME);
    aml_node[node].value = v;
    return node != AML_NONE;
}

static bool extended(struct frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v)
{
    uint8_t op = *(*at)++;
    struct aml_path path;

    if (op != AML_EXT_ACQUIRE && op != AML_EXT_RELEASE)
        return aml_fail("a method has an operator of unknown kind 5Bh %#x", op);
    if (!aml_path(at, end, f->scope, &path))
        return false;
    *at += op == AML_EXT_ACQUIRE ? 2 : 0; /* Timeout */
    *v = integer(0);
    return aml_resolve(&path) != AML_NONE || aml_fail("there is no mutex %.4s", path.names);
}

static bool term(struct frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v)
{
    uint8_t op = *at < end ? **at : AML_OP_NOOP;
    uint64_t constant;

    *v = integer(0);
    if (++steps > MAX_STEPS)
        return aml_fail("a method does not come to an end");
    if (aml_constant(at, end, &constant)) {
        v->integer = constant;
        return true;
    }
    if (aml_starts_name(op))
        return named(f, at, end, v);
    if (op == AML_OP_STRING || op == AML_OP_BUFFER || op == AML_OP_PACKAGE)
        return object(f, at, end, v);
    ++*at;
    if (op >= AML_OP_LOCAL0 && op < AML_OP_LOCAL0 + 8) {
        *v = f->local[op - AML_OP_LOCAL0];
        return true;
    }
    if (op >= AML_OP_ARG0 && op < AML_OP_ARG0 + 7) {
        *v = f->arg[op - AML_OP_ARG0];
        return true;
    }
    switch (op) {
    case AML_OP_NAME:
        return declare_name(f, at, end);
    case AML_OP_EXT:
        return extended(f, at, end, v);
    case AML_OP_STORE:
        return term(f, at, end, v) && store(f, at, end, *v);
    case AML_OP_INCREMENT:
    case AML_OP_DECREMENT:
        return step(f, at, end, op == AML_OP_INCREMENT ? 1 : -1);
    case AML_OP_DEREF:
        if (!term(f, at, end, v) || v->type != AML_ELEMENT)
            return aml_fail("DerefOf of something else than an element");
        *v = v->elements[v->integer];
        return true;
    case AML_OP_INDEX:
        return index(f, at, end, v);
    case AML_OP_NOTIFY:
        return do_notify(f, at, end);
    case AML_OP_ADD:
    case AML_OP_SUBTRACT:
    case AML_OP_AND:
    case AML_OP_OR:
    case AML_OP_LAND:
    case AML_OP_LOR:
    case AML_OP_LNOT:
    case AML_OP_LEQUAL:
    case AML_OP_LGREATER:
    case AML_OP_LLESS:
        return calculate(f, op, at, end, v);
    case AML_OP_IF:
        return branch(f, at, end);
    case AML_OP_WHILE:
        return loop(f, at, end);
    case AML_OP_NOOP:
        return true;
    case AML_OP_BREAK:
        f->state = BROKEN;
        return true;
    case AML_OP_RETURN:
        f->state = RETURNED;
        return term(f, at, end, &f->result);
    default:
        return aml_fail("a method has an operator of unknown kind %#x", op);
    }
}

static bool run_list(struct frame *f, const uint8_t *p, const uint8_t *end)
{
    struct aml_value v;

    while (p < end && f->state == RUNNING) {
        if (!term(f, &p, end, &v))
            return false;
    }
    return true;
}

bool aml_evaluate(uint32_t node, const uint64_t *args, uint32_t count, struct aml_value *result)
{
    struct aml_value values[7] = {0};
    struct frame f = {.scope = aml_node[node].parent};
    const uint8_t *p = aml_node[node].body;

    elements = steps = depth = 0;
    for (uint32_t i = 0; i < count && i < 7; i++)
        values[i] = integer(args[i]);
    if (aml_node[node].kind == AML_METHOD)
        return call(node, values, result);
    if (aml_node[node].kind == AML_NAME)
        return term(&f, &p, aml_node[node].end, result);
    return aml_fail("%s is neither a method nor a name", aml_node[node].name);
}

uint32_t aml_take_notifies(struct aml_notify *list, uint32_t max)
{
    uint32_t n = notifies < max ? notifies : max;

    memcpy(list, notify, n * sizeof(*list));
    notifies = 0;
    return n;
}
