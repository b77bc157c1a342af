/* The codes that sessions return. `tla_sim.host.ssv.codes` has their sentences. */
#ifndef TLA_SGD_CODES_H
#define TLA_SGD_CODES_H

enum {
    SGD_DONE = 0,
    SGD_BAD_TRACE_MODULE = 0xD200,
    SGD_BAD_TRACE_FILE = 0xD201,
    SGD_NO_ROOM = 0xF800,       /* an output is NULL or too small */
    SGD_NO_MEMORY = 0xF801,
    SGD_BAD_INPUT = 0xF802,
    SGD_ZONE_FULL = 0xF804,
    SGD_NOT_FOUND = 0xF805,     /* the group or the field */
    SGD_NO_OCCURRENCE = 0xF806,
    SGD_BAD_SESSION = 0xF807,
    SGD_NO_HEADER = 0xF809,     /* no group was begun */
    SGD_NO_SESSION = 0xF80A,    /* none is left */
    SGD_LAST_GROUP = 0xF80B
};

#endif
