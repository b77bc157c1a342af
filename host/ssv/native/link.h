/* The connection of a program to the server: one for each library, shared by all threads of a process.
 *
 * Frames are as in `tla_sim.host.ssv.frames`. A child of fork() has no connection at first, and opens its own.
 */
#ifndef TLA_LINK_H
#define TLA_LINK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#define LONGEST_PATH 4096u

/* A run of bytes to send: some of its own, such as a length, then some of the program's. */
struct part {
    uint8_t head[4];
    uint8_t head_size;
    const void *bytes;
    size_t size;
};

/* The body of an answer behind its code; free() returns `body`. `told_on_error` is for the caller to set: whether an
 * answer with a code may have a body, too, and is to be kept. */
struct reply {
    uint8_t *body;
    const uint8_t *at;
    size_t left;
    int told_on_error;
};

/* Who may use a connection. */
struct turn {
    pthread_mutex_t lock;
    pthread_cond_t left; /* the turn was left */
    int taken;
};

/* A connection. Whoever has its turn reads and writes what follows `turn`. */
struct link {
    const uint8_t client;      /* which library speaks: CLIENT_SSV or CLIENT_GALSS */
    _Atomic int begun;         /* whether programs may call */
    struct turn turn;
    struct sockaddr_un address;
    unsigned most_seconds;     /* 0, or what shortens every wait: for tests */
    int file;                  /* -1: there is no connection */
    pid_t owner;               /* the process that opened it */
    dev_t device;              /* by these two it is known when a program closed our file by mistake */
    ino_t inode;
    char sesam_ini[LONGEST_PATH];
    struct link *next;         /* all links of the library, for fork() */
};

#define LINK_OF(client) \
    {client, 0, {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0}, {0, ""}, 0, -1, 0, 0, 0, "", NULL}

/* Prepare a link, and watch for fork(), so that a child does not use the parent's connection. Once, before threads. */
void link_watch(struct link *link);

/* Wait for the turn, at most two seconds. Return 0, or SSV_CODE_HELD: nothing was done. */
uint16_t link_take_turn(struct link *link);
void link_leave_turn(struct link *link);

/* Find the server's place, connect and say hello with the absolute path of a sesam.ini, "" for the server's own.
 * Only with the turn. Return 0, the server's code, SSV_CODE_SERVER, SSV_CODE_VERSIONS or SSV_CODE_NO_ANSWER. */
uint16_t link_open(struct link *link, const char *sesam_ini);

/* Close the connection. Only with the turn. */
void link_close(struct link *link);

/* Take the turn, connect if there is no connection, send a call, and wait for its answer at most `seconds`.
 *
 * Return the code of the answer: 0 with its body in `reply`. Else SSV_CODE_HELD, SSV_CODE_SERVER,
 * SSV_CODE_VERSIONS; SSV_CODE_NO_ANSWER when the time is over, SSV_CODE_ABANDONED when the server went away in
 * mid-call, SSV_CODE_INCOHERENT for an answer that is none, SSV_CODE_ALLOCATION: then the connection is closed. */
uint16_t link_exchange(struct link *link, uint16_t function, const struct part *parts, size_t count,
                       unsigned seconds, struct reply *reply);

/* Close a connection whose answers make no sense. */
void link_give_up(struct link *link);

#endif
