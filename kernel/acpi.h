/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ACPI tables that the firmware left in memory.
 *
 * Source: ACPI specification 6.3, sections 5.2.5 (RSDP) to 5.2.12 (MADT).  A table is only handed
 * out when its checksum is right.  Tables above 4 GiB are not mapped and count as absent.
 */
#ifndef KERNEL_ACPI_H
#define KERNEL_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 5.2.5.3 Root System Description Pointer */
struct acpi_rsdp {
    char signature[8]; /* "RSD PTR " */
    uint8_t checksum;  /* of the first 20 bytes */
    char oem_id[6];
    uint8_t revision; /* 0: ACPI 1.0, ends behind rsdt */
    uint32_t rsdt;    /* physical address */
    uint32_t length;  /* bytes */
    uint64_t xsdt;    /* physical address */
    uint8_t extended_checksum;
    uint8_t reserved[3];
} __attribute__((packed));

_Static_assert(offsetof(struct acpi_rsdp, xsdt) == 24, "ACPI 6.3, table 5-27");
_Static_assert(sizeof(struct acpi_rsdp) == 36, "ACPI 6.3, table 5-27");

/* 5.2.6 System Description Table Header */
struct acpi_header {
    char signature[4];
    uint32_t length; /* of the whole table, in bytes */
    uint8_t revision;
    uint8_t checksum; /* makes the sum of all bytes 0 */
    char oem_id[6];
    char oem_table_id[8];
    uint32_t oem_revision;
    char creator_id[4];
    uint32_t creator_revision;
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_header) == 36, "ACPI 6.3, table 5-28");

/* 5.2.9 Fixed ACPI Description Table, the part that ACPI 1.0 has */
struct acpi_fadt {
    struct acpi_header header; /* "FACP" */
    uint32_t facs;             /* physical address */
    uint32_t dsdt;             /* physical address */
    uint8_t reserved1;
    uint8_t preferred_pm_profile;
    uint16_t sci_int;
    uint32_t smi_cmd; /* port; 0: no SMM, ACPI mode is always on */
    uint8_t acpi_enable;
    uint8_t acpi_disable;
    uint8_t s4bios_req;
    uint8_t pstate_cnt;
    uint32_t pm1a_evt_blk; /* ports, as all of these */
    uint32_t pm1b_evt_blk;
    uint32_t pm1a_cnt_blk;
    uint32_t pm1b_cnt_blk;
    uint32_t pm2_cnt_blk;
    uint32_t pm_tmr_blk;
    uint32_t gpe0_blk;
    uint32_t gpe1_blk;
    uint8_t pm1_evt_len; /* bytes, as all of these */
    uint8_t pm1_cnt_len;
    uint8_t pm2_cnt_len;
    uint8_t pm_tmr_len;
    uint8_t gpe0_blk_len;
    uint8_t gpe1_blk_len;
    uint8_t gpe1_base;
    uint8_t cst_cnt;
    uint16_t p_lvl2_lat;
    uint16_t p_lvl3_lat;
    uint16_t flush_size;
    uint16_t flush_stride;
    uint8_t duty_offset;
    uint8_t duty_width;
    uint8_t day_alrm;
    uint8_t mon_alrm;
    uint8_t century;
    uint16_t iapc_boot_arch;
    uint8_t reserved2;
    uint32_t flags; /* ACPI_FADT_* */
} __attribute__((packed));

_Static_assert(offsetof(struct acpi_fadt, smi_cmd) == 48, "ACPI 6.3, table 5-33");
_Static_assert(sizeof(struct acpi_fadt) == 116, "ACPI 6.3, table 5-33");

/* 5.2.12 Multiple APIC Description Table; entries follow */
struct acpi_madt {
    struct acpi_header header; /* "APIC" */
    uint32_t local_apic;       /* physical address */
    uint32_t flags;
} __attribute__((packed));

struct acpi_madt_entry {
    uint8_t type; /* ACPI_MADT_* */
    uint8_t length;
} __attribute__((packed));

#define ACPI_MADT_LOCAL_APIC   0
#define ACPI_MADT_IO_APIC      1
#define ACPI_MADT_NMI          4
#define ACPI_MADT_LOCAL_X2APIC 9
#define ACPI_MADT_X2APIC_NMI   10

#define ACPI_MADT_ENABLED 1U /* flags: the CPU is ready for use */

struct acpi_madt_local_apic {
    struct acpi_madt_entry entry; /* type 0 */
    uint8_t uid;
    uint8_t apic_id;
    uint32_t flags;
} __attribute__((packed));

struct acpi_madt_io_apic {
    struct acpi_madt_entry entry; /* type 1 */
    uint8_t id;
    uint8_t reserved;
    uint32_t address;
    uint32_t gsi_base;
} __attribute__((packed));

struct acpi_madt_local_x2apic {
    struct acpi_madt_entry entry; /* type 9 */
    uint16_t reserved;
    uint32_t apic_id;
    uint32_t flags;
    uint32_t uid;
} __attribute__((packed));

struct acpi_madt_nmi {
    struct acpi_madt_entry entry; /* type 4 */
    uint8_t uid;                  /* FFh: all CPUs */
    uint16_t flags;
    uint8_t lint; /* input: 0 or 1 */
} __attribute__((packed));

struct acpi_madt_x2apic_nmi {
    struct acpi_madt_entry entry; /* type 10 */
    uint16_t flags;
    uint32_t uid; /* FFFFFFFFh: all CPUs */
    uint8_t lint; /* input: 0 or 1 */
    uint8_t reserved[3];
} __attribute__((packed));

/* VT-d 8.1 DMA Remapping Reporting Structure; structures follow, of a 16-bit type and length */
struct acpi_dmar {
    struct acpi_header header;  /* "DMAR" */
    uint8_t host_address_width; /* bits, less one */
    uint8_t flags;              /* ACPI_DMAR_* */
    uint8_t reserved[10];
} __attribute__((packed));

#define ACPI_DMAR_INTR_REMAP     1U
#define ACPI_DMAR_X2APIC_OPT_OUT 2U /* the firmware asks for xAPIC mode */

#define ACPI_DMAR_DRHD 0

/* VT-d 8.3 DMA Remapping Hardware Unit Definition; device scopes follow */
struct acpi_dmar_drhd {
    uint16_t type;   /* 0 */
    uint16_t length; /* bytes, with the device scopes */
    uint8_t flags;   /* bit 0: all PCI devices of the segment that no other unit names */
    uint8_t size;
    uint16_t segment;
    uint64_t base; /* of the unit's registers */
} __attribute__((packed));

#define ACPI_DMAR_SCOPE_IO_APIC 3

/* VT-d 8.3.1 Device Scope; the path follows, two bytes a step: device, function */
struct acpi_dmar_scope {
    uint8_t type;   /* ACPI_DMAR_SCOPE_* */
    uint8_t length; /* bytes, with the path */
    uint16_t flags;
    uint8_t id; /* I/O APIC: as in its MADT entry */
    uint8_t bus;
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_dmar) == 48, "VT-d 8.1");
_Static_assert(sizeof(struct acpi_dmar_drhd) == 16, "VT-d 8.3");
_Static_assert(sizeof(struct acpi_dmar_scope) == 6, "VT-d 8.3.1");
_Static_assert(sizeof(struct acpi_madt_nmi) == 6, "ACPI 6.3, table 5-50");
_Static_assert(sizeof(struct acpi_madt_x2apic_nmi) == 12, "ACPI 6.3, table 5-59");
_Static_assert(sizeof(struct acpi_madt_local_apic) == 8, "ACPI 6.3, table 5-46");
_Static_assert(sizeof(struct acpi_madt_io_apic) == 12, "ACPI 6.3, table 5-48");
_Static_assert(sizeof(struct acpi_madt_local_x2apic) == 16, "ACPI 6.3, table 5-58");

/* The RSDP, from the first KiB of the EBDA or E0000-FFFFF; NULL if there is none. */
const struct acpi_rsdp *acpi_rsdp(void);

/* The first table with this 4-character signature that the XSDT (or, without one, the RSDT) lists;
 * NULL if there is none or its checksum is wrong. */
const struct acpi_header *acpi_table(const char *signature);

/* Does the sum of len bytes come to 0? */
bool acpi_checksum_ok(const void *table, uint32_t len);

const struct acpi_fadt *acpi_fadt(void);
const struct acpi_madt *acpi_madt(void);
const struct acpi_dmar *acpi_dmar(void);

/* The first remapping unit in the DMAR table; NULL if there is none, or the table is too short. */
const struct acpi_dmar_drhd *acpi_drhd(const struct acpi_dmar *dmar);

/* The DSDT that the FADT points to, NULL if there is none. */
const struct acpi_header *acpi_dsdt(void);

/* Walks over the MADT: previous NULL gives the first entry, NULL comes behind the last one.  An
 * entry that does not fit the table ends the walk as well. */
const struct acpi_madt_entry *acpi_madt_next(const struct acpi_madt *madt,
                                             const struct acpi_madt_entry *previous);

/* Is the entry a CPU (local APIC or x2APIC)?  Then also its id and flags. */
bool acpi_madt_cpu(const struct acpi_madt_entry *entry, uint32_t *apic_id, uint32_t *flags);

#endif
