#define _GNU_SOURCE
#include "sgd_trace.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_LINE 256

_Atomic uint8_t trace_level;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int trace_file = -1;
static struct stat opened;

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void in_parent(void)
{
    pthread_mutex_unlock(&lock);
}

static void in_child(void)
{
    static const pthread_mutex_t unlocked = PTHREAD_MUTEX_INITIALIZER;

    lock = unlocked;
}

__attribute__((constructor)) static void prepare(void)
{
    pthread_atfork(before_fork, in_parent, in_child);
}

/* Whether the file is still ours: a program may have closed it, and opened another with its number. */
static int is_ours(void)
{
    struct stat now;

    return trace_file >= 0 && fstat(trace_file, &now) == 0 && now.st_dev == opened.st_dev
           && now.st_ino == opened.st_ino;
}

/* Put a file, or none, in place of the present one. */
static void change_file(int file, const struct stat *status, uint8_t level)
{
    pthread_mutex_lock(&lock);
    if (is_ours())
        close(trace_file);
    trace_file = file;
    if (status != NULL)
        opened = *status;
    atomic_store_explicit(&trace_level, level, memory_order_relaxed);
    pthread_mutex_unlock(&lock);
}

static int open_regular(const char *path, int anew, struct stat *status)
{
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);

    if (file < 0)
        return -1;
    if (fstat(file, status) != 0 || !S_ISREG(status->st_mode) || (anew && ftruncate(file, 0) != 0)) {
        close(file);
        return -1;
    }
    return file;
}

uint16_t trace_open(const char *path, const char *mode, uint8_t level)
{
    struct stat status;
    int file;

    if (level == TRACE_NOTHING) {
        change_file(-1, NULL, level);
        return SGD_DONE;
    }
    if (path == NULL || mode == NULL || strnlen(path, PATH_MAX) == PATH_MAX
        || (strncmp(mode, "a", 2) != 0 && strncmp(mode, "w", 2) != 0))
        return SGD_BAD_TRACE_FILE;
    file = open_regular(path, mode[0] == 'w', &status);
    if (file < 0)
        return SGD_BAD_TRACE_FILE;
    change_file(file, &status, level);
    return SGD_DONE;
}

void trace_line(const char *format, ...)
{
    char line[LONGEST_LINE];
    struct timespec now;
    size_t size;
    va_list values;

    clock_gettime(CLOCK_REALTIME, &now);
    /* In seconds since 1970: the functions for dates take locks, which a child of fork() may find locked. */
    size = (size_t)snprintf(line, sizeof line, "%lld.%06ld %ld ", (long long)now.tv_sec, now.tv_nsec / 1000,
                            (long)syscall(SYS_gettid));
    va_start(values, format);
    size += (size_t)vsnprintf(line + size, sizeof line - size, format, values);
    va_end(values);
    if (size > sizeof line - 1)
        size = sizeof line - 1;
    line[size++] = '\n';
    pthread_mutex_lock(&lock);
    if (is_ours() && write(trace_file, line, size) < 0)
        atomic_store_explicit(&trace_level, TRACE_NOTHING, memory_order_relaxed);
    pthread_mutex_unlock(&lock);
}
