#include "zone.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_BYTES 2u
#define ONE_BYTE_MOST 0x7Fu

struct zone_group {
    uint32_t first_field; /* position in `fields` */
    uint16_t number;
    uint16_t occurrence; /* from 1, among the groups of this number */
    uint16_t field_count;
};

/* Read a length at `*at`, and move past it. Return 0 when it is cut short, or longer than what follows it. More
 * bytes than it needs are taken, since other writers' may have them. */
static int take_length(const uint8_t *bytes, size_t size, size_t *at, size_t *length)
{
    size_t more, value = 0;

    if (*at >= size)
        return 0;
    more = bytes[*at] <= ONE_BYTE_MOST ? 0 : bytes[*at] - 0x80u;
    if (more > 2 || bytes[*at] == 0x80u || size - *at - 1 < more)
        return 0;
    if (more == 0)
        value = bytes[*at];
    else if (more == 1)
        value = bytes[*at + 1];
    else
        value = (size_t)bytes[*at + 1] << 8 | bytes[*at + 2];
    *at += 1 + more;
    if (size - *at < value)
        return 0;
    *length = value;
    return 1;
}

/* Walk over a whole zone. Count its groups and fields; with an index, fill it. Return 0 when it is no zone. */
static int walk(const uint8_t *bytes, size_t size, uint32_t *group_count, uint32_t *field_count,
                struct zone_group *groups, uint32_t *fields)
{
    size_t at = 0, length;

    *group_count = *field_count = 0;
    while (at < size) {
        uint32_t first = *field_count;
        uint16_t number;
        size_t end;

        if (size - at < NUMBER_BYTES)
            return 0;
        number = (uint16_t)(bytes[at] << 8 | bytes[at + 1]);
        at += NUMBER_BYTES;
        if (!take_length(bytes, size, &at, &length))
            return 0;
        end = at + length;
        while (at < end) {
            if (fields != NULL)
                fields[*field_count] = (uint32_t)at;
            (*field_count)++;
            if (!take_length(bytes, end, &at, &length))
                return 0;
            at += length;
        }
        if (groups != NULL)
            groups[*group_count] = (struct zone_group){first, number, 0, (uint16_t)(*field_count - first)};
        (*group_count)++;
    }
    return 1;
}

/* Sort positions by one byte of the group's number, keeping the order of equals. */
static void sort_by_byte(const struct zone_group *groups, uint32_t count, int shift, const uint32_t *from,
                         uint32_t *to)
{
    uint32_t start[256] = {0}, sum = 0, i;

    for (i = 0; i < count; i++)
        start[groups[i].number >> shift & 0xFF]++;
    for (i = 0; i < 256; i++) {
        uint32_t many = start[i];
        start[i] = sum;
        sum += many;
    }
    for (i = 0; i < count; i++) {
        uint32_t position = from != NULL ? from[i] : i;
        to[start[groups[position].number >> shift & 0xFF]++] = position;
    }
}

/* Number the occurrences. Return 0 when there are more than a program can name. */
static int number_occurrences(struct zone_group *groups, const uint32_t *sorted, uint32_t count)
{
    uint32_t i, first = 0;

    for (i = 0; i < count; i++) {
        if (groups[sorted[i]].number != groups[sorted[first]].number)
            first = i;
        if (i - first >= ZONE_MOST_OCCURRENCES)
            return 0;
        groups[sorted[i]].occurrence = (uint16_t)(i - first + 1);
    }
    return 1;
}

uint16_t zone_read(struct zone *zone, const void *bytes, size_t size)
{
    struct zone made = {0};
    uint32_t field_count, *scratch;

    if (size > ZONE_MOST_BYTES || (bytes == NULL && size > 0)
        || !walk(bytes, size, &made.group_count, &field_count, NULL, NULL))
        return SGD_BAD_INPUT;
    /* One more of each: malloc(0) may be NULL. */
    made.bytes = malloc(size + 1);
    made.groups = malloc(((size_t)made.group_count + 1) * sizeof *made.groups);
    made.sorted = malloc(((size_t)made.group_count + 1) * sizeof *made.sorted);
    made.fields = malloc(((size_t)field_count + 1) * sizeof *made.fields);
    scratch = malloc(((size_t)made.group_count + 1) * sizeof *scratch);
    if (!made.bytes || !made.groups || !made.sorted || !made.fields || !scratch) {
        free(scratch);
        zone_free(&made);
        return SGD_NO_MEMORY;
    }
    if (size > 0)
        memcpy(made.bytes, bytes, size);
    made.size = size;
    walk(made.bytes, size, &made.group_count, &field_count, made.groups, made.fields);
    sort_by_byte(made.groups, made.group_count, 0, NULL, scratch);
    sort_by_byte(made.groups, made.group_count, 8, scratch, made.sorted);
    free(scratch);
    if (!number_occurrences(made.groups, made.sorted, made.group_count)) {
        zone_free(&made);
        return SGD_BAD_INPUT;
    }
    zone_free(zone);
    *zone = made;
    return SGD_DONE;
}

void zone_free(struct zone *zone)
{
    free(zone->bytes);
    free(zone->groups);
    free(zone->sorted);
    free(zone->fields);
    *zone = (struct zone){0};
}

static uint16_t find_group(const struct zone *zone, uint16_t number, uint16_t occurrence, uint32_t *position)
{
    uint32_t low = 0, high = zone->group_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (zone->groups[zone->sorted[middle]].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->group_count || zone->groups[zone->sorted[low]].number != number)
        return SGD_NOT_FOUND;
    if (occurrence == 0 || occurrence > zone->group_count - low)
        return SGD_NO_OCCURRENCE;
    *position = zone->sorted[low + occurrence - 1];
    return zone->groups[*position].number == number ? SGD_DONE : SGD_NO_OCCURRENCE;
}

uint16_t zone_next(const struct zone *zone, uint16_t number, uint16_t occurrence, uint16_t *next_number,
                   uint16_t *next_occurrence)
{
    uint32_t position = 0;

    if (number != 0 || occurrence != 0) {
        uint16_t code = find_group(zone, number, occurrence, &position);
        if (code != SGD_DONE)
            return code;
        position++;
    }
    if (position >= zone->group_count)
        return SGD_LAST_GROUP;
    *next_number = zone->groups[position].number;
    *next_occurrence = zone->groups[position].occurrence;
    return SGD_DONE;
}

uint16_t zone_value(const struct zone *zone, uint16_t number, uint16_t occurrence, uint16_t field,
                    const uint8_t **value, size_t *size)
{
    uint32_t position;
    size_t at;
    uint16_t code = find_group(zone, number, occurrence, &position);

    if (code != SGD_DONE)
        return code;
    if (field == 0 || field > zone->groups[position].field_count)
        return SGD_NOT_FOUND;
    at = zone->fields[zone->groups[position].first_field + field - 1u];
    if (!take_length(zone->bytes, zone->size, &at, size))
        return SGD_BAD_INPUT;
    *value = zone->bytes + at;
    return SGD_DONE;
}

static size_t length_bytes(size_t length)
{
    return length <= ONE_BYTE_MOST ? 1 : length <= 0xFF ? 2 : 3;
}

static size_t put_length(uint8_t *to, size_t length)
{
    size_t bytes = length_bytes(length);

    if (bytes > 1)
        *to++ = (uint8_t)(0x80u + bytes - 1);
    if (bytes > 2)
        *to++ = (uint8_t)(length >> 8);
    *to = (uint8_t)length;
    return bytes;
}

uint16_t zone_begin_group(struct zone_draft *draft, uint16_t number)
{
    if (number == 0)
        return SGD_BAD_INPUT;
    if (draft->room - draft->size < NUMBER_BYTES + 1)
        return SGD_ZONE_FULL;
    draft->open = 1;
    draft->group = draft->size;
    draft->number = number;
    draft->fields = 0;
    draft->bytes[draft->size++] = (uint8_t)(number >> 8);
    draft->bytes[draft->size++] = (uint8_t)number;
    draft->bytes[draft->size++] = 0;
    return SGD_DONE;
}

uint16_t zone_add_field(struct zone_draft *draft, const void *value, size_t size)
{
    size_t at, old, content, old_head, head, added;
    uint8_t *start;

    if (!draft->open)
        return SGD_NO_HEADER;
    if (size > ZONE_LONGEST_GROUP)
        return SGD_BAD_INPUT;
    at = draft->group + NUMBER_BYTES;
    if (!take_length(draft->bytes, draft->size, &at, &old))
        return SGD_BAD_INPUT;
    added = length_bytes(size) + size;
    content = old + added;
    if (content > ZONE_LONGEST_GROUP)
        return SGD_BAD_INPUT;
    old_head = length_bytes(old);
    head = length_bytes(content);
    if (draft->room - draft->size < added + head - old_head)
        return SGD_ZONE_FULL;
    start = draft->bytes + draft->group + NUMBER_BYTES;
    if (head != old_head)
        memmove(start + head, start + old_head, old);
    put_length(start, content);
    start += head + old;
    start += put_length(start, size);
    if (size > 0)
        memcpy(start, value, size);
    draft->size += added + head - old_head;
    draft->fields++;
    return SGD_DONE;
}

void zone_clear(struct zone_draft *draft)
{
    draft->size = 0;
    draft->open = 0;
}
