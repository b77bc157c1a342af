/* What a code means, in English. `tla_sim.host.ssv.stubs` writes the sentences from the codes. */
#ifndef TLA_CODE_WORDS_H
#define TLA_CODE_WORDS_H

#include <stdint.h>

/* Return the sentence of a code, "" for one that is not known. */
const char *code_words(uint16_t code);

#endif
