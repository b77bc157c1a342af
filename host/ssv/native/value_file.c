#define _GNU_SOURCE
#include "value_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "field_value.h"

#define NEW_SUFFIX ".XXXXXX"

/* Read up to `size` bytes. Return how many there are, or -1. */
static ssize_t read_all(int file, char *to, size_t size)
{
    size_t had = 0;

    while (had < size) {
        ssize_t got = read(file, to + had, size - had);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        had += (size_t)got;
    }
    return (ssize_t)had;
}

static int write_all(int file, const char *from, size_t size)
{
    while (size > 0) {
        ssize_t put = write(file, from, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return 0;
        from += put;
        size -= (size_t)put;
    }
    return 1;
}

static int is_path(const char *path)
{
    size_t length = strnlen(path, PATH_MAX);

    return length > 0 && length < PATH_MAX;
}

uint16_t read_value_file(const char *path, void **content, size_t *size)
{
    struct stat status;
    char *read_into;
    ssize_t got = -1;
    int file;

    if (!is_path(path))
        return SGD_BAD_INPUT;
    /* A pipe or terminal must not hold the program. */
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return SGD_BAD_INPUT;
    read_into = malloc(LONGEST_UNDECLARED_VALUE + 1);
    if (read_into == NULL) {
        close(file);
        return SGD_NO_MEMORY;
    }
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode))
        got = read_all(file, read_into, LONGEST_UNDECLARED_VALUE + 1);
    close(file);
    if (got < 0 || got > (ssize_t)LONGEST_UNDECLARED_VALUE) {
        free(read_into);
        return SGD_BAD_INPUT;
    }
    *content = read_into;
    *size = (size_t)got;
    return SGD_DONE;
}

uint16_t write_value_file(const char *path, const void *content, size_t size)
{
    char made[PATH_MAX + sizeof NEW_SUFFIX];
    struct stat status;
    int file, done;

    if (!is_path(path) || (stat(path, &status) == 0 && !S_ISREG(status.st_mode)))
        return SGD_NO_ROOM;
    snprintf(made, sizeof made, "%s%s", path, NEW_SUFFIX);
    file = mkostemp(made, O_CLOEXEC);
    if (file < 0)
        return SGD_NO_ROOM;
    done = write_all(file, content, size);
    done = close(file) == 0 && done;
    done = done && rename(made, path) == 0;
    if (!done)
        unlink(made);
    return done ? SGD_DONE : SGD_NO_ROOM;
}
