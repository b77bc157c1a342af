/* What goes into calls of the GALSS and comes out of them. */
#include "galss_call.h"

#include <string.h>

#include "reply.h"

#define MOST_BYTES 0xFFFFu

/* Inputs. */

void galss_bytes(struct call *call, const void *bytes, const uint16_t *size)
{
    if (bytes == NULL || size == NULL)
        call_fail(call, SSV_CODE_PARAMETER);
    else
        call_add(call, *size, 4, bytes, *size);
}

void galss_message(struct call *call, const char *message, const uint32_t *size)
{
    if (message == NULL || size == NULL || *size > MOST_BYTES)
        call_fail(call, SSV_CODE_PARAMETER);
    else
        call_add(call, *size, 2, message, *size);
}

/* Outputs with a fixed room. */

static uint16_t check_text(const struct output *output, struct reply *reply)
{
    const uint8_t *bytes;
    size_t size;

    if (reply_bytes(reply, 2, &bytes, &size) != 0 || size > output->session)
        return SSV_CODE_INCOHERENT;
    return SSV_CODE_DONE;
}

static uint16_t fill_text(const struct output *output, struct reply *reply)
{
    char *text = output->value;
    const uint8_t *bytes;
    size_t size;

    if (reply_bytes(reply, 2, &bytes, &size) != 0)
        return SSV_CODE_INCOHERENT;
    if (text != NULL && size > 0) {
        memcpy(text, bytes, size);
        text[size] = '\0';
    }
    return SSV_CODE_DONE;
}

void galss_text_out(struct call *call, char *text, size_t longest, enum presence presence)
{
    if (text == NULL && presence == REQUIRED)
        call_fail(call, SSV_CODE_PARAMETER);
    call_want(call, (struct output){check_text, fill_text, text, NULL, NULL, (uint16_t)longest, NULL});
}

static uint16_t check_number(const struct output *output, struct reply *reply)
{
    uint32_t number;

    return reply_number(reply, output->session, &number) == 0 ? SSV_CODE_DONE : SSV_CODE_INCOHERENT;
}

static uint16_t fill_number(const struct output *output, struct reply *reply)
{
    uint32_t number;

    if (reply_number(reply, output->session, &number) != 0)
        return SSV_CODE_INCOHERENT;
    if (output->value != NULL && output->session == sizeof(uint8_t))
        *(uint8_t *)output->value = (uint8_t)number;
    else if (output->value != NULL)
        *(uint16_t *)output->value = (uint16_t)number;
    return SSV_CODE_DONE;
}

void galss_number_out(struct call *call, uint16_t *number, enum presence presence)
{
    if (number == NULL && presence == REQUIRED)
        call_fail(call, SSV_CODE_PARAMETER);
    call_want(call, (struct output){check_number, fill_number, number, NULL, NULL, sizeof *number, NULL});
}

void galss_byte_out(struct call *call, uint8_t *byte, enum presence presence)
{
    if (byte == NULL && presence == REQUIRED)
        call_fail(call, SSV_CODE_PARAMETER);
    call_want(call, (struct output){check_number, fill_number, byte, NULL, NULL, sizeof *byte, NULL});
}

/* Outputs whose room the program tells: bytes by 16 bits, messages by 32. */

static uint16_t check_bytes(const struct output *output, struct reply *reply)
{
    uint16_t *room = output->room;
    const uint8_t *bytes;
    size_t size;

    if (reply_bytes(reply, 4, &bytes, &size) != 0 || size > MOST_BYTES)
        return SSV_CODE_INCOHERENT;
    if (size <= *room)
        return SSV_CODE_DONE;
    *room = (uint16_t)size;
    return SSV_CODE_CONTEXT;
}

static uint16_t fill_bytes(const struct output *output, struct reply *reply)
{
    const uint8_t *bytes;
    size_t size;

    if (reply_bytes(reply, 4, &bytes, &size) != 0)
        return SSV_CODE_INCOHERENT;
    memcpy(output->value, bytes, size);
    *(uint16_t *)output->room = (uint16_t)size;
    return SSV_CODE_DONE;
}

void galss_bytes_out(struct call *call, void *bytes, uint16_t *room)
{
    if (bytes == NULL || room == NULL)
        call_fail(call, SSV_CODE_PARAMETER);
    call_want(call, (struct output){check_bytes, fill_bytes, bytes, NULL, NULL, 0, room});
}

static uint16_t check_message(const struct output *output, struct reply *reply)
{
    uint32_t *room = output->room;
    const uint8_t *bytes;
    size_t size;

    if (reply_bytes(reply, 2, &bytes, &size) != 0)
        return SSV_CODE_INCOHERENT;
    if (size <= *room)
        return SSV_CODE_DONE;
    *room = (uint32_t)size;
    return SSV_CODE_CONTEXT;
}

static uint16_t fill_message(const struct output *output, struct reply *reply)
{
    const uint8_t *bytes;
    size_t size;

    if (reply_bytes(reply, 2, &bytes, &size) != 0)
        return SSV_CODE_INCOHERENT;
    memcpy(output->value, bytes, size);
    *(uint32_t *)output->room = (uint32_t)size;
    return SSV_CODE_DONE;
}

void galss_message_out(struct call *call, char *message, uint32_t *room)
{
    if (message == NULL || room == NULL)
        call_fail(call, SSV_CODE_PARAMETER);
    call_want(call, (struct output){check_message, fill_message, message, NULL, NULL, 0, room});
}
