/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/record.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The records as they lie in the file; NULL if there is no such section. */
static Elf_Data *find_section(Elf *elf)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    size_t names;

    if (elf_getshdrstrndx(elf, &names) != 0)
        return NULL;
    while ((section = elf_nextscn(elf, section))) {
        const char *name;

        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_PROGBITS)
            continue;
        name = elf_strptr(elf, names, header.sh_name);
        if (name && strcmp(name, TESTINFO_SECTION) == 0)
            return elf_rawdata(section, NULL);
    }
    return NULL;
}

static bool terminated(const char *field, size_t size)
{
    return memchr(field, '\0', size) != NULL;
}

static bool is_id(const char *id)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789._-";

    return *id && *id != '.' && *id != '-' && strspn(id, allowed) == strlen(id);
}

static char *check_record(const struct records *records, size_t i)
{
    const struct testinfo *t = &records->test[i];

    if (t->magic != TESTINFO_MAGIC)
        return xasprintf("record %zu has no magic number", i);
    if (t->version != TESTINFO_VERSION)
        return xasprintf("record %zu has version %u, this runner knows %u: build both anew", i,
                         t->version, TESTINFO_VERSION);
    if (!terminated(t->id, sizeof(t->id)) || !terminated(t->sentence, sizeof(t->sentence)) ||
        !terminated(t->spec, sizeof(t->spec)) || !terminated(t->needs, sizeof(t->needs)) ||
        !terminated(t->file, sizeof(t->file)))
        return xasprintf("record %zu holds a text without an end", i);
    if (!is_id(t->id))
        return xasprintf("record %zu has no usable id", i);
    for (size_t k = 0; k < i; k++) {
        if (strcmp(records->test[k].id, t->id) == 0)
            return xasprintf("two records have the id %s", t->id);
    }
    return NULL;
}

static char *copy_records(struct records *records, const Elf_Data *data)
{
    char *error = NULL;

    if (data->d_size == 0 || data->d_size % TESTINFO_SIZE != 0)
        return xasprintf("section " TESTINFO_SECTION " has %zu bytes, not a multiple of %u",
                         data->d_size, TESTINFO_SIZE);
    records->n = data->d_size / TESTINFO_SIZE;
    records->test = xcalloc(records->n, TESTINFO_SIZE);
    memcpy(records->test, data->d_buf, data->d_size);
    for (size_t i = 0; i < records->n && !error; i++)
        error = check_record(records, i);
    return error;
}

char *records_read(struct records *records, const char *path)
{
    char *problem, *error = NULL;
    Elf_Data *data;
    Elf *elf;
    int fd;

    *records = (struct records){0};
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return xasprintf("cannot read the kernel %s: %s", path, strerror(errno));
    elf_version(EV_CURRENT);
    elf = elf_begin(fd, ELF_C_READ, NULL);
    data = elf && elf_kind(elf) == ELF_K_ELF ? find_section(elf) : NULL;
    if (!elf || elf_kind(elf) != ELF_K_ELF)
        problem = xstrdup("not an ELF file");
    else if (!data || !data->d_buf)
        problem = xstrdup("no readable section " TESTINFO_SECTION);
    else
        problem = copy_records(records, data);
    if (problem)
        error = xasprintf("%s is not a kernel with test records: %s", path, problem);
    if (problem)
        records_free(records);
    free(problem);
    elf_end(elf);
    close(fd);
    return error;
}

void records_free(struct records *records)
{
    free(records->test);
    *records = (struct records){0};
}

const struct testinfo *records_find(const struct records *records, const char *id)
{
    for (size_t i = 0; i < records->n; i++) {
        if (strcmp(records->test[i].id, id) == 0)
            return &records->test[i];
    }
    return NULL;
}
