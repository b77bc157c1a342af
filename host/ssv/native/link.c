#define _GNU_SOURCE
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "frame_numbers.h"
#include "place.h"
#include "sgd_trace.h"
#include "ssv_codes.h"
#include "stream.h"

#define TURN_SECONDS 2
#define HELLO_SECONDS 10
#define LONGEST_NAME 255u

/* Turns, and children of fork(). */

static struct link *watched;

/* Make a turn that is free. Its waits end by a clock that nobody sets. */
static void free_turn(struct turn *turn)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&turn->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&turn->left, &attributes);
    pthread_condattr_destroy(&attributes);
    turn->taken = 0;
}

static void in_child(void)
{
    for (struct link *link = watched; link != NULL; link = link->next) {
        /* A thread of the parent may have had the turn. It does not exist here. */
        free_turn(&link->turn);
        link_close(link);
    }
}

void link_watch(struct link *link)
{
    if (watched == NULL)
        pthread_atfork(NULL, NULL, in_child);
    free_turn(&link->turn);
    link->next = watched;
    watched = link;
}

uint16_t link_take_turn(struct link *link)
{
    struct turn *turn = &link->turn;
    struct timespec until;
    int late = 0, taken;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TURN_SECONDS;
    pthread_mutex_lock(&turn->lock);
    while (turn->taken && !late)
        late = pthread_cond_timedwait(&turn->left, &turn->lock, &until) != 0;
    taken = turn->taken;
    turn->taken = 1;
    pthread_mutex_unlock(&turn->lock);
    return taken ? SSV_CODE_HELD : SSV_CODE_DONE;
}

void link_leave_turn(struct link *link)
{
    pthread_mutex_lock(&link->turn.lock);
    link->turn.taken = 0;
    pthread_cond_signal(&link->turn.left);
    pthread_mutex_unlock(&link->turn.lock);
}

/* Opening and closing. */

/* Whether the file is still our connection: a program may have closed it, and opened another with its number. */
static int is_ours(const struct link *link)
{
    struct stat now;

    return link->file >= 0 && fstat(link->file, &now) == 0 && now.st_dev == link->device
           && now.st_ino == link->inode;
}

void link_close(struct link *link)
{
    if (is_ours(link))
        close(link->file);
    link->file = -1;
}

static unsigned shortened(const struct link *link, unsigned seconds)
{
    return link->most_seconds > 0 && link->most_seconds < seconds ? link->most_seconds : seconds;
}

/* Move a file away from the standard descriptors, which a program may have closed: what it prints then would go
 * to the server. Return its number, or -1. */
static int above_standard(int file)
{
    int moved;

    if (file < 0 || file > STDERR_FILENO)
        return file;
    moved = fcntl(file, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(file);
    return moved;
}

/* Return a new connection, or -1 with why not in `code`. */
static uint16_t connect_to_server(struct link *link, int64_t until)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    struct stat status;
    uint16_t code;

    link->file = above_standard(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    link->owner = getpid();
    if (link->file < 0 || fstat(link->file, &status) != 0)
        return SSV_CODE_SERVER;
    link->device = status.st_dev;
    link->inode = status.st_ino;
    code = stream_connect(link->file, &link->address, until);
    if (code != SSV_CODE_DONE)
        return code;
    if (getsockopt(link->file, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0
        || (peer.uid != 0 && peer.uid != geteuid())) {
        TRACE(SSV_CODE_SERVER, "server", "of another user at %s", link->address.sun_path);
        return SSV_CODE_SERVER;
    }
    return SSV_CODE_DONE;
}

static void write_number(uint8_t *to, uint32_t number, unsigned size)
{
    while (size-- > 0) {
        to[size] = (uint8_t)number;
        number >>= 8;
    }
}

static uint32_t read_number(const uint8_t *from, unsigned size)
{
    uint32_t number = 0;

    while (size-- > 0)
        number = number << 8 | *from++;
    return number;
}

static uint16_t say_hello(const struct link *link, int64_t until)
{
    const char *program = program_invocation_short_name;
    const size_t ini_size = strlen(link->sesam_ini);
    const size_t program_size = strnlen(program, LONGEST_NAME);
    uint8_t head[FRAME_LENGTH_BYTES + sizeof FRAME_MAGIC - 1 + 3];
    const struct part first = {{0}, 0, head, sizeof head};
    const size_t body = sizeof head - FRAME_LENGTH_BYTES + 2 + ini_size + 2 + program_size;
    struct part parts[] = {
        {{0}, 2, link->sesam_ini, ini_size},
        {{0}, 2, program, program_size},
    };

    write_number(head, (uint32_t)body, FRAME_LENGTH_BYTES);
    memcpy(head + FRAME_LENGTH_BYTES, FRAME_MAGIC, sizeof FRAME_MAGIC - 1);
    write_number(head + sizeof head - 3, FRAME_VERSION, 2);
    head[sizeof head - 1] = link->client;
    write_number(parts[0].head, (uint32_t)ini_size, 2);
    write_number(parts[1].head, (uint32_t)program_size, 2);
    return stream_send(link->file, &first, parts, 2, until);
}

/* What the server answers to the hello: its version and a code. A server of another version is not read further
 * than its version, which every version of the frames has first. */
static uint16_t hear_welcome(const struct link *link, int64_t until)
{
    uint8_t welcome[FRAME_LENGTH_BYTES + 4];
    uint16_t code = stream_receive(link->file, welcome, FRAME_LENGTH_BYTES + 2, until);
    uint32_t version;

    if (code != SSV_CODE_DONE)
        return code;
    version = read_number(welcome + FRAME_LENGTH_BYTES, 2);
    if (version != FRAME_VERSION) {
        TRACE(SSV_CODE_VERSIONS, "server", "speaks version %u, this library %u", (unsigned)version,
              (unsigned)FRAME_VERSION);
        return SSV_CODE_VERSIONS;
    }
    if (read_number(welcome, FRAME_LENGTH_BYTES) != sizeof welcome - FRAME_LENGTH_BYTES)
        return SSV_CODE_INCOHERENT;
    code = stream_receive(link->file, welcome + FRAME_LENGTH_BYTES + 2, 2, until);
    return code != SSV_CODE_DONE ? code : (uint16_t)read_number(welcome + FRAME_LENGTH_BYTES + 2, 2);
}

static uint16_t connect_and_greet(struct link *link, int64_t until)
{
    uint16_t code = connect_to_server(link, until);

    if (code == SSV_CODE_DONE) {
        code = say_hello(link, until);
        if (code == SSV_CODE_DONE)
            code = hear_welcome(link, until);
        if (code == SSV_CODE_ABANDONED)
            code = SSV_CODE_SERVER; /* Nothing was asked of it yet. */
    }
    if (code != SSV_CODE_DONE) {
        TRACE(code, "server", "at %s", link->address.sun_path);
        link_close(link);
    }
    return code;
}

uint16_t link_open(struct link *link, const char *sesam_ini)
{
    const char *shorter = secure_getenv(PLACE_SECONDS);

    link_close(link);
    link->most_seconds = shorter == NULL ? 0 : (unsigned)strtoul(shorter, NULL, 10);
    strncpy(link->sesam_ini, sesam_ini, sizeof link->sesam_ini - 1);
    if (find_socket(&link->address) != 0)
        return SSV_CODE_SERVER;
    return connect_and_greet(link, moment_in(shortened(link, HELLO_SECONDS)));
}

/* Calls. */

/* Whether a connection can take a call: the server did not close it, and said nothing unasked. */
static int is_usable(const struct link *link)
{
    uint8_t byte;

    return link->owner == getpid() && is_ours(link) && recv(link->file, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0
           && errno == EAGAIN;
}

static uint16_t send_call(const struct link *link, uint16_t function, const struct part *parts, size_t count,
                          int64_t until)
{
    uint8_t head[FRAME_LENGTH_BYTES + 6];
    const struct part first = {{0}, 0, head, sizeof head};
    size_t size = sizeof head - FRAME_LENGTH_BYTES;

    for (size_t at = 0; at < count; at++)
        size += parts[at].head_size + parts[at].size;
    write_number(head, (uint32_t)size, FRAME_LENGTH_BYTES);
    write_number(head + FRAME_LENGTH_BYTES, function, 2);
    write_number(head + FRAME_LENGTH_BYTES + 2, left_until(until), 4);
    return stream_send(link->file, &first, parts, count, until);
}

static uint16_t hear_answer(const struct link *link, int64_t until, struct reply *reply)
{
    uint8_t length[FRAME_LENGTH_BYTES];
    uint16_t code = stream_receive(link->file, length, sizeof length, until);
    size_t size;

    if (code != SSV_CODE_DONE)
        return code;
    size = read_number(length, sizeof length);
    if (size < 2 || size > FRAME_MOST_BYTES)
        return SSV_CODE_INCOHERENT;
    reply->body = malloc(size);
    if (reply->body == NULL)
        return SSV_CODE_ALLOCATION;
    reply->at = reply->body + 2;
    reply->left = size - 2;
    return stream_receive(link->file, reply->body, size, until);
}

static int is_too_long(const struct part *parts, size_t count)
{
    size_t size = FRAME_LENGTH_BYTES + 6;

    for (size_t at = 0; at < count; at++) {
        if (parts[at].size > FRAME_MOST_BYTES - size)
            return 1;
        size += parts[at].head_size + parts[at].size;
        if (size > FRAME_MOST_BYTES)
            return 1;
    }
    return 0;
}

static void drop(struct reply *reply)
{
    free(reply->body);
    reply->body = NULL;
    reply->at = NULL;
    reply->left = 0;
}

/* Send a call and hear its answer, on a connection that may have to be opened. */
static uint16_t exchange(struct link *link, uint16_t function, const struct part *parts, size_t count,
                         unsigned seconds, struct reply *reply)
{
    int64_t until = moment_in(shortened(link, seconds));
    uint16_t code, answered = SSV_CODE_DONE;

    if (!is_usable(link)) {
        link_close(link);
        code = connect_and_greet(link, until);
        if (code != SSV_CODE_DONE)
            return code;
    }
    code = send_call(link, function, parts, count, until);
    if (code == SSV_CODE_DONE)
        code = hear_answer(link, until, reply);
    if (code == SSV_CODE_DONE) {
        answered = (uint16_t)read_number(reply->body, 2);
        if (answered != SSV_CODE_DONE && reply->left > 0 && !reply->told_on_error)
            code = SSV_CODE_INCOHERENT;
    }
    if (code == SSV_CODE_DONE)
        return answered;
    link_close(link);
    drop(reply);
    return code;
}

uint16_t link_exchange(struct link *link, uint16_t function, const struct part *parts, size_t count,
                       unsigned seconds, struct reply *reply)
{
    uint16_t code;

    reply->body = NULL;
    drop(reply);
    if (is_too_long(parts, count))
        return SSV_CODE_INPUT;
    code = link_take_turn(link);
    if (code != SSV_CODE_DONE)
        return code;
    code = exchange(link, function, parts, count, seconds, reply);
    link_leave_turn(link);
    if (code != SSV_CODE_DONE && !reply->told_on_error)
        drop(reply);
    return code;
}

void link_give_up(struct link *link)
{
    if (link_take_turn(link) == SSV_CODE_DONE) {
        link_close(link);
        link_leave_turn(link);
    }
}
