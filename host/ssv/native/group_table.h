/* The dictionary's groups, for checking what a program adds. `tla_sim.host.ssv.group_table` writes the table. */
#ifndef TLA_GROUP_TABLE_H
#define TLA_GROUP_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum content {
    CONTENT_TEXT,      /* UTF-8 without control characters; `most` counts characters */
    CONTENT_BYTES,     /* anything; `most` counts bytes */
    CONTENT_UNDECLARED /* anything */
};

/* The most that a field's value has. */
struct field_limit {
    uint16_t most;
    uint8_t content;
};

struct group_limits {
    uint16_t number;
    uint16_t field_count;
    const struct field_limit *fields;
};

extern const struct group_limits GROUP_TABLE[]; /* by number */
extern const size_t GROUP_TABLE_COUNT;

#endif
