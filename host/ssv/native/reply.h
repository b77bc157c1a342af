/* Taking the body of an answer apart: never past its end. */
#ifndef TLA_REPLY_H
#define TLA_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "link.h"

/* Take a number of `size` bytes. Return 0, or -1 when the reply ends before. */
int reply_number(struct reply *reply, unsigned size, uint32_t *number);

/* Take bytes behind a length of `size` bytes; they belong to the reply. Return as reply_number. */
int reply_bytes(struct reply *reply, unsigned size, const uint8_t **bytes, size_t *count);

#endif
