/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/machine.h"

#include <stddef.h>

#include "hw/cpu.h"
#include "hw/fw_cfg.h"
#include "hw/ich9.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/console.h"
#include "kernel/smbios.h"
#include "lib/parse.h"
#include "lib/string.h"

#define FW_CFG_KEY_NB_CPUS  0x0005 /* LE16: CPUs present (QEMU docs/specs/fw_cfg) */
#define FW_CFG_KEY_MAX_CPUS 0x000f /* LE16: limit of APIC ids (QEMU hw/i386/fw_cfg.c) */
#define PCI_CLASS_VGA       0x0300
#define ICH9_LPC_ID         0x29188086U

struct machine machine;

/*
 * Every boot looks through all of it: so by words, one of which lies inside the name
 * wherever that begins, and then is four letters: bit 6 set, bit 7 clear.
 */
static bool find_seabios(void)
{
    const char *start = (const char *)0xe0000;

    for (uint32_t i = 4; i < 0x20000 - 8; i += 4) {
        if ((*(const uint32_t *)(start + i) & 0xc0c0c0c0) != 0x40404040)
            continue;
        for (uint32_t k = 0; k < 4; k++) {
            if (memcmp(start + i - k, "SeaBIOS ", 8) == 0)
                return true;
        }
    }
    return false;
}

static bool find_vga(void)
{
    for (uint32_t device = 0; device < 32; device++) {
        if (pci_read16(PCI_BDF(0, device, 0), 0x0a) == PCI_CLASS_VGA)
            return true;
    }
    return false;
}

/* QEMU's hypervisor signature at CPUID 40000000h (target/i386/cpu.c). */
static void find_accel(void)
{
    struct cpuid_regs r;

    strlcpy(machine.accel, "?", sizeof(machine.accel));
    cpuid(0x40000000, 0, &r);
    if (memcmp(&r.ebx, "TCGT", 4) == 0)
        strlcpy(machine.accel, "tcg", sizeof(machine.accel));
    if (memcmp(&r.ebx, "KVMK", 4) == 0)
        strlcpy(machine.accel, "kvm", sizeof(machine.accel));
}

static bool has_long_mode(void)
{
    struct cpuid_regs r;

    cpuid(0x80000000, 0, &r);
    if (r.eax < 0x80000001)
        return false;
    cpuid(0x80000001, 0, &r);
    return r.edx & CPUID_80000001_EDX_LM;
}

uint32_t machine_version_of(const char *type)
{
    static const char prefix[] = "pc-q35-";
    uint32_t part[3] = {0};

    if (strncmp(type, prefix, sizeof(prefix) - 1) != 0)
        return 0;
    type += sizeof(prefix) - 1;
    for (unsigned int i = 0; i < 3; i++) {
        uint64_t n;

        if (!parse_u64(type, &type, &n) || n > 1023)
            return 0;
        part[i] = (uint32_t)n;
        if (*type == '\0')
            return i ? MACHINE_VERSION3(part[0], part[1], part[2]) : 0;
        if (*type++ != '.')
            return 0;
    }
    return 0;
}

static uint16_t fw_cfg_word(uint16_t key)
{
    uint16_t value = 0;

    if (fw_cfg_present()) {
        fw_cfg_select(key);
        fw_cfg_read(&value, sizeof(value));
    }
    return value;
}

void machine_init(void)
{
    uint32_t smi_en;

    machine.q35 = pci_read32(PCI_BDF(0, 0x1f, 0), 0) == ICH9_LPC_ID;
    if (!machine.q35)
        return;
    machine.seabios = find_seabios();
    machine.firmware_smm = ich9_read16(ICH9_GEN_PMCON_1) & GEN_PMCON_1_SMI_LOCK;
    ich9_pm_enable();
    /* QEMU presets APMC_EN when SMM is not there (be66680e83; edk2 SmmControl2Dxe). */
    smi_en = ich9_smi_en();
    machine.smm = (smi_en & (SMI_EN_APMC_EN | SMI_EN_GBL_SMI_EN)) != SMI_EN_APMC_EN;
    machine.vga = find_vga();
    find_accel();
    machine.qemu_x86_64 = has_long_mode();
    machine.boot_cpus = fw_cfg_word(FW_CFG_KEY_NB_CPUS);
    machine.apic_id_limit = fw_cfg_word(FW_CFG_KEY_MAX_CPUS);
    if (smbios_system_version(machine.type, sizeof(machine.type)))
        machine.type_version = machine_version_of(machine.type);
}

void machine_banner(void)
{
    print("# smm-unit-tests kernel %s, %s smm=%s, %s, %u CPUs, accel %s, TSEG top %#x\n",
#ifdef __x86_64__
          "x86_64",
#else
          "i386",
#endif
          machine.type_version ? machine.type : "q35", machine.smm ? "on" : "off",
          machine.seabios ? "SeaBIOS" : "no SeaBIOS (qboot?)", machine.boot_cpus, machine.accel,
          mch_low_ram_top());
}
