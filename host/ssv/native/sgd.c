/* The functions of SGD, as a program calls them. `tla_sim.host.ssv.sgd_functions` declares them. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "field_value.h"
#include "inside.h"
#include "session.h"
#include "sgd.h"
#include "sgd_trace.h"
#include "value_file.h"

#define TRACE_ALL_MODULES 0
#define TRACE_SGD 1

static int has_output(const struct session *session)
{
    return session->output.bytes != NULL;
}

/* Sessions. */

TLA_EXPORT unsigned short API_ENTRY SGD_ReserverSession(size_t size, unsigned short *session)
{
    uint16_t code = session == NULL ? SGD_NO_ROOM : reserve_session(size, session);

    TRACE(code, "SGD_ReserverSession", "size=%zu session=%04X", size, code == SGD_DONE ? *session : 0u);
    return code;
}

static uint16_t resize(uint16_t number, size_t size)
{
    struct session *session = enter_session(number);
    uint16_t code = SGD_DONE;
    uint8_t *moved;

    if (session == NULL)
        return SGD_BAD_SESSION;
    if (size == 0) {
        code = SGD_BAD_INPUT;
    } else if (size > ZONE_MOST_BYTES) {
        code = SGD_NO_MEMORY;
    } else if (size < session->input.size) {
        code = SGD_ZONE_FULL;
    } else if ((moved = realloc(session->input.bytes, size)) == NULL) {
        code = SGD_NO_MEMORY;
    } else {
        session->input.bytes = moved;
        session->input.room = size;
    }
    leave_session(session);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SGD_RedimensionnerBuffer(unsigned short session, size_t size)
{
    uint16_t code = resize(session, size);

    TRACE(code, "SGD_RedimensionnerBuffer", "session=%04X size=%zu", session, size);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SGD_LibererSession(unsigned short session)
{
    uint16_t code = release_session(session);

    TRACE(code, "SGD_LibererSession", "session=%04X", session);
    return code;
}

/* Building the input. */

static uint16_t add_group(uint16_t number, uint16_t group)
{
    struct session *session = enter_session(number);
    struct zone_draft draft;
    uint16_t code;

    if (session == NULL)
        return SGD_BAD_SESSION;
    draft = session->input;
    if (session->sent || has_output(session))
        zone_clear(&draft);
    code = zone_begin_group(&draft, group);
    if (code == SGD_DONE) {
        session->input = draft;
        session->limits = find_limits(group);
        session->sent = 0;
        zone_free(&session->output);
    }
    leave_session(session);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SGD_AjouterGroupe(unsigned short session, unsigned short group)
{
    uint16_t code = add_group(session, group);

    TRACE(code, "SGD_AjouterGroupe", "session=%04X group=%u", session, group);
    return code;
}

/* Add a field: the text when there is one, otherwise `*size` bytes of `value`. `*size` becomes its size. */
static uint16_t add_field(uint16_t number, const char *text, const void *value, size_t *size)
{
    struct session *session = enter_session(number);
    struct field_limit limit;
    uint16_t code;

    if (session == NULL)
        return SGD_BAD_SESSION;
    code = session->input.open && !session->sent ? SGD_DONE : SGD_NO_HEADER;
    if (code == SGD_DONE)
        code = find_limit(session->limits, session->input.fields + 1, &limit);
    if (code == SGD_DONE)
        code = text != NULL ? measure_text(text, &limit, size) : check_value(value, *size, &limit);
    if (code == SGD_DONE)
        code = zone_add_field(&session->input, text != NULL ? text : value, *size);
    leave_session(session);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SGD_AjouterChamp(unsigned short session, const char *value)
{
    size_t size = 0;
    uint16_t code = value == NULL ? SGD_BAD_INPUT : add_field(session, value, NULL, &size);

    TRACE(code, "SGD_AjouterChamp", "session=%04X length=%zu", session, size);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SGD_AjouterChampBin(unsigned short session, const char *value, size_t size)
{
    uint16_t code = value == NULL ? SGD_BAD_INPUT : add_field(session, NULL, value, &size);

    TRACE(code, "SGD_AjouterChampBin", "session=%04X length=%zu", session, size);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SGD_AjouterChampFichier(unsigned short session, const char *path)
{
    void *content = NULL;
    size_t size = 0;
    uint16_t code = path == NULL ? SGD_BAD_INPUT : read_value_file(path, &content, &size);

    if (code == SGD_DONE)
        code = add_field(session, NULL, content, &size);
    free(content);
    TRACE(code, "SGD_AjouterChampFichier", "session=%04X length=%zu", session, size);
    return code;
}

/* Reading the output. */

static uint16_t next_group(uint16_t number, uint16_t group, uint16_t occurrence, uint16_t *next,
                           uint16_t *next_occurrence)
{
    struct session *session = enter_session(number);
    uint16_t code;

    if (session == NULL)
        return SGD_BAD_SESSION;
    code = zone_next(&session->output, group, occurrence, next, next_occurrence);
    leave_session(session);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SGD_LireGroupeSuivant(unsigned short session, unsigned short group,
                                                unsigned short occurrence, unsigned short *next,
                                                unsigned short *next_occurrence)
{
    uint16_t code = next == NULL || next_occurrence == NULL
                        ? SGD_NO_ROOM
                        : next_group(session, group, occurrence, next, next_occurrence);

    TRACE(code, "SGD_LireGroupeSuivant", "session=%04X after=%u/%u found=%u/%u", session, group, occurrence,
          code == SGD_DONE ? *next : 0u, code == SGD_DONE ? *next_occurrence : 0u);
    return code;
}

/* Copy a value, with a NUL behind it when it is `ended`, into `*room` bytes; `*room` becomes its size, or the
 * room needed. */
static uint16_t read_field(uint16_t number, uint16_t group, uint16_t occurrence, uint16_t field, char *to,
                           size_t *room, size_t ended)
{
    struct session *session = enter_session(number);
    const uint8_t *value;
    size_t size;
    uint16_t code;

    if (session == NULL)
        return SGD_BAD_SESSION;
    code = zone_value(&session->output, group, occurrence, field, &value, &size);
    if (code == SGD_DONE && (to == NULL || *room < size + ended)) {
        *room = size + ended;
        code = SGD_NO_ROOM;
    } else if (code == SGD_DONE) {
        memcpy(to, value, size);
        if (ended)
            to[size] = '\0';
        *room = size;
    }
    leave_session(session);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SGD_LireChamp(unsigned short session, unsigned short group,
                                        unsigned short occurrence, unsigned short field, char *value,
                                        size_t *room)
{
    uint16_t code = room == NULL ? SGD_NO_ROOM : read_field(session, group, occurrence, field, value, room, 1);

    TRACE(code, "SGD_LireChamp", "session=%04X group=%u/%u field=%u length=%zu", session, group, occurrence,
          field, code == SGD_DONE ? *room : 0);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SGD_LireChampBin(unsigned short session, unsigned short group,
                                           unsigned short occurrence, unsigned short field, char *value,
                                           size_t *room)
{
    uint16_t code = room == NULL ? SGD_NO_ROOM : read_field(session, group, occurrence, field, value, room, 0);

    TRACE(code, "SGD_LireChampBin", "session=%04X group=%u/%u field=%u length=%zu", session, group, occurrence,
          field, code == SGD_DONE ? *room : 0);
    return code;
}

/* Copy a value into memory that free() returns. */
static uint16_t copy_field(uint16_t number, uint16_t group, uint16_t occurrence, uint16_t field, void **copy,
                           size_t *size)
{
    struct session *session = enter_session(number);
    const uint8_t *value;
    uint16_t code;

    if (session == NULL)
        return SGD_BAD_SESSION;
    code = zone_value(&session->output, group, occurrence, field, &value, size);
    if (code == SGD_DONE && (*copy = malloc(*size + 1)) == NULL)
        code = SGD_NO_MEMORY;
    if (code == SGD_DONE)
        memcpy(*copy, value, *size);
    leave_session(session);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SGD_LireChampFichier(unsigned short session, unsigned short group,
                                               unsigned short occurrence, unsigned short field,
                                               const char *path)
{
    void *copy = NULL;
    size_t size = 0;
    uint16_t code = path == NULL ? SGD_BAD_INPUT : copy_field(session, group, occurrence, field, &copy, &size);

    if (code == SGD_DONE)
        code = write_value_file(path, copy, size);
    free(copy);
    TRACE(code, "SGD_LireChampFichier", "session=%04X group=%u/%u field=%u length=%zu", session, group,
          occurrence, field, size);
    return code;
}

/* The trace. */

TLA_EXPORT unsigned short API_ENTRY SGD_InitTrace(const char *file, const char *mode, unsigned short module,
                                        unsigned char level)
{
    uint16_t code = module == TRACE_ALL_MODULES || module == TRACE_SGD ? trace_open(file, mode, level)
                                                                       : SGD_BAD_TRACE_MODULE;

    TRACE(code, "SGD_InitTrace", "module=%u level=%u", module, level);
    return code;
}

/* What libssvlux uses. */

uint16_t tla_sgd_take_input(uint16_t number, void **zone, size_t *size)
{
    struct session *session;
    uint16_t code = SGD_DONE;
    void *copy;

    if (zone == NULL || size == NULL)
        return SGD_NO_ROOM;
    session = enter_session(number);
    if (session == NULL)
        return SGD_BAD_SESSION;
    copy = malloc(session->input.size + 1);
    if (copy == NULL) {
        code = SGD_NO_MEMORY;
    } else {
        memcpy(copy, session->input.bytes, session->input.size);
        *zone = copy;
        *size = session->input.size;
        session->sent = 1;
    }
    leave_session(session);
    TRACE(code, "input", "session=%04X size=%zu", number, code == SGD_DONE ? *size : 0);
    return code;
}

uint16_t tla_sgd_give_output(uint16_t number, const void *zone, size_t size)
{
    struct session *session = enter_session(number);
    uint16_t code;

    if (session == NULL)
        return SGD_BAD_SESSION;
    code = zone_read(&session->output, zone, size);
    if (code == SGD_DONE)
        zone_clear(&session->input);
    leave_session(session);
    TRACE(code, "output", "session=%04X size=%zu", number, size);
    return code;
}

uint16_t tla_sgd_drop_output(uint16_t number)
{
    struct session *session = enter_session(number);

    if (session == NULL)
        return SGD_BAD_SESSION;
    zone_free(&session->output);
    leave_session(session);
    TRACE(SGD_DONE, "no output", "session=%04X", number);
    return SGD_DONE;
}
