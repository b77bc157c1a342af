/* The zones that the library allocated: it alone gives them back, and only once. */
#ifndef TLA_MEMORY_H
#define TLA_MEMORY_H

#include <stddef.h>

/* Return so many bytes, all 0, or NULL. */
void *memory_take(size_t size);

/* Free a block of memory_take. NULL, foreign and freed blocks are ignored. */
void memory_give_back(void *block);

#endif
