/* Timed calls of a server that has a null reader: ssv_calls COUNT, with the server's socket in TLA_SSV_SOCKET.
 *
 * Prints the median of SSV_LireDateLecteur and that of a bare echo of as many bytes between two processes on a
 * Unix socket pair, in nanoseconds. Both take turns, so that a busy machine disturbs them alike. */

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ssv.h"

#define CALL_BYTES 18
#define ANSWER_BYTES 20

static long long now(void)
{
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return moment.tv_sec * 1000000000LL + moment.tv_nsec;
}

static int in_order(const void *left, const void *right)
{
    const long long *one = left, *other = right;
    return (*one > *other) - (*one < *other);
}

static long long median(long long *times, int count)
{
    qsort(times, (size_t)count, sizeof *times, in_order);
    return times[count / 2];
}

static void echo(int socket)
{
    char bytes[64] = {0};
    while (read(socket, bytes, CALL_BYTES) > 0) {
        if (write(socket, bytes, ANSWER_BYTES) < 0) break;
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1000;
    long long *calls = calloc((size_t)count, sizeof *calls), *echoes = calloc((size_t)count, sizeof *echoes);
    char moment[13], bytes[64] = {0};
    int ends[2];

    if (calls == NULL || echoes == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 1;
    pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
        close(ends[0]);
        echo(ends[1]);
    }
    close(ends[1]);
    unsigned short code = SSV_InitLIB();
    for (int place = 0; code == 0 && place < count; place++) {
        long long began = now();
        code = SSV_LireDateLecteur("Log_SV", moment);
        long long called = now();
        if (write(ends[0], bytes, CALL_BYTES) < 0 || read(ends[0], bytes, ANSWER_BYTES) < 0) return 1;
        calls[place] = called - began;
        echoes[place] = now() - called;
    }
    close(ends[0]);
    waitpid(child, NULL, 0);
    if (code != 0) {
        fprintf(stderr, "%04X\n", code);
        return 1;
    }
    SSV_TermLIB();
    printf("%lld %lld\n", median(calls, count), median(echoes, count));
    return 0;
}
