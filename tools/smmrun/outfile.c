/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/smmrun/util.h"

static char *cannot(const char *path, int error)
{
    return xasprintf("cannot write %s: %s", path, strerror(error));
}

/* A device, a pipe, /dev/stdout: replacing these by a file would do harm. */
static bool is_special(const char *path)
{
    struct stat st;

    if (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0)
        return true;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* Makes an empty file beside path; its name, to be freed, or NULL with errno. */
static char *make_temporary(const char *path, int *fd)
{
    char *name = xasprintf("%s.XXXXXX", path);

    *fd = mkostemp(name, O_CLOEXEC);
    if (*fd >= 0)
        return name;
    free(name);
    return NULL;
}

char *outfile_check(const char *path)
{
    char *name;
    int fd;

    if (is_special(path)) {
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
        /* A pipe that nobody reads yet may get its reader later. */
        if (fd < 0 && errno != ENXIO)
            return cannot(path, errno);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    name = *path ? make_temporary(path, &fd) : NULL;
    if (!name)
        return cannot(path, *path ? errno : ENOENT);
    close(fd);
    unlink(name);
    free(name);
    return NULL;
}

static int write_all(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        text += n;
        len -= (size_t)n;
    }
    return 0;
}

static char *write_special(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_APPEND);
    int error = fd < 0 ? errno : write_all(fd, text);

    if (fd >= 0)
        close(fd);
    return error ? cannot(path, error) : NULL;
}

char *outfile_write(const char *path, const char *text)
{
    mode_t mask = umask(0);
    char *name, *target;
    int fd, error;

    umask(mask);
    if (is_special(path))
        return write_special(path, text);
    /* A symbolic link stays one. */
    target = realpath(path, NULL);
    name = make_temporary(target ? target : path, &fd);
    if (!name) {
        error = errno;
        free(target);
        return cannot(path, error);
    }
    error = write_all(fd, text);
    if (fchmod(fd, 0666 & ~mask) != 0 && !error)
        error = errno;
    if (close(fd) != 0 && !error)
        error = errno;
    if (!error && rename(name, target ? target : path) != 0)
        error = errno;
    if (error)
        unlink(name);
    free(name);
    free(target);
    return error ? cannot(path, error) : NULL;
}
