#include "sis.h"

#include <stdlib.h>
#include <string.h>

#include "frame_numbers.h"
#include "inside.h"
#include "reply.h"

void call_for_session(struct call *call, uint16_t session)
{
    uint16_t code;

    call->has_session = 1;
    call->session = session;
    if (call->code != SSV_CODE_DONE)
        return;
    code = tla_sgd_take_input(session, &call->input, &call->input_size);
    if (code != SSV_CODE_DONE)
        call_fail(call, code);
}

/* Inputs. */

void call_session_zone(struct call *call)
{
    if (call->code == SSV_CODE_DONE)
        call_zone(call, call->input, call->input_size);
}

/* Take the head of a group, which begins at `at`. Return where the group ends; 0 for one that is cut short. */
static size_t end_of_group(const uint8_t *zone, size_t size, size_t at, uint16_t *number)
{
    struct reply rest = {NULL, zone + at, size - at, 0};
    uint32_t id, length;

    if (reply_number(&rest, 2, &id) != 0 || reply_number(&rest, 1, &length) != 0)
        return 0;
    if (length >= 0x80 && (length > 0x82 || length == 0x80 || reply_number(&rest, length - 0x80, &length) != 0))
        return 0;
    *number = (uint16_t)id;
    return length > rest.left ? 0 : size - rest.left + length;
}

/* Return the position of a group's number in `headers`, or `count`. */
static size_t rank_of(uint16_t number, const uint16_t *headers, size_t count)
{
    size_t rank = 0;

    while (rank < count && headers[rank] != number)
        rank++;
    return rank;
}

/* Walk through the zones of an input, and add each to the call, if there is one. Return how many there are. */
static size_t walk_zones(struct call *call, const uint8_t *input, size_t size, const uint16_t *headers, size_t count,
                         int add)
{
    size_t begin = 0, zones = 0, before = count; /* the rank of the group before; `count`: no header */
    size_t at = 0;

    while (at < size) {
        uint16_t number = 0;
        size_t end = end_of_group(input, size, at, &number);
        size_t rank = rank_of(number, headers, count);

        if (end == 0) {
            call_fail(call, SSV_CODE_INPUT);
            return 0;
        }
        if (at > begin && rank < count && !(before < rank)) {
            if (add)
                call_zone(call, input + begin, at - begin);
            begin = at;
            zones++;
        }
        before = rank;
        at = end;
    }
    if (size > begin) {
        if (add)
            call_zone(call, input + begin, size - begin);
        zones++;
    }
    return zones;
}

void call_session_zones(struct call *call, const uint16_t *headers, size_t header_count)
{
    size_t count;

    if (call->code != SSV_CODE_DONE)
        return;
    count = walk_zones(call, call->input, call->input_size, headers, header_count, 0);
    if (count > FRAME_MOST_ZONES)
        call_fail(call, SSV_CODE_INPUT);
    call_number(call, (uint16_t)count);
    walk_zones(call, call->input, call->input_size, headers, header_count, 1);
}

/* Outputs. */

/* Take one zone, or a count and as many, and join them. `joined` may be NULL; `*size` is how long they are in all. */
static uint16_t join(struct reply *reply, int several, uint8_t *joined, size_t *size)
{
    uint32_t count = 1;

    *size = 0;
    if (several && reply_number(reply, 2, &count) != 0)
        return SSV_CODE_INCOHERENT;
    while (count-- > 0) {
        const uint8_t *bytes;
        size_t more;
        if (reply_bytes(reply, 4, &bytes, &more) != 0)
            return SSV_CODE_INCOHERENT;
        if (joined != NULL)
            memcpy(joined + *size, bytes, more);
        *size += more;
    }
    return SSV_CODE_DONE;
}

static uint16_t check_joined(const struct output *output, struct reply *reply)
{
    size_t size;

    return join(reply, output->count != NULL, NULL, &size);
}

static uint16_t fill_joined(const struct output *output, struct reply *reply)
{
    struct reply measured = *reply;
    uint8_t *joined;
    size_t size;
    uint16_t code;

    join(&measured, output->count != NULL, NULL, &size);
    joined = malloc(size + 1);
    if (joined == NULL)
        return SSV_CODE_ALLOCATION;
    join(reply, output->count != NULL, joined, &size);
    code = tla_sgd_give_output(output->session, joined, size);
    free(joined);
    return code == SSV_CODE_INPUT ? SSV_CODE_INCOHERENT : code;
}

static short several_zones;

void call_session_zone_out(struct call *call)
{
    call_want(call, (struct output){check_joined, fill_joined, NULL, NULL, NULL, call->session, NULL});
}

void call_session_zones_out(struct call *call)
{
    call_want(call, (struct output){check_joined, fill_joined, NULL, NULL, &several_zones, call->session, NULL});
}

uint16_t call_carry_out_for_session(struct call *call)
{
    const int gives = call->output_count > 0;
    uint16_t code = call_carry_out(call);

    if (code != SSV_CODE_DONE)
        tla_sgd_drop_output(call->session);
    else if (!gives)
        code = tla_sgd_give_output(call->session, "", 0);
    return code;
}
