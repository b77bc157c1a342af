/* What a field takes: which values fit the dictionary's declaration. */
#ifndef TLA_FIELD_VALUE_H
#define TLA_FIELD_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "group_table.h"
#include "sgd_codes.h"

#define LONGEST_UNDECLARED_TEXT 2048u
#define LONGEST_UNDECLARED_VALUE 65532u /* what a group of 65,535 bytes has room for */

/* Return the limits of a group, or NULL for one that the dictionary does not have. */
const struct group_limits *find_limits(uint16_t number);

/* Find the limit of a field, numbered from 1. Return 0, or SGD_NOT_FOUND when the group does not have it. */
uint16_t find_limit(const struct group_limits *group, uint32_t field, struct field_limit *limit);

/* Measure a text up to its NUL. Return SGD_BAD_INPUT at the first byte that shows that it does not fit: no byte
 * behind that one is read, so that a text that is not ended is not read past its limit. */
uint16_t measure_text(const char *text, const struct field_limit *limit, size_t *size);

/* Check a value of known size: SGD_BAD_INPUT when it does not fit. */
uint16_t check_value(const void *value, size_t size, const struct field_limit *limit);

#endif
