/* Memory zones (ZDATA): groups of fields, each with its length in BER form.
 *
 *   zone   = group*
 *   group  = number (2 bytes, big-endian)  length  field*
 *   field  = length  value
 *   length = one byte below 80h, else 81h nn, else 82h nnnn
 *
 * Inferred from public test cards. Nothing here takes a lock or knows which groups exist.
 */
#ifndef TLA_ZONE_H
#define TLA_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "sgd_codes.h"

#define ZONE_MOST_BYTES ((size_t)16 * 1024 * 1024)
#define ZONE_LONGEST_GROUP 65535u
#define ZONE_MOST_OCCURRENCES 65535u

struct zone_group;

/* A zone to read: its bytes, with an index by which any field is found at once. All 0: no zone. */
struct zone {
    uint8_t *bytes;
    size_t size;
    struct zone_group *groups; /* in the order of the zone */
    uint32_t *sorted;          /* positions in `groups`, by number, then occurrence */
    uint32_t *fields;          /* where the length of each field is, in the order of the zone */
    uint32_t group_count;
};

/* Make `zone` a copy of these bytes. Return 0, SGD_BAD_INPUT or SGD_NO_MEMORY; then `zone` is unchanged. */
uint16_t zone_read(struct zone *zone, const void *bytes, size_t size);

/* Free what zone_read allocated, and make it no zone. */
void zone_free(struct zone *zone);

/* Find the group after this one; (0, 0) is before the first. */
uint16_t zone_next(const struct zone *zone, uint16_t number, uint16_t occurrence,
                   uint16_t *next_number, uint16_t *next_occurrence);

/* Find the value of a field, numbered from 1. It belongs to the zone. */
uint16_t zone_value(const struct zone *zone, uint16_t number, uint16_t occurrence, uint16_t field,
                    const uint8_t **value, size_t *size);

/* A zone in the making, within `room` bytes. Its bytes are a whole zone after each step. */
struct zone_draft {
    uint8_t *bytes;
    size_t size;
    size_t room;
    size_t group;  /* where the group being filled begins; only with `open` */
    int open;      /* whether there is such a group */
    uint16_t number; /* its number */
    uint32_t fields; /* how many it has */
};

/* Begin a group. Return 0, SGD_BAD_INPUT for the number 0, or SGD_ZONE_FULL. */
uint16_t zone_begin_group(struct zone_draft *draft, uint16_t number);

/* Add the next field to the group begun last. Return 0, SGD_NO_HEADER, SGD_BAD_INPUT when the group becomes
 * longer than 65,535 bytes, or SGD_ZONE_FULL; then nothing is changed. */
uint16_t zone_add_field(struct zone_draft *draft, const void *value, size_t size);

/* Return to an empty zone. */
void zone_clear(struct zone_draft *draft);

#endif
