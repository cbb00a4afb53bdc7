/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needs against a configuration: the reasons to skip. */
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/needs.h"

static char *join(const struct strings *list, const char *separator)
{
    struct text t = {0};

    text_puts(&t, "");
    for (size_t i = 0; i < list->n; i++)
        text_printf(&t, "%s%s", i ? separator : "", list->item[i]);
    return t.data;
}

static char *not_listed(const char *name, const struct strings *list, const char *have)
{
    char *all = join(list, ",");
    char *reason = xasprintf("needs %s=%s, this is %s", name, all, have);

    free(all);
    return reason;
}

/* "machine>=pc-q35-5.2": prefix is "machine" and "pc-q35-". */
static char *out_of_range(const struct need_range *range, const struct version *v, const char *name,
                          const char *prefix, const char *have)
{
    const struct version *limit;
    const char *sign;

    if (range->has_min && version_compare(v, &range->min) < 0) {
        limit = &range->min;
        sign = ">=";
    } else if (range->has_max && version_compare(v, &range->max) >= 0) {
        limit = &range->max;
        sign = "<";
    } else
        return NULL;
    if (limit->part[2])
        return xasprintf("needs %s%s%s%d.%d.%d, this is %s", name, sign, prefix, limit->part[0],
                         limit->part[1], limit->part[2], have);
    return xasprintf("needs %s%s%s%d.%d, this is %s", name, sign, prefix, limit->part[0],
                     limit->part[1], have);
}

/* A test of one machine type runs on it, unless the user wants another one, or QEMU has none. */
static char *other_type(const struct needs *needs, const struct offer *offer)
{
    if (offer->chosen && strcmp(offer->machine, needs->type) != 0)
        return xasprintf("needs machine=%s, this is %s", needs->type, offer->machine);
    if (!strings_have(offer->types, needs->type))
        return xasprintf("needs machine=%s, which this QEMU does not have", needs->type);
    return NULL;
}

char *needs_unmet(const struct needs *needs, const struct offer *offer)
{
    /* A type that is not QEMU's own is a distribution's, and made from a recent one. */
    static const struct version newest = {{9999, 0, 0}};
    struct version machine;
    const char *type = needs->type ? needs->type : offer->machine;
    char *version, *reason;

    if (!version_of_machine(type, &machine))
        machine = newest;
    if (needs->arches.n && !strings_have(&needs->arches, offer->arch))
        return not_listed("arch", &needs->arches, offer->arch);
    if (needs->accels.n && !strings_have(&needs->accels, offer->accel))
        return not_listed("accel", &needs->accels, offer->accel);
    if (needs->icount && strcmp(offer->accel, "tcg") != 0)
        return xasprintf("needs icount=%u, which accelerator %s does not have", needs->icount,
                         offer->accel);
    reason = needs->type ? other_type(needs, offer) : NULL;
    if (!reason)
        reason = out_of_range(&needs->machine, &machine, "machine", "pc-q35-", type);
    if (reason)
        return reason;
    version = xasprintf("%d.%d.%d", offer->qemu.part[0], offer->qemu.part[1], offer->qemu.part[2]);
    reason = out_of_range(&needs->qemu, &offer->qemu, "qemu", "", version);
    free(version);
    if (reason)
        return reason;
    if (needs->smm == NEED_SMM_ON && !offer->smm)
        return xasprintf("needs SMM, and %s has none (%s); use ACCEL=tcg", offer->accel,
                         offer->smm_reason);
    if (needs->firmware == NEED_FIRMWARE_VIRGIN && !offer->qboot)
        return xstrdup("needs firmware=virgin, and qboot.rom is not in QEMU's search path");
    if (needs->flash && !offer->qboot)
        return xasprintf("needs flash=%u, and qboot.rom is not in QEMU's search path",
                         needs->flash);
    return NULL;
}
