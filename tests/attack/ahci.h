/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The AHCI controller of ICH9 as a bus master: it reads a command list and a command table, and
 * writes data, received FISes and its interrupt message, all where it is told.
 *
 * Serial ATA AHCI 1.3.1, chapters 3 (registers) and 4 (memory structures).  ahci_issue()
 * needs a drive at port 0 that knows IDENTIFY PACKET DEVICE: AHCI_NEEDS.
 */
#ifndef TESTS_ATTACK_AHCI_H
#define TESTS_ATTACK_AHCI_H

#include <stdbool.h>
#include <stdint.h>

#define AHCI_NEEDS "device=ide-cd,bus=ide.0 "

/* Physical addresses of what the controller uses. */
struct ahci_memory {
    uint32_t list;     /* command list, 1 KiB aligned */
    uint32_t received; /* received FISes: 256 bytes, so aligned */
    uint32_t table;    /* command table, 128-byte aligned */
    uint32_t data;     /* where the drive's answer goes: AHCI_DATA_BYTES, even */
    uint32_t message;  /* where the interrupt message goes, 4-byte aligned; 0: no interrupt */
};

#define AHCI_HEADER_BYTES 0x20U
#define AHCI_TABLE_BYTES  0x90U
#define AHCI_DATA_BYTES   512U

/* What the controller writes to .message. */
#define AHCI_MESSAGE 0x5ad5U

/* What must lie at .list and .table for the drive to be identified. */
void ahci_make_header(uint8_t bytes[AHCI_HEADER_BYTES], const struct ahci_memory *m);
void ahci_make_table(uint8_t bytes[AHCI_TABLE_BYTES], const struct ahci_memory *m);

/* Makes the controller a bus master; ends the test (ERROR) where there is none. */
void ahci_init(void);

/* May the controller be a bus master? */
void ahci_allow_dma(bool allow);

/* Lays the controller's 4 KiB of registers over this address; 0: back to where they were. */
void ahci_move(uint32_t address);

/* Do they answer there? */
bool ahci_is_at(uint32_t address);

/* Resets the controller and issues the command at m->list; true if it ended without an error. */
bool ahci_issue(const struct ahci_memory *m);

#endif
