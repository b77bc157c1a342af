/* The sessions of this process: at most 256, each with an input that the program fills and an output it reads.
 *
 * A session number has a generation, so that a number given back is not valid again soon. Any thread may use any
 * session: a lock orders those that use the same one. A child of fork() has copies of all sessions.
 */
#ifndef TLA_SESSION_H
#define TLA_SESSION_H

#include <stdint.h>

#include "group_table.h"
#include "zone.h"

struct session {
    struct zone_draft input;
    const struct group_limits *limits; /* of the group being filled; NULL: not in the dictionary */
    int sent;                          /* a call took the input: the next group begins a new one */
    struct zone output;                /* `output.bytes` is NULL while there is none */
};

/* Reserve a session with an input of at most `size` bytes. */
uint16_t reserve_session(size_t size, uint16_t *number);

/* Return a session, and free all it has. */
uint16_t release_session(uint16_t number);

/* Lock a session for the present thread. Return NULL for a number that is no session's. */
struct session *enter_session(uint16_t number);

/* Unlock what enter_session locked. */
void leave_session(struct session *session);

#endif
