/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much of an AML interpreter as it takes to carry out the CPU hotplug methods of
 * QEMU's DSDT: the operating system's part, in the machine's own words.
 * Source: ACPI specification 6.3, chapter 20 (AML) and 5.3 (namespace).
 */
#ifndef TESTS_ACPI_AML_H
#define TESTS_ACPI_AML_H

#include <stdbool.h>
#include <stdint.h>

#define AML_NONE 0U /* no node; the root is one as well, but nobody asks for it */

enum aml_type { AML_NOTHING, AML_INTEGER, AML_STRING, AML_BUFFER, AML_PACKAGE, AML_ELEMENT };

struct aml_value {
    uint32_t type;    /* enum aml_type */
    uint32_t length;  /* of a buffer: bytes; of a package: elements */
    uint64_t integer; /* AML_ELEMENT: index */
    union {
        const uint8_t *bytes; /* string or buffer */
        struct aml_value *elements;
    };
};

enum aml_kind {
    AML_SCOPE, /* whatever only holds other objects */
    AML_DEVICE,
    AML_PROCESSOR,
    AML_METHOD,
    AML_NAME,
    AML_REGION,
    AML_FIELD,
    AML_MUTEX,
};

/* One Notify that a method has made. */
struct aml_notify {
    uint32_t node;
    uint32_t value;
};

/* Builds the namespace of the DSDT; false, with aml_error(), if it holds something unknown. */
bool aml_load(void);
/* What went wrong, a sentence. */
const char *aml_error(void);

/* Number of nodes; they are 1 to aml_nodes() - 1. */
uint32_t aml_nodes(void);
enum aml_kind aml_kind(uint32_t node);
/* The node of an absolute path such as "_SB.PCI0"; AML_NONE if there is none. */
uint32_t aml_find(const char *path);
/* The object of that name directly below parent; AML_NONE if there is none. */
uint32_t aml_child(uint32_t parent, const char *name);
uint32_t aml_parent(uint32_t node);
/* Four letters. */
const char *aml_name(uint32_t node);
/* Processor's id (ProcessorOp); base address of an operation region. */
uint64_t aml_number(uint32_t node);

/*
 * Evaluates a method with these integers as arguments, or a name. False, with
 * aml_error(), if it does something that this interpreter does not know.
 */
bool aml_evaluate(uint32_t node, const uint64_t *args, uint32_t count, struct aml_value *result);

/* One write to a system I/O region, and how many notifications a method had made before. */
struct aml_write {
    uint16_t port;
    uint16_t bytes;
    uint32_t value;
    uint32_t notifies; /* since aml_take_notifies() */
};

#define AML_WRITES_MAX 128U

/* Writes since the last call, oldest first; returns their number. The first AML_WRITES_MAX are
 * kept. */
uint32_t aml_take_writes(struct aml_write *list, uint32_t max);

/* Notifies since the last call, oldest first; returns their number. */
uint32_t aml_take_notifies(struct aml_notify *list, uint32_t max);

#endif
