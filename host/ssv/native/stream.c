#define _GNU_SOURCE
#include "stream.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "ssv_codes.h"

#define MOST_RUNS 64
#define CROWDED_MS 10 /* between two attempts to connect to a server whose queue is full */

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t moment_in(unsigned seconds)
{
    return now_ms() + (int64_t)seconds * 1000;
}

uint32_t left_until(int64_t moment)
{
    int64_t left = moment - now_ms();

    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (uint32_t)left;
}

static uint16_t wait_for(int file, short events, int64_t until)
{
    struct pollfd polled = {file, events, 0};
    uint32_t left;

    while ((left = left_until(until)) > 0) {
        int ready = poll(&polled, 1, (int)left);
        if (ready > 0)
            return polled.revents & POLLNVAL ? SSV_CODE_ABANDONED : SSV_CODE_DONE;
        if (ready < 0 && errno != EINTR)
            return SSV_CODE_ABANDONED;
    }
    return SSV_CODE_NO_ANSWER;
}

uint16_t stream_connect(int file, const struct sockaddr_un *address, int64_t until)
{
    const struct timespec pause = {0, CROWDED_MS * 1000000L};

    while (connect(file, (const struct sockaddr *)address, sizeof *address) != 0) {
        if (errno != EAGAIN && errno != EINTR)
            return SSV_CODE_SERVER;
        if (left_until(until) == 0)
            return SSV_CODE_NO_ANSWER;
        nanosleep(&pause, NULL);
    }
    return SSV_CODE_DONE;
}

/* What is still to be sent. */
struct rest {
    const struct part *first; /* NULL: it is sent */
    const struct part *parts;
    size_t count;
    size_t sent; /* bytes that are sent of the part that comes next */
};

static size_t part_size(const struct part *part)
{
    return part->head_size + part->size;
}

/* Add what is left of a part. Return how many runs there are then. */
static size_t add_runs(struct iovec *runs, size_t count, const struct part *part, size_t sent)
{
    if (sent < part->head_size) {
        runs[count++] = (struct iovec){(uint8_t *)part->head + sent, part->head_size - sent};
        sent = 0;
    } else {
        sent -= part->head_size;
    }
    if (sent < part->size)
        runs[count++] = (struct iovec){(uint8_t *)part->bytes + sent, part->size - sent};
    return count;
}

static size_t list_runs(const struct rest *rest, struct iovec *runs)
{
    size_t sent = rest->sent, count = 0;

    if (rest->first != NULL) {
        count = add_runs(runs, count, rest->first, sent);
        sent = 0;
    }
    for (size_t at = 0; at < rest->count && count + 2 <= MOST_RUNS; at++) {
        count = add_runs(runs, count, &rest->parts[at], sent);
        sent = 0;
    }
    return count;
}

static void pass(struct rest *rest, size_t sent)
{
    rest->sent += sent;
    if (rest->first != NULL && rest->sent >= part_size(rest->first)) {
        rest->sent -= part_size(rest->first);
        rest->first = NULL;
    }
    while (rest->first == NULL && rest->count > 0 && rest->sent >= part_size(rest->parts)) {
        rest->sent -= part_size(rest->parts);
        rest->parts++;
        rest->count--;
    }
}

uint16_t stream_send(int file, const struct part *first, const struct part *parts, size_t count, int64_t until)
{
    struct rest rest = {first, parts, count, 0};

    for (pass(&rest, 0); rest.first != NULL || rest.count > 0;) {
        struct iovec runs[MOST_RUNS];
        struct msghdr message = {.msg_iov = runs};
        ssize_t sent;

        message.msg_iovlen = list_runs(&rest, runs);
        sent = sendmsg(file, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            pass(&rest, (size_t)sent);
        } else if (errno == EAGAIN) {
            uint16_t code = wait_for(file, POLLOUT, until);
            if (code != SSV_CODE_DONE)
                return code;
        } else if (errno != EINTR) {
            return SSV_CODE_ABANDONED;
        }
    }
    return SSV_CODE_DONE;
}

uint16_t stream_receive(int file, void *bytes, size_t size, int64_t until)
{
    uint8_t *at = bytes;

    while (size > 0) {
        ssize_t received = recv(file, at, size, MSG_DONTWAIT);
        if (received > 0) {
            at += received;
            size -= (size_t)received;
        } else if (received < 0 && errno == EAGAIN) {
            uint16_t code = wait_for(file, POLLIN, until);
            if (code != SSV_CODE_DONE)
                return code;
        } else if (received == 0 || errno != EINTR) {
            return SSV_CODE_ABANDONED;
        }
    }
    return SSV_CODE_DONE;
}
