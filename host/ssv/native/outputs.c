/* What a program of SSV gets: zones that the library allocates, and moments. */
#include <limits.h>
#include <string.h>

#include "call.h"
#include "frame_numbers.h"
#include "memory.h"
#include "reply.h"

static uint16_t check_zone(const struct output *output, struct reply *reply)
{
    const uint8_t *bytes;
    size_t size;

    (void)output;
    return reply_bytes(reply, 4, &bytes, &size) == 0 ? SSV_CODE_DONE : SSV_CODE_INCOHERENT;
}

static uint16_t copy_zone(struct reply *reply, void **zone, size_t *size)
{
    const uint8_t *bytes;
    void *copy;

    if (reply_bytes(reply, 4, &bytes, size) != 0)
        return SSV_CODE_INCOHERENT;
    copy = memory_take(*size);
    if (copy == NULL)
        return SSV_CODE_ALLOCATION;
    memcpy(copy, bytes, *size);
    *zone = copy;
    return SSV_CODE_DONE;
}

static uint16_t fill_zone(const struct output *output, struct reply *reply)
{
    size_t size;
    uint16_t code = copy_zone(reply, output->value, &size);

    if (code == SSV_CODE_DONE)
        *output->sizes = size;
    return code;
}

void call_zone_out(struct call *call, void **zone, size_t *size)
{
    if (zone == NULL || size == NULL) {
        call_fail(call, SSV_CODE_OUTPUT);
        return;
    }
    *zone = NULL;
    *size = 0;
    call_want(call, (struct output){check_zone, fill_zone, zone, size, NULL, 0, NULL});
}

static uint16_t check_zones(const struct output *output, struct reply *reply)
{
    const short room = *output->count;
    uint32_t count;

    if (reply_number(reply, 2, &count) != 0 || count > FRAME_MOST_ZONES)
        return SSV_CODE_INCOHERENT;
    for (uint32_t at = 0; at < count; at++)
        if (check_zone(output, reply) != SSV_CODE_DONE)
            return SSV_CODE_INCOHERENT;
    if ((uint32_t)room >= count)
        return SSV_CODE_DONE;
    *output->count = (short)count;
    return SSV_CODE_OUTPUT;
}

static uint16_t fill_zones(const struct output *output, struct reply *reply)
{
    void **zones = output->value;
    uint32_t count = 0, at;

    reply_number(reply, 2, &count);
    for (at = 0; at < count; at++) {
        uint16_t code = copy_zone(reply, &zones[at], &output->sizes[at]);
        if (code != SSV_CODE_DONE) {
            while (at-- > 0) {
                memory_give_back(zones[at]);
                zones[at] = NULL;
            }
            return code;
        }
    }
    *output->count = (short)count;
    return SSV_CODE_DONE;
}

void call_zones_out(struct call *call, short *count, void **zones, size_t *sizes)
{
    if (count == NULL || zones == NULL || sizes == NULL || *count < 0) {
        call_fail(call, SSV_CODE_OUTPUT);
        return;
    }
    call_want(call, (struct output){check_zones, fill_zones, zones, sizes, count, 0, NULL});
}

static uint16_t check_moment(const struct output *output, struct reply *reply)
{
    const uint8_t *bytes;
    size_t size;

    (void)output;
    return reply_bytes(reply, 2, &bytes, &size) == 0 && size == FRAME_MOMENT_BYTES ? SSV_CODE_DONE
                                                                                    : SSV_CODE_INCOHERENT;
}

static uint16_t fill_moment(const struct output *output, struct reply *reply)
{
    char *moment = output->value;
    const uint8_t *bytes;
    size_t size;

    if (reply_bytes(reply, 2, &bytes, &size) != 0)
        return SSV_CODE_INCOHERENT;
    memcpy(moment, bytes, size);
    moment[size] = '\0';
    return SSV_CODE_DONE;
}

void call_moment_out(struct call *call, char *moment)
{
    if (moment == NULL) {
        call_fail(call, SSV_CODE_OUTPUT);
        return;
    }
    call_want(call, (struct output){check_moment, fill_moment, moment, NULL, NULL, 0, NULL});
}
