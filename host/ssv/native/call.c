#define _GNU_SOURCE
#include "call.h"

#include <stdlib.h>
#include <string.h>

#include "code_words.h"
#include "frame_numbers.h"
#include "sgd_trace.h"

void call_begin(struct call *call, struct link *link, const char *name, uint16_t function, unsigned seconds)
{
    memset(call, 0, sizeof *call);
    call->link = link;
    call->name = name;
    call->function = function;
    call->seconds = seconds;
    call->code = link->begun ? SSV_CODE_DONE : SSV_CODE_NOT_INITIALISED;
    call->parts = call->few;
    call->part_room = FEW_PARTS;
    clock_gettime(CLOCK_MONOTONIC, &call->begun);
}

void call_fail(struct call *call, uint16_t code)
{
    if (call->code == SSV_CODE_DONE)
        call->code = code;
}

/* Inputs. */

static int make_room(struct call *call)
{
    struct part *more;

    if (call->part_count < call->part_room)
        return 0;
    more = malloc(2 * call->part_room * sizeof *more);
    if (more == NULL)
        return -1;
    memcpy(more, call->parts, call->part_count * sizeof *more);
    if (call->parts != call->few)
        free(call->parts);
    call->parts = more;
    call->part_room *= 2;
    return 0;
}

void call_add(struct call *call, uint32_t head, uint8_t head_size, const void *bytes, size_t size)
{
    struct part *part;

    if (call->code != SSV_CODE_DONE)
        return;
    if (make_room(call) != 0) {
        call_fail(call, SSV_CODE_ALLOCATION);
        return;
    }
    part = &call->parts[call->part_count++];
    part->head_size = head_size;
    while (head_size-- > 0) {
        part->head[head_size] = (uint8_t)head;
        head >>= 8;
    }
    part->bytes = bytes;
    part->size = size;
}

static void add_text(struct call *call, const char *text, size_t longest, uint16_t too_long)
{
    size_t size;

    if (call->code != SSV_CODE_DONE)
        return;
    size = strnlen(text, longest + 1);
    if (size > longest)
        call_fail(call, too_long);
    call_add(call, (uint32_t)size, 2, text, size);
}

void call_text(struct call *call, const char *text, size_t longest, enum presence presence)
{
    if (text == NULL && presence == REQUIRED)
        call_fail(call, SSV_CODE_INPUT);
    add_text(call, text == NULL ? "" : text, longest, SSV_CODE_INPUT);
}

void call_resource(struct call *call, const char *name, size_t longest)
{
    if (name == NULL)
        call_fail(call, SSV_CODE_INPUT);
    add_text(call, name == NULL ? "" : name, longest, SSV_CODE_NAME);
}

void call_byte(struct call *call, uint8_t byte)
{
    call_add(call, byte, 1, NULL, 0);
}

void call_number(struct call *call, uint16_t number)
{
    call_add(call, number, 2, NULL, 0);
}

void call_zone(struct call *call, const void *zone, size_t size)
{
    if (zone == NULL || size > FRAME_MOST_ZONE_BYTES)
        call_fail(call, SSV_CODE_INPUT);
    call_add(call, (uint32_t)size, 4, zone, size);
    call->zone_bytes += size;
}

void call_zones(struct call *call, short count, void *const *zones, const size_t *sizes)
{
    if (count < 0 || (unsigned)count > FRAME_MOST_ZONES || (count > 0 && (zones == NULL || sizes == NULL)))
        call_fail(call, SSV_CODE_INPUT);
    call_number(call, (uint16_t)count);
    for (short at = 0; at < count && call->code == SSV_CODE_DONE; at++)
        call_zone(call, zones[at], sizes[at]);
}

/* The call itself. */

void call_want(struct call *call, struct output output)
{
    call->outputs[call->output_count++] = output;
}

/* Take the answer apart twice: nothing is given to the program before all of it is known to be sound. */
static uint16_t give_outputs(const struct call *call, const struct reply *reply)
{
    struct reply checked = *reply, filled = *reply;
    uint16_t code = SSV_CODE_DONE;

    for (size_t at = 0; at < call->output_count && code == SSV_CODE_DONE; at++)
        code = call->outputs[at].check(&call->outputs[at], &checked);
    if (code == SSV_CODE_DONE && checked.left > 0)
        code = SSV_CODE_INCOHERENT;
    for (size_t at = 0; at < call->output_count && code == SSV_CODE_DONE; at++)
        code = call->outputs[at].fill(&call->outputs[at], &filled);
    return code;
}

static void trace_call(const struct call *call, size_t answered)
{
    struct timespec now;
    long duration;

    if (!trace_wants(call->code))
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    duration = (long)(now.tv_sec - call->begun.tv_sec) * 1000000 + (now.tv_nsec - call->begun.tv_nsec) / 1000;
    if (call->has_session)
        trace_line("%s session=%04X in=%zu out=%zu %ldus -> %04X %s", call->name, call->session, call->zone_bytes,
                   answered, duration, call->code, code_words(call->code));
    else
        trace_line("%s in=%zu out=%zu %ldus -> %04X %s", call->name, call->zone_bytes, answered, duration, call->code,
                   code_words(call->code));
}

uint16_t call_carry_out(struct call *call)
{
    struct reply reply = {NULL, NULL, 0, call->told_on_error};

    if (call->code == SSV_CODE_DONE)
        call->code = link_exchange(call->link, call->function, call->parts, call->part_count, call->seconds, &reply);
    if (call->code == SSV_CODE_DONE || reply.left > 0) {
        uint16_t given = give_outputs(call, &reply);
        if (given == SSV_CODE_INCOHERENT)
            link_give_up(call->link);
        if (call->code == SSV_CODE_DONE || given == SSV_CODE_INCOHERENT)
            call->code = given;
    }
    trace_call(call, reply.left);
    free(reply.body);
    free(call->input);
    if (call->parts != call->few)
        free(call->parts);
    return call->code;
}
