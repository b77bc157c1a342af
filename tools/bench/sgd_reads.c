/* Timed reads of a zone field by field: sgd_reads ZONE. Prints, in nanoseconds, a read of a field, the same value
 * found by walking the zone from its start, the bare copy of a value, and the whole zone given and read. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "inside.h"
#include "sgd.h"

#define ROOM 2048
#define TURNS 200

/* A field of the zone: its name for the library, and where its value is. */
struct place {
    unsigned short group, occurrence, field;
    const unsigned char *value;
    size_t size;
};

static unsigned char zone[1 << 20];
static size_t zone_size;
static struct place places[1 << 14];
static size_t place_count;
static char value[ROOM];

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static const unsigned char *length(const unsigned char *at, size_t *size)
{
    if (*at < 0x80) {
        *size = *at;
        return at + 1;
    }
    *size = *at == 0x81 ? at[1] : (size_t)at[1] << 8 | at[2];
    return at + (*at == 0x81 ? 2 : 3);
}

/* Find a value as a library without an index does. */
__attribute__((noinline)) static int walk(unsigned short group, unsigned short occurrence, unsigned short field)
{
    const unsigned char *at = zone, *end = zone + zone_size;
    unsigned short met = 0, position;
    size_t size;

    while (at < end) {
        unsigned short number = (unsigned short)(at[0] << 8 | at[1]);
        const unsigned char *fields = length(at + 2, &size), *stop = fields + size;

        if (number == group && ++met == occurrence) {
            for (position = 1; fields < stop; position++) {
                fields = length(fields, &size);
                if (position == field) {
                    memcpy(value, fields, size);
                    value[size] = '\0';
                    return 1;
                }
                fields += size;
            }
        }
        at = stop;
    }
    return 0;
}

__attribute__((noinline)) static void copy(const struct place *place)
{
    memcpy(value, place->value, place->size);
    value[place->size] = '\0';
}

/* Read the output as programs do: each field from 1, until there is none. Return how many there are. */
static size_t read_all(unsigned short session, struct place *found)
{
    unsigned short group = 0, occurrence = 0, field;
    size_t count = 0;

    while (SGD_LireGroupeSuivant(session, group, occurrence, &group, &occurrence) == SGD_DONE)
        for (field = 1;; field++) {
            size_t room = ROOM;

            if (SGD_LireChamp(session, group, occurrence, field, value, &room) != SGD_DONE)
                break;
            if (found != NULL)
                found[count] = (struct place){group, occurrence, field, NULL, room};
            count++;
        }
    return count;
}

/* Point each place to its value in the zone. */
static void locate(void)
{
    const unsigned char *at = zone, *end = zone + zone_size;
    size_t i = 0, size;

    while (at < end) {
        const unsigned char *fields = length(at + 2, &size), *stop = fields + size;

        while (fields < stop) {
            places[i].value = length(fields, &size);
            fields = places[i++].value + size;
        }
        at = stop;
    }
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

int main(int count, char **arguments)
{
    double read = 1e18, walked = 1e18, copied = 1e18, whole = 1e18, start;
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    unsigned short session;
    size_t i, turn;

    if (file == NULL)
        return 2;
    zone_size = fread(zone, 1, sizeof zone, file);
    fclose(file);
    if (SGD_ReserverSession(ROOM, &session) != SGD_DONE || tla_sgd_give_output(session, zone, zone_size) != SGD_DONE)
        return 1;
    place_count = read_all(session, places);
    locate();
    for (turn = 0; turn < TURNS; turn++) {
        start = now();
        if (tla_sgd_give_output(session, zone, zone_size) != SGD_DONE || read_all(session, NULL) != place_count)
            return 1;
        whole = least(whole, now() - start);
        start = now();
        for (i = 0; i < place_count; i++) {
            size_t room = ROOM;

            if (SGD_LireChamp(session, places[i].group, places[i].occurrence, places[i].field, value, &room)
                != SGD_DONE)
                return 1;
        }
        read = least(read, now() - start);
        start = now();
        for (i = 0; i < place_count; i++)
            if (!walk(places[i].group, places[i].occurrence, places[i].field))
                return 1;
        walked = least(walked, now() - start);
        start = now();
        for (i = 0; i < place_count; i++)
            copy(&places[i]);
        copied = least(copied, now() - start);
    }
    printf("%.3f %.3f %.3f %.0f\n", read / (double)place_count, walked / (double)place_count,
           copied / (double)place_count, whole);
    return 0;
}
