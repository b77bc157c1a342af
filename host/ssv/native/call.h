/* A call in the making: the functions' bodies, written from the declarations, are made of these.
 *
 * The first mistake is kept in `code`, and nothing is sent then. Nothing is copied but lengths: texts and zones go
 * to the server from the program's own memory, so that no memory of the library ever holds a code porteur.
 */
#ifndef TLA_CALL_H
#define TLA_CALL_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "link.h"
#include "ssv_codes.h"

#define TLA_EXPORT __attribute__((visibility("default")))
#define FEW_PARTS 12u
#define MOST_OUTPUTS 4u

enum presence { REQUIRED, OPTIONAL };

struct call;

/* An output: `check` takes it out of the reply and says whether there is room for it; `fill` gives it to the program,
 * all being checked. Both begin where the output before ended. */
struct output {
    uint16_t (*check)(const struct output *output, struct reply *reply);
    uint16_t (*fill)(const struct output *output, struct reply *reply);
    void *value;
    size_t *sizes;
    short *count;
    uint16_t session;
    void *room; /* where the program says how much fits, of a type that only the output knows */
};

struct call {
    struct link *link;
    const char *name;
    uint16_t function;
    unsigned seconds;
    uint16_t code;
    struct part few[FEW_PARTS];
    struct part *parts; /* `few`, or more of malloc() */
    size_t part_count, part_room;
    struct output outputs[MOST_OUTPUTS];
    size_t output_count;
    int has_session;
    uint16_t session;
    void *input; /* of the session; free() returns it */
    size_t input_size;
    size_t zone_bytes; /* in all zones in, for the trace */
    int told_on_error; /* the outputs come with a code, too */
    struct timespec begun;
};

/* Begin a call of a function, named by its number on the socket. */
void call_begin(struct call *call, struct link *link, const char *name, uint16_t function, unsigned seconds);

/* Keep a mistake, unless there is one already. */
void call_fail(struct call *call, uint16_t code);

/* Inputs, in the order of the declaration. A text is read up to its NUL, and at most one byte past `longest`. */
void call_text(struct call *call, const char *text, size_t longest, enum presence presence);
void call_resource(struct call *call, const char *name, size_t longest);
void call_byte(struct call *call, uint8_t byte);
void call_number(struct call *call, uint16_t number);
void call_zone(struct call *call, const void *zone, size_t size);
void call_zones(struct call *call, short count, void *const *zones, const size_t *sizes);

/* Outputs, in the order of the declaration. `*count` is on entry how many zones the program's arrays hold. */
void call_zone_out(struct call *call, void **zone, size_t *size);
void call_zones_out(struct call *call, short *count, void **zones, size_t *sizes);
void call_moment_out(struct call *call, char *moment);

/* Add a part, or an output. */
void call_add(struct call *call, uint32_t head, uint8_t head_size, const void *bytes, size_t size);
void call_want(struct call *call, struct output output);

/* Send the call, wait, give the outputs to the program, and free what the call holds. Return the function's code. */
uint16_t call_carry_out(struct call *call);

#endif
