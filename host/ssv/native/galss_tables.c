/* Arrays and blocks of the field's structures: numbers come with their high byte first and go in the machine's
 * order, into memory that need not be aligned. */
#include "galss_call.h"

#include <string.h>

#include "galss.h"
#include "galss_resources.h"
#include "reply.h"

_Static_assert(sizeof(InfoRessource) == 26, "InfoRessource is packed");
_Static_assert(sizeof(IdentComposant) == 8, "IdentComposant is two times four bytes");

static uint16_t get_16(const uint8_t *from)
{
    return (uint16_t)(from[0] << 8 | from[1]);
}

static uint32_t get_32(const uint8_t *from)
{
    return (uint32_t)get_16(from) << 16 | get_16(from + 2);
}

static void put_16(void *to, size_t at, const uint8_t *from)
{
    const uint16_t number = get_16(from);

    memcpy((uint8_t *)to + at, &number, sizeof number);
}

/* Check an array of items of `size` bytes, whose room is a count. */
static uint16_t check_items(const struct output *output, struct reply *reply, size_t size)
{
    uint16_t *room = output->room;
    const uint8_t *bytes;
    size_t count;

    if (reply_bytes(reply, 4, &bytes, &count) != 0 || count % size != 0 || count / size > UINT16_MAX)
        return SSV_CODE_INCOHERENT;
    count /= size;
    if (room == NULL || output->value == NULL || count <= *room)
        return SSV_CODE_DONE;
    *room = (uint16_t)count;
    return SSV_CODE_CONTEXT;
}

static uint16_t check_resources(const struct output *output, struct reply *reply)
{
    return check_items(output, reply, sizeof(InfoRessource));
}

static uint16_t fill_resources(const struct output *output, struct reply *reply)
{
    uint8_t *to = output->value;
    const uint8_t *from;
    size_t size;

    if (reply_bytes(reply, 4, &from, &size) != 0)
        return SSV_CODE_INCOHERENT;
    *(uint16_t *)output->room = (uint16_t)(size / sizeof(InfoRessource));
    for (size_t at = 0; at < size; at += sizeof(InfoRessource)) {
        memcpy(to + at, from + at, sizeof(InfoRessource));
        put_16(to, at + offsetof(InfoRessource, TypeConnexion), from + at + offsetof(InfoRessource, TypeConnexion));
        put_16(to, at + offsetof(InfoRessource, Protocole), from + at + offsetof(InfoRessource, Protocole));
    }
    return SSV_CODE_DONE;
}

void galss_resources_out(struct call *call, void *resources, uint16_t *room)
{
    if (resources == NULL || room == NULL)
        call_fail(call, SSV_CODE_PARAMETER);
    call_want(call, (struct output){check_resources, fill_resources, resources, NULL, NULL, 0, room});
}

static uint16_t check_components(const struct output *output, struct reply *reply)
{
    return check_items(output, reply, sizeof(IdentComposant));
}

static uint16_t fill_components(const struct output *output, struct reply *reply)
{
    IdentComposant *to = output->value;
    const uint8_t *from;
    size_t size;

    if (reply_bytes(reply, 4, &from, &size) != 0)
        return SSV_CODE_INCOHERENT;
    size /= sizeof *to;
    if (output->room != NULL)
        *(uint16_t *)output->room = (uint16_t)size;
    for (size_t at = 0; at < size && to != NULL && output->room != NULL; at++, from += sizeof *to) {
        to[at].TypeComposant = get_32(from);
        memcpy(to[at].AscVersion, from + sizeof to[at].TypeComposant, sizeof to[at].AscVersion);
    }
    return SSV_CODE_DONE;
}

void galss_components_out(struct call *call, uint16_t *room, void *components)
{
    call_want(call, (struct output){check_components, fill_components, components, NULL, NULL, 0, room});
}

/* Blocks of usDump. */

enum table { CHANNELS = 1, PADS, LADS, NAMES };

/* A LAD as it travels, without the pointer that the structure has in C. */
#define LAD_NUMBER_AT 1
#define LAD_REST_AT 3
#define LAD_TRAVELS (sizeof(StructLAD) - sizeof(void *))

/* Write a block from `size` bytes as it travels. Return its size in C, 0 for bytes that are no such block. */
static size_t write_block(uint16_t table, const uint8_t *from, size_t size, uint8_t *to)
{
    static const size_t numbers_of_channel[] = {
        offsetof(StructCanal, TypeConnexion),
        offsetof(StructCanal, Protocole),
        offsetof(StructCanal, NumExclusivite),
        offsetof(StructCanal, FlagEtat),
    };

    if (table == CHANNELS && size == sizeof(StructCanal)) {
        memcpy(to, from, size);
        for (size_t at = 0; at < sizeof numbers_of_channel / sizeof *numbers_of_channel; at++)
            put_16(to, numbers_of_channel[at], from + numbers_of_channel[at]);
        return size;
    }
    if (table == PADS && size == sizeof(StructPAD)) {
        memcpy(to, from, size);
        put_16(to, offsetof(StructPAD, NumExclusivite), from + offsetof(StructPAD, NumExclusivite));
        return size;
    }
    if (table == LADS && size == LAD_TRAVELS) {
        memset(to, 0, sizeof(StructLAD));
        *to = *from;
        put_16(to, offsetof(StructLAD, NumExclusivite), from + LAD_NUMBER_AT);
        memcpy(to + offsetof(StructLAD, TailleCtx), from + LAD_REST_AT, size - LAD_REST_AT);
        put_16(to, offsetof(StructLAD, TailleCtx), from + LAD_REST_AT);
        put_16(to, offsetof(StructLAD, FlagEtat), from + LAD_REST_AT + 2);
        return sizeof(StructLAD);
    }
    if (table == NAMES && size == sizeof(StructAlias)) {
        memcpy(to, from, size);
        put_16(to, offsetof(StructAlias, NumAlias), from + offsetof(StructAlias, NumAlias));
        return size;
    }
    return 0;
}

union any_block {
    StructCanal channel;
    StructPAD pad;
    StructLAD lad;
    StructAlias name;
};

static uint16_t check_block(const struct output *output, struct reply *reply)
{
    uint16_t *room = output->room;
    uint8_t block[sizeof(union any_block)];
    const uint8_t *bytes;
    size_t size, needed;

    if (reply_bytes(reply, 4, &bytes, &size) != 0)
        return SSV_CODE_INCOHERENT;
    needed = write_block(output->session, bytes, size, block);
    if (needed == 0)
        return SSV_CODE_INCOHERENT;
    if (needed <= *room)
        return SSV_CODE_DONE;
    *room = (uint16_t)needed;
    return SSV_CODE_CONTEXT;
}

static uint16_t fill_block(const struct output *output, struct reply *reply)
{
    const uint8_t *bytes;
    size_t size;

    if (reply_bytes(reply, 4, &bytes, &size) != 0)
        return SSV_CODE_INCOHERENT;
    *(uint16_t *)output->room = (uint16_t)write_block(output->session, bytes, size, output->value);
    return SSV_CODE_DONE;
}

void galss_block_out(struct call *call, uint16_t table, uint16_t *room, void *block)
{
    if (room == NULL || block == NULL)
        call_fail(call, SSV_CODE_PARAMETER);
    call_want(call, (struct output){check_block, fill_block, block, NULL, NULL, table, room});
}
