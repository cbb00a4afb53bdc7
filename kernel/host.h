/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host channel on COM2: one request a line, one answer a line
 * (docs/architecture.md). The runner plays the hypervisor administrator.
 */
#ifndef KERNEL_HOST_H
#define KERNEL_HOST_H

#include <stdbool.h>
#include <stdint.h>

#define HOST_ANSWER_MAX 9216 /* an answer to "peek ADDR 4096" fits */

/* Opens the channel and says hello, once; false when nobody listens. */
bool host_init(void);

/*
 * Sends one request and waits for its answer. True if it is "ok"; answer (may be
 * NULL) gets the text behind "ok " or, on false, the line "error CLASS TEXT",
 * cut to size. Ends the test as ERROR when the host does not answer at all.
 */
bool host_request(char *answer, uint32_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same where a refusal is an infrastructure error: ends the test as ERROR. */
void host_do(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Physical memory as the host sees it (QEMU's pmemsave), 4096 bytes at most. Ends the test as ERROR
 * when the host cannot look. Needs host=peek.
 */
void host_peek(uint64_t address, uint8_t *bytes, uint32_t length);

/*
 * Sends one request and does not wait: for several that the host shall carry out one after the
 * other while this machine is stopped, or reset. Nobody reads the answers: a reset must follow.
 */
void host_post(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
