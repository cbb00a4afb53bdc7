/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The namespace, between the loader (aml_load.c) and the evaluator (aml_run.c). */
#ifndef TESTS_ACPI_AML_INTERNAL_H
#define TESTS_ACPI_AML_INTERNAL_H

#include "tests/acpi/aml.h"

#define AML_MAX_NODES 4096U

enum {
    AML_OP_ZERO = 0x00,
    AML_OP_ONE = 0x01,
    AML_OP_NAME = 0x08,
    AML_OP_BYTE = 0x0a,
    AML_OP_WORD = 0x0b,
    AML_OP_DWORD = 0x0c,
    AML_OP_STRING = 0x0d,
    AML_OP_QWORD = 0x0e,
    AML_OP_SCOPE = 0x10,
    AML_OP_BUFFER = 0x11,
    AML_OP_PACKAGE = 0x12,
    AML_OP_METHOD = 0x14,
    AML_OP_EXTERNAL = 0x15,
    AML_OP_EXT = 0x5b,
    AML_OP_LOCAL0 = 0x60,
    AML_OP_ARG0 = 0x68,
    AML_OP_STORE = 0x70,
    AML_OP_ADD = 0x72,
    AML_OP_SUBTRACT = 0x74,
    AML_OP_INCREMENT = 0x75,
    AML_OP_DECREMENT = 0x76,
    AML_OP_AND = 0x7b,
    AML_OP_OR = 0x7d,
    AML_OP_DEREF = 0x83,
    AML_OP_NOTIFY = 0x86,
    AML_OP_INDEX = 0x88,
    AML_OP_LAND = 0x90,
    AML_OP_LOR = 0x91,
    AML_OP_LNOT = 0x92,
    AML_OP_LEQUAL = 0x93,
    AML_OP_LGREATER = 0x94,
    AML_OP_LLESS = 0x95,
    AML_OP_IF = 0xa0,
    AML_OP_ELSE = 0xa1,
    AML_OP_WHILE = 0xa2,
    AML_OP_NOOP = 0xa3,
    AML_OP_RETURN = 0xa4,
    AML_OP_BREAK = 0xa5,
    AML_OP_ONES = 0xff,
    /* behind AML_OP_EXT */
    AML_EXT_MUTEX = 0x01,
    AML_EXT_ACQUIRE = 0x23,
    AML_EXT_RELEASE = 0x27,
    AML_EXT_DEBUG = 0x31,
    AML_EXT_REGION = 0x80,
    AML_EXT_FIELD = 0x81,
    AML_EXT_DEVICE = 0x82,
    AML_EXT_PROCESSOR = 0x83,
};

struct aml_node {
    char name[5];
    uint8_t kind;  /* enum aml_kind */
    uint8_t flags; /* method: number of arguments; field: AccessType and UpdateRule */
    uint8_t space; /* region: address space, 1 is system I/O */
    uint32_t parent;
    uint32_t region;           /* field: its node */
    uint32_t bit, bits;        /* field */
    uint64_t number;           /* region: base; processor: id; mutex: how often it is held */
    uint64_t length;           /* region: bytes */
    const uint8_t *body, *end; /* method: code; name: its object */
    struct aml_value value;    /* name, once it was stored to or built by a method */
};

extern struct aml_node aml_node[AML_MAX_NODES];

/* Notes the first error; always false. */
bool aml_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Keeps a write to a port for aml_take_writes(). */
void aml_note_write(uint16_t port, uint32_t bytes, uint32_t value);

/* Nothing but the root, and no error. */
void aml_clear(void);

/* A new node, or the one of that name that is there; AML_NONE when there are too many. */
uint32_t aml_add(uint32_t parent, const char *name, enum aml_kind kind);

/* PkgLength at *at (20.2.4): moves *at behind it; returns the end of the package, NULL on error. */
const uint8_t *aml_package_end(const uint8_t **at, const uint8_t *end);

/*
 * NameString at *at (20.2.2), which is moved behind it. scope and segments tell
 * where it starts and what follows; absolute or with a prefix: no search upwards.
 */
struct aml_path {
    uint32_t scope;
    uint32_t segments;
    bool fixed;
    const uint8_t *names; /* segments * 4 letters */
};
bool aml_path(const uint8_t **at, const uint8_t *end, uint32_t scope, struct aml_path *path);
/* The node of a path as seen from scope (5.3); AML_NONE if there is none. */
uint32_t aml_resolve(const struct aml_path *path);
/* Is this byte the start of a NameString? */
bool aml_starts_name(uint8_t byte);

/* Constant integer at *at; false if something else is there. */
bool aml_constant(const uint8_t **at, const uint8_t *end, uint64_t *value);

/* Reads or writes a field of a system I/O region, with its access width and update rule. */
bool aml_field_read(const struct aml_node *field, uint64_t *value);
bool aml_field_write(const struct aml_node *field, uint64_t value);

#endif
