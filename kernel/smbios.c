/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/smbios.h"

#include <stddef.h>

#include "hw/fw_cfg.h"
#include "lib/string.h"

#define TABLES_FILE "etc/smbios/smbios-tables"

/* System Information is the first structure, or the second behind BIOS Information. */
#define TABLES_READ 1024

#define TYPE_SYSTEM 1
#define TYPE_END    127

/* SMBIOS 2.8, 6.1.2: what every structure begins with. */
struct structure {
    uint8_t type;
    uint8_t length; /* bytes of the formatted area; strings follow */
    uint16_t handle;
};

#define SYSTEM_VERSION_OFFSET 6 /* number of the string, from 1; 0: none */

/* String number n of the area at s, NULL if there is none before end. */
static const char *string_number(const char *s, const char *end, uint8_t n)
{
    if (n == 0)
        return NULL;
    while (s < end && *s) {
        size_t len = 0;

        while (s + len < end && s[len])
            len++;
        if (s + len == end)
            return NULL; /* not terminated */
        if (--n == 0)
            return s;
        s += len + 1;
    }
    return NULL;
}

/* The structure behind the strings that start at s, end if that is not complete. */
static const char *behind_strings(const char *s, const char *end)
{
    for (; s + 1 < end; s++) {
        if (s[0] == '\0' && s[1] == '\0')
            return s + 2;
    }
    return end;
}

bool smbios_system_version(char *out, uint32_t size)
{
    static char tables[TABLES_READ];
    const char *at = tables;
    const char *end;
    struct fw_cfg_file file;

    out[0] = '\0';
    if (!fw_cfg_find(TABLES_FILE, &file))
        return false;
    end = tables + (file.size < sizeof(tables) ? file.size : sizeof(tables));
    fw_cfg_select(file.key);
    fw_cfg_read(tables, (size_t)(end - tables));
    while (end - at >= (ptrdiff_t)sizeof(struct structure)) {
        struct structure header;
        const char *strings;

        memcpy(&header, at, sizeof(header));
        if (header.type == TYPE_END || header.length < sizeof(header) || header.length > end - at)
            return false;
        strings = at + header.length;
        if (header.type == TYPE_SYSTEM && header.length > SYSTEM_VERSION_OFFSET) {
            const char *version = string_number(strings, end, (uint8_t)at[SYSTEM_VERSION_OFFSET]);

            if (version)
                strlcpy(out, version, size);
            return version != NULL;
        }
        at = behind_strings(strings, end);
    }
    return false;
}
