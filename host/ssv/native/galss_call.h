/* Calls of the GALSS: what its functions' bodies are made of besides `call.h`.
 *
 * The libraries of the GALSS need no beginning: the first call connects. Their codes are the GALSS's own.
 */
#ifndef TLA_GALSS_CALL_H
#define TLA_GALSS_CALL_H

#include <stdint.h>

#include "call.h"

/* Begin a call, and connect if no call did before. */
void galss_begin(struct call *call, const char *name, uint16_t function, unsigned seconds);

/* Carry the call out as call_carry_out, and return one of the GALSS's own codes. */
uint16_t galss_carry_out(struct call *call);

/* Inputs. Lengths are read through the program's pointers: 16 bits for contexts, 32 for messages. */
void galss_bytes(struct call *call, const void *bytes, const uint16_t *size);
void galss_message(struct call *call, const char *message, const uint32_t *size);

/* Outputs. One that is OPTIONAL may be NULL. A room too small is SSV_CODE_CONTEXT; the pointer to it then has what is
 * needed, and nothing else is changed. An empty text is not written. */
void galss_text_out(struct call *call, char *text, size_t longest, enum presence presence);
void galss_number_out(struct call *call, uint16_t *number, enum presence presence);
void galss_byte_out(struct call *call, uint8_t *byte, enum presence presence);
void galss_bytes_out(struct call *call, void *bytes, uint16_t *room);
void galss_message_out(struct call *call, char *message, uint32_t *room);

/* The same with arrays of the field's structures, whose room is a count. */
void galss_resources_out(struct call *call, void *resources, uint16_t *room);
void galss_components_out(struct call *call, uint16_t *room, void *components);

/* A block of `usDump` from one of its tables. */
void galss_block_out(struct call *call, uint16_t table, uint16_t *room, void *block);

#endif
