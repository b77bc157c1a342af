#include "field_value.h"

static const struct field_limit UNDECLARED = {0, CONTENT_UNDECLARED};

const struct group_limits *find_limits(uint16_t number)
{
    size_t low = 0, high = GROUP_TABLE_COUNT;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (GROUP_TABLE[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < GROUP_TABLE_COUNT && GROUP_TABLE[low].number == number ? &GROUP_TABLE[low] : NULL;
}

uint16_t find_limit(const struct group_limits *group, uint32_t field, struct field_limit *limit)
{
    *limit = UNDECLARED;
    if (group == NULL)
        return SGD_DONE;
    if (field == 0 || field > group->field_count)
        return SGD_NOT_FOUND;
    *limit = group->fields[field - 1];
    return SGD_DONE;
}

/* A reader of characters that looks at one byte at a time. */
struct characters {
    size_t count;    /* characters begun */
    uint8_t missing; /* bytes that the present one still needs */
    uint8_t least, most; /* what the next of those may be */
};

/* Take one byte. Return 0 when it is not UTF-8, or part of a control character. */
static int take_byte(struct characters *characters, uint8_t byte)
{
    if (characters->missing > 0) {
        int sound = byte >= characters->least && byte <= characters->most;
        characters->missing--;
        characters->least = 0x80;
        characters->most = 0xBF;
        return sound;
    }
    characters->count++;
    characters->least = 0x80;
    characters->most = 0xBF;
    if (byte < 0x80)
        return byte >= 0x20 && byte != 0x7F;
    if (byte < 0xC2 || byte > 0xF4)
        return 0;
    characters->missing = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    switch (byte) {
    case 0xC2: /* up to U+009F: control characters */
    case 0xE0: /* below 80: not the shortest form */
        characters->least = 0xA0;
        break;
    case 0xED: /* halves of surrogate pairs */
        characters->most = 0x9F;
        break;
    case 0xF0:
        characters->least = 0x90;
        break;
    case 0xF4: /* above U+10FFFF */
        characters->most = 0x8F;
        break;
    default:
        break;
    }
    return 1;
}

static size_t most_bytes(const struct field_limit *limit, size_t undeclared)
{
    return limit->content == CONTENT_UNDECLARED ? undeclared : limit->most;
}

uint16_t measure_text(const char *text, const struct field_limit *limit, size_t *size)
{
    struct characters characters = {0, 0, 0, 0};
    size_t at, most = most_bytes(limit, LONGEST_UNDECLARED_TEXT);

    for (at = 0; text[at] != '\0'; at++) {
        if (limit->content == CONTENT_TEXT) {
            if (!take_byte(&characters, (uint8_t)text[at]) || characters.count > most)
                return SGD_BAD_INPUT;
        } else if (at == most) {
            return SGD_BAD_INPUT;
        }
    }
    if (characters.missing > 0)
        return SGD_BAD_INPUT;
    *size = at;
    return SGD_DONE;
}

uint16_t check_value(const void *value, size_t size, const struct field_limit *limit)
{
    struct characters characters = {0, 0, 0, 0};
    const uint8_t *bytes = value;
    size_t at, most = most_bytes(limit, LONGEST_UNDECLARED_VALUE);

    if (limit->content != CONTENT_TEXT)
        return size > most ? SGD_BAD_INPUT : SGD_DONE;
    for (at = 0; at < size; at++)
        if (!take_byte(&characters, bytes[at]) || characters.count > most)
            return SGD_BAD_INPUT;
    return characters.missing > 0 ? SGD_BAD_INPUT : SGD_DONE;
}
