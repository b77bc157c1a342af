/* How libssvlux reaches the sessions of libsgdlux. Exported, but in no header of a program's.
 *
 * Each returns 0 or one of the codes of sgd_codes.h.
 */
#ifndef TLA_INSIDE_H
#define TLA_INSIDE_H

#include <stddef.h>
#include <stdint.h>

#include "sgd_codes.h"

#define TLA_EXPORT __attribute__((visibility("default")))

/* Copy the session's input. `*zone` is never NULL on success, even for an empty input; free() returns it.
 *
 * The input stays, so that the same call can be made again. A group that the program adds after this begins a
 * new input. */
TLA_EXPORT uint16_t tla_sgd_take_input(uint16_t session, void **zone, size_t *size);

/* Make a copy of this zone the session's output, and drop the input. For SGD_BAD_INPUT (no zone) and
 * SGD_NO_MEMORY nothing is changed: drop the old output then. */
TLA_EXPORT uint16_t tla_sgd_give_output(uint16_t session, const void *zone, size_t size);

/* Drop the session's output, and keep its input. */
TLA_EXPORT uint16_t tla_sgd_drop_output(uint16_t session);

#endif
