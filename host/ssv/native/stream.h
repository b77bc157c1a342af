/* Bytes over a socket until a moment: nothing here waits longer. */
#ifndef TLA_STREAM_H
#define TLA_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include "link.h"

/* Return the moment in so many seconds, in milliseconds of a clock that only goes forward. */
int64_t moment_in(unsigned seconds);

/* Return the milliseconds until a moment, 0 when it is over. */
uint32_t left_until(int64_t moment);

/* Connect a socket without waiting inside the kernel. Return 0, SSV_CODE_SERVER or SSV_CODE_NO_ANSWER. */
uint16_t stream_connect(int file, const struct sockaddr_un *address, int64_t until);

/* Send `first` and all parts, together where they fit: the other side is woken once. Return 0, SSV_CODE_ABANDONED
 * when the other side went away, or SSV_CODE_NO_ANSWER. */
uint16_t stream_send(int file, const struct part *first, const struct part *parts, size_t count, int64_t until);

/* Receive exactly `size` bytes. Return as stream_send. */
uint16_t stream_receive(int file, void *bytes, size_t size, int64_t until);

#endif
