#define _GNU_SOURCE
#include "session.h"

#include <pthread.h>
#include <stdlib.h>

#define MOST_SESSIONS 256u
#define MOST_GENERATIONS 255u

struct slot {
    struct session session; /* first: a session is its slot */
    pthread_mutex_t lock;
    uint16_t number;
};

/* Whoever uses a session holds `table_lock` to read; whoever makes or frees one, to write. So no session is in
 * use while one is freed, or while the process forks. Writers go first: many readers must not keep them out. */
#ifdef PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP
#define TABLE_LOCK PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP
#else
#define TABLE_LOCK PTHREAD_RWLOCK_INITIALIZER
#endif

static pthread_rwlock_t table_lock = TABLE_LOCK;
static struct slot *slots[MOST_SESSIONS];
static uint8_t generations[MOST_SESSIONS];
static unsigned next_slot;

static void before_fork(void)
{
    pthread_rwlock_wrlock(&table_lock);
}

static void in_parent(void)
{
    pthread_rwlock_unlock(&table_lock);
}

static void in_child(void)
{
    /* Unlocking would hand it to the parent's waiting threads, which are not here. */
    static const pthread_rwlock_t unlocked = TABLE_LOCK;

    table_lock = unlocked;
}

__attribute__((constructor)) static void prepare(void)
{
    pthread_atfork(before_fork, in_parent, in_child);
}

static void free_slot(struct slot *slot)
{
    pthread_mutex_destroy(&slot->lock);
    free(slot->session.input.bytes);
    zone_free(&slot->session.output);
    free(slot);
}

static struct slot *new_slot(size_t size)
{
    struct slot *slot = calloc(1, sizeof *slot);

    if (slot == NULL)
        return NULL;
    slot->session.input.bytes = malloc(size);
    slot->session.input.room = size;
    if (slot->session.input.bytes == NULL) {
        free(slot);
        return NULL;
    }
    if (pthread_mutex_init(&slot->lock, NULL) != 0) {
        free(slot->session.input.bytes);
        free(slot);
        return NULL;
    }
    return slot;
}

/* Put a slot into the place that was free for longest. Return 0 when there is none. */
static int place_slot(struct slot *slot)
{
    unsigned tried;

    for (tried = 0; tried < MOST_SESSIONS; tried++) {
        unsigned place = (next_slot + tried) % MOST_SESSIONS;
        if (slots[place] != NULL)
            continue;
        generations[place] = (uint8_t)(generations[place] % MOST_GENERATIONS + 1);
        slot->number = (uint16_t)((unsigned)generations[place] << 8 | place);
        slots[place] = slot;
        next_slot = place + 1;
        return 1;
    }
    return 0;
}

/* Return the place of a session in the table, or MOST_SESSIONS. The table is locked. */
static unsigned find_place(uint16_t number)
{
    unsigned place = number % MOST_SESSIONS;

    return slots[place] != NULL && slots[place]->number == number ? place : MOST_SESSIONS;
}

uint16_t reserve_session(size_t size, uint16_t *number)
{
    struct slot *slot;
    int placed;

    if (size == 0)
        return SGD_BAD_INPUT;
    if (size > ZONE_MOST_BYTES)
        return SGD_NO_MEMORY;
    slot = new_slot(size);
    if (slot == NULL)
        return SGD_NO_MEMORY;
    pthread_rwlock_wrlock(&table_lock);
    placed = place_slot(slot);
    if (placed)
        *number = slot->number;
    pthread_rwlock_unlock(&table_lock);
    if (!placed)
        free_slot(slot);
    return placed ? SGD_DONE : SGD_NO_SESSION;
}

uint16_t release_session(uint16_t number)
{
    struct slot *slot = NULL;
    unsigned place;

    pthread_rwlock_wrlock(&table_lock);
    place = find_place(number);
    if (place < MOST_SESSIONS) {
        slot = slots[place];
        slots[place] = NULL;
    }
    pthread_rwlock_unlock(&table_lock);
    if (slot == NULL)
        return SGD_BAD_SESSION;
    free_slot(slot);
    return SGD_DONE;
}

struct session *enter_session(uint16_t number)
{
    unsigned place;

    pthread_rwlock_rdlock(&table_lock);
    place = find_place(number);
    if (place == MOST_SESSIONS) {
        pthread_rwlock_unlock(&table_lock);
        return NULL;
    }
    pthread_mutex_lock(&slots[place]->lock);
    return &slots[place]->session;
}

void leave_session(struct session *session)
{
    pthread_mutex_unlock(&((struct slot *)session)->lock);
    pthread_rwlock_unlock(&table_lock);
}
