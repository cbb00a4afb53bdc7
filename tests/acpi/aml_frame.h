/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the interpreter's two halves have of each other: control flow (aml_run.c) and values
 * (aml_values.c). Each function reads one thing of ACPI 6.3, 20.2.5 at *at, not beyond end, and
 * leaves *at behind it; false, with the reason said by aml_fail(), where it cannot.
 */
#ifndef TESTS_ACPI_AML_FRAME_H
#define TESTS_ACPI_AML_FRAME_H

#include "tests/acpi/aml_internal.h"

/* A method under way. */
struct aml_frame {
    uint32_t scope;
    struct aml_value local[8], arg[7], result;
    enum { RUNNING, BROKEN, RETURNED } state;
};

/* A TermArg or a statement with its value. */
bool aml_term(struct aml_frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v);

/* Carries a method out; args has as many elements as the method has arguments, at most 7. */
bool aml_call(uint32_t node, const struct aml_value *args, struct aml_value *result);

struct aml_value aml_integer(uint64_t value);

/* A TermArg that must be an integer. */
bool aml_operand(struct aml_frame *f, const uint8_t **at, const uint8_t *end, uint64_t *value);

/* A string, a buffer or a package; its elements live until aml_forget_packages(). */
bool aml_object(struct aml_frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v);

/* A name: what the call, the field or the named object gives. */
bool aml_named(struct aml_frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v);

/* A Target or SuperName; v goes there. */
bool aml_store(struct aml_frame *f, const uint8_t **at, const uint8_t *end, struct aml_value v);

/* Increment and Decrement, without their opcode. */
bool aml_step(struct aml_frame *f, const uint8_t **at, const uint8_t *end, int64_t by);

/* The operators on two integers, and LNot, without their opcode op. */
bool aml_calculate(struct aml_frame *f, uint8_t op, const uint8_t **at, const uint8_t *end,
                   struct aml_value *v);

/* Index, without its opcode. */
bool aml_index(struct aml_frame *f, const uint8_t **at, const uint8_t *end, struct aml_value *v);

/* The next evaluation may have the packages' memory. */
void aml_forget_packages(void);

#endif
