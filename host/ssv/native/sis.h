/* Calls with a session of SGD in place of zones: its input goes in, and what comes out becomes its output. */
#ifndef TLA_SIS_H
#define TLA_SIS_H

#include "call.h"

/* Begin a call for a session, whose input is taken. */
void call_for_session(struct call *call, uint16_t session);

/* The session's input as one zone, or as one for each of these groups that begins in it. A group of `headers` that
 * follows one earlier in `headers` at once stays in its zone. */
void call_session_zone(struct call *call);
void call_session_zones(struct call *call, const uint16_t *headers, size_t header_count);

/* Zones out, one after another, become the session's output. */
void call_session_zone_out(struct call *call);
void call_session_zones_out(struct call *call);

/* As call_carry_out. On success the session's input is dropped; on failure its output. */
uint16_t call_carry_out_for_session(struct call *call);

#endif
