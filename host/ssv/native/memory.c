/* A set of addresses, open addressing with linear probing: what a program gives back is looked up by its address
 * alone, and its bytes are not read. */
#include "memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#define FEWEST_PLACES 64u

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void **places; /* NULL: free */
static size_t place_count, taken;

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void prepare(void)
{
    pthread_atfork(before_fork, after_fork, after_fork);
}

static size_t home_of(const void *block)
{
    return (size_t)(((uint64_t)(uintptr_t)block * 0x9E3779B97F4A7C15u) >> 32) & (place_count - 1);
}

/* Return the place of a block, or the free one where it would be. There is always a free one. */
static size_t find(const void *block)
{
    size_t at = home_of(block);

    while (places[at] != NULL && places[at] != block)
        at = (at + 1) & (place_count - 1);
    return at;
}

/* Make room for one more. Return 0, or -1 when there is no memory. */
static int grow(void)
{
    void **old = places;
    size_t old_count = place_count;

    if (2 * (taken + 1) <= place_count)
        return 0;
    places = calloc(old_count == 0 ? FEWEST_PLACES : 2 * old_count, sizeof *places);
    if (places == NULL) {
        places = old;
        return -1;
    }
    place_count = old_count == 0 ? FEWEST_PLACES : 2 * old_count;
    for (size_t at = 0; at < old_count; at++)
        if (old[at] != NULL)
            places[find(old[at])] = old[at];
    free(old);
    return 0;
}

/* Free a place, and move up what would no longer be found behind it. */
static void clear(size_t hole)
{
    size_t at = hole;

    places[hole] = NULL;
    for (;;) {
        size_t home;
        at = (at + 1) & (place_count - 1);
        if (places[at] == NULL)
            return;
        home = home_of(places[at]);
        if (((at - home) & (place_count - 1)) >= ((at - hole) & (place_count - 1))) {
            places[hole] = places[at];
            places[at] = NULL;
            hole = at;
        }
    }
}

void *memory_take(size_t size)
{
    void *block = calloc(1, size == 0 ? 1 : size);

    if (block == NULL)
        return NULL;
    pthread_mutex_lock(&lock);
    if (grow() != 0) {
        free(block);
        block = NULL;
    } else {
        places[find(block)] = block;
        taken++;
    }
    pthread_mutex_unlock(&lock);
    return block;
}

void memory_give_back(void *block)
{
    int known = 0;

    if (block == NULL)
        return;
    pthread_mutex_lock(&lock);
    if (place_count > 0) {
        size_t at = find(block);
        known = places[at] == block;
        if (known) {
            clear(at);
            taken--;
        }
    }
    pthread_mutex_unlock(&lock);
    if (known)
        free(block);
}
