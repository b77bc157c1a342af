/* Any bytes as a zone: a fuzz target for libFuzzer, and with FUZZ_FILES a program that runs it on files, each also
 * cut short at every byte and with each byte changed.
 *
 * Whatever is read as a zone can be walked over to its end, and its parts make a zone with the same parts.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone.h"

static void require(int line, int holds)
{
    if (holds)
        return;
    fprintf(stderr, "zone_fuzz.c:%d does not hold\n", line);
    abort();
}

#define REQUIRE(condition) require(__LINE__, (condition))

/* Add each field of a group to the draft. */
static void copy_fields(const struct zone *zone, uint16_t number, uint16_t occurrence, struct zone_draft *draft)
{
    const uint8_t *value;
    uint16_t field;
    size_t size;

    for (field = 1; field != 0; field++) {
        uint16_t code = zone_value(zone, number, occurrence, field, &value, &size);

        if (code == SGD_NOT_FOUND)
            return;
        REQUIRE(code == SGD_DONE);
        REQUIRE(value >= zone->bytes && size <= zone->size && value + size <= zone->bytes + zone->size);
        REQUIRE(zone_add_field(draft, value, size) == SGD_DONE);
    }
}

/* Make a zone of the parts of another. Group 0 cannot be begun: return 0 when there is one. */
static int copy_zone(const struct zone *zone, struct zone_draft *draft)
{
    uint16_t number = 0, occurrence = 0;

    while (zone_next(zone, number, occurrence, &number, &occurrence) == SGD_DONE) {
        if (number == 0)
            return 0;
        REQUIRE(zone_begin_group(draft, number) == SGD_DONE);
        copy_fields(zone, number, occurrence, draft);
        REQUIRE(zone_value(zone, number, occurrence, 0, NULL, NULL) == SGD_NOT_FOUND);
    }
    REQUIRE(zone_next(zone, number, occurrence, &number, &occurrence) == SGD_LAST_GROUP);
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct zone zone = {0}, again = {0};
    struct zone_draft draft = {0};

    if (zone_read(&zone, bytes, size) != SGD_DONE) {
        REQUIRE(zone.bytes == NULL);
        return 0;
    }
    draft.room = size;
    draft.bytes = malloc(size + 1);
    REQUIRE(draft.bytes != NULL);
    if (copy_zone(&zone, &draft)) {
        /* Shorter, when a length had more bytes than it needs. */
        REQUIRE(draft.size <= size);
        REQUIRE(draft.size < size || size == 0 || memcmp(draft.bytes, bytes, size) == 0);
        REQUIRE(zone_read(&again, draft.bytes, draft.size) == SGD_DONE);
        REQUIRE(again.group_count == zone.group_count);
    }
    zone_free(&again);
    zone_free(&zone);
    free(draft.bytes);
    return 0;
}

#ifdef FUZZ_FILES
static void run(const uint8_t *bytes, size_t size)
{
    /* A copy of just this size, so that a sanitizer sees a byte read behind it. */
    uint8_t *copy = malloc(size + 1);

    REQUIRE(copy != NULL);
    copy = realloc(copy, size > 0 ? size : 1);
    REQUIRE(copy != NULL);
    if (size > 0)
        memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

int main(int count, char **names)
{
    static const uint8_t changes[] = {0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0x83, 0xFF};
    static uint8_t bytes[1 << 20];
    size_t size, i, j;
    int each;

    for (each = 1; each < count; each++) {
        FILE *file = fopen(names[each], "rb");

        REQUIRE(file != NULL);
        size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        run(bytes, size);
        for (i = 0; i < size; i++) {
            uint8_t kept = bytes[i];

            run(bytes, i);
            for (j = 0; j < sizeof changes; j++) {
                bytes[i] = changes[j];
                run(bytes, size);
            }
            bytes[i] = kept;
        }
    }
    printf("%d files\n", count - 1);
    return 0;
}
#endif
