/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries methods out: ACPI 6.3, 20.2.5 (term objects), 19.6 (what the operators do). */
#include <stddef.h>

#include "lib/string.h"
#include "tests/acpi/aml_frame.h"

#define MAX_STEPS    200000U /* terms in one evaluation: a loop that does not end is an error */
#define MAX_DEPTH    24U
#define MAX_NOTIFIES 64U

static uint32_t steps, depth;
static struct aml_notify notify[MAX_NOTIFIES];
static uint32_t notifies;
static struct aml_write written[AML_WRITES_MAX];
static uint32_t writes;

static bool run_list(struct aml_frame *f, const uint8_t *p, const uint8_t *end);

bool aml_call(uint32_t node, const struct aml_value *args, struct aml_value *result)
{
    const struct aml_node *m = &aml_node[node];
    struct aml_frame f = {.scope = node, .state = RUNNING};
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

static bool do_notify(struct aml_frame *f, const uint8_t **at, const uint8_t *end)
{
    struct aml_path path;
    uint64_t value;
    uint32_t node;

    if (!aml_path(at, end, f->scope, &path) || !aml_operand(f, at, end, &value))
        return false;
    node = aml_resolve(&path);
    if (node == AML_NONE || notifies == MAX_NOTIFIES)
        return aml_fail("Notify of %.4s is not possible", path.names);
    notify[notifies++] = (struct aml_notify){.node = node, .value = (uint32_t)value};
    return true;
}

static bool branch(struct aml_frame *f, const uint8_t **at, const uint8_t *end)
{
    const uint8_t *behind = aml_package_end(at, end);
    const uint8_t *other = NULL;
    uint64_t value;

    if (!behind || !aml_operand(f, at, behind, &value))
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

static bool loop(struct aml_frame *f, const uint8_t **at, const uint8_t *end)
{
    const uint8_t *behind = aml_package_end(at, end);
    uint64_t value;

    for (;;) {
        const uint8_t *p = *at;

        if (!behind || !aml_operand(f, &p, behind, &value))
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

static bool declare_name(struct aml_frame *f, const uint8_t **at, const uint8_t *end)
{
    struct aml_path path;
    struct aml_value v;
    uint32_t node;

    if (!aml_path(at, end, f->scope, &path) || !aml_term(f, at, end, &v) || path.segments != 1)
        return aml_fail("a method's Name is damaged");
    node = aml_add(f->scope, (const char *)path.names, AML_NAME);
    aml_node[node].value = v;
    return node != AML_NONE;
}

/* One thread, so that nobody waits; ACPI 6.3, 19.6.2 (Acquire), 19.6.118 (Release). */
static bool take_or_give(uint8_t op, uint32_t mutex)
{
    struct aml_node *m = &aml_node[mutex];

    if (m->kind != AML_MUTEX)
        return aml_fail("%s is no mutex", m->name);
    if (op == AML_EXT_RELEASE && m->number == 0)
        return aml_fail("mutex %s is released, but not owned", m->name);
    m->number += op == AML_EXT_ACQUIRE ? 1 : UINT64_MAX;
    return true;
}

/* Behind a method no mutex may be held: the next thread that wants it would wait for ever. */
static bool none_held(void)
{
    for (uint32_t node = 1; node < aml_nodes(); node++) {
        if (aml_node[node].kind == AML_MUTEX && aml_node[node].number)
            return aml_fail("mutex %s is not released", aml_node[node].name);
    }
    return true;
}

static bool extended(struct aml_frame *f, const uint8_t **at, const uint8_t *end,
                     struct aml_value *v)
{
    uint8_t op = *(*at)++;
    struct aml_path path;
    uint32_t node;

    if (op != AML_EXT_ACQUIRE && op != AML_EXT_RELEASE)
        return aml_fail("a method has an operator of unknown kind 5Bh %#x", op);
    if (!aml_path(at, end, f->scope, &path))
        return false;
    *at += op == AML_EXT_ACQUIRE ? 2 : 0; /* Timeout */
    *v = aml_integer(0);
    node = aml_resolve(&path);
    if (node == AML_NONE)
        return aml_fail("there is no mutex %.4s", path.names);
    return take_or_give(op, node);
}

bool aml_term(struct aml_frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v)
{
    uint8_t op = *at < end ? **at : AML_OP_NOOP;
    uint64_t constant;

    *v = aml_integer(0);
    if (++steps > MAX_STEPS)
        return aml_fail("a method does not come to an end");
    if (aml_constant(at, end, &constant)) {
        v->integer = constant;
        return true;
    }
    if (aml_starts_name(op))
        return aml_named(f, at, end, v);
    if (op == AML_OP_STRING || op == AML_OP_BUFFER || op == AML_OP_PACKAGE)
        return aml_object(f, at, end, v);
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
        return aml_term(f, at, end, v) && aml_store(f, at, end, *v);
    case AML_OP_INCREMENT:
    case AML_OP_DECREMENT:
        return aml_step(f, at, end, op == AML_OP_INCREMENT ? 1 : -1);
    case AML_OP_DEREF:
        if (!aml_term(f, at, end, v) || v->type != AML_ELEMENT)
            return aml_fail("DerefOf of something else than an element");
        *v = v->elements[v->integer];
        return true;
    case AML_OP_INDEX:
        return aml_index(f, at, end, v);
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
        return aml_calculate(f, op, at, end, v);
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
        return aml_term(f, at, end, &f->result);
    default:
        return aml_fail("a method has an operator of unknown kind %#x", op);
    }
}

static bool run_list(struct aml_frame *f, const uint8_t *p, const uint8_t *end)
{
    struct aml_value v;

    while (p < end && f->state == RUNNING) {
        if (!aml_term(f, &p, end, &v))
            return false;
    }
    return true;
}

bool aml_evaluate(uint32_t node, const uint64_t *args, uint32_t count, struct aml_value *result)
{
    struct aml_value values[7] = {0};
    struct aml_frame f = {.scope = aml_node[node].parent};
    const uint8_t *p = aml_node[node].body;

    aml_forget_packages();
    steps = depth = 0;
    for (uint32_t i = 0; i < count && i < 7; i++)
        values[i] = aml_integer(args[i]);
    if (aml_node[node].kind == AML_METHOD)
        return aml_call(node, values, result) && none_held();
    if (aml_node[node].kind == AML_NAME)
        return aml_term(&f, &p, aml_node[node].end, result);
    return aml_fail("%s is neither a method nor a name", aml_node[node].name);
}

void aml_note_write(uint16_t port, uint32_t bytes, uint32_t value)
{
    if (writes < AML_WRITES_MAX)
        written[writes++] = (struct aml_write){
            .port = port, .bytes = (uint16_t)bytes, .value = value, .notifies = notifies};
}

uint32_t aml_take_writes(struct aml_write *list, uint32_t max)
{
    uint32_t n = writes < max ? writes : max;

    memcpy(list, written, n * sizeof(*list));
    writes = 0;
    return n;
}

uint32_t aml_take_notifies(struct aml_notify *list, uint32_t max)
{
    uint32_t n = notifies < max ? notifies : max;

    memcpy(list, notify, n * sizeof(*list));
    notifies = 0;
    return n;
}
