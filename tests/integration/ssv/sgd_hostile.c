/* A program that calls SGD with all that it should not: sgd_hostile calls|random|threads|fork FOLDER TIMES.
 *
 * It ends with 0 when every call answered as it should. Whether the library touched what is not its own, the
 * sanitizer or valgrind that it runs under says.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inside.h"
#include "sgd.h"
#include "sgd_prototypes.h" /* the compiler refuses it where ours differs */

#define MOST ((size_t)16 * 1024 * 1024)
#define BENEFICIARY 104
#define PERIOD 105
#define UNDECLARED 7000
#define NAME_LENGTH 60
#define UNDECLARED_TEXT 2048

#define CHECK(call, code) check(__LINE__, #call, (call), (code))

static void check(int line, const char *call, unsigned got, unsigned expected)
{
    if (got == expected)
        return;
    fprintf(stderr, "line %d: %s gives %04X, not %04X\n", line, call, got, expected);
    exit(1);
}

static unsigned short reserve(size_t size)
{
    unsigned short session = 0;

    CHECK(SGD_ReserverSession(size, &session), SGD_DONE);
    return session;
}

/* A text without an end, at the end of a heap block. */
static char *endless(const char *letter, size_t times)
{
    size_t size = strlen(letter), i;
    char *text = malloc(size * times);

    if (text == NULL)
        abort();
    for (i = 0; i < times; i++)
        memcpy(text + i * size, letter, size);
    return text;
}

static void refuse_endless(unsigned short session, const char *letter, size_t times)
{
    char *text = endless(letter, times);

    CHECK(SGD_AjouterChamp(session, text), SGD_BAD_INPUT);
    free(text);
}

static void hold_no_session(unsigned short session)
{
    unsigned short number = 7, occurrence = 7;
    size_t room = 9, size = 9;
    char value[9] = "as it was";
    void *zone = value;

    CHECK(SGD_RedimensionnerBuffer(session, 10), SGD_BAD_SESSION);
    CHECK(SGD_LibererSession(session), SGD_BAD_SESSION);
    CHECK(SGD_AjouterGroupe(session, BENEFICIARY), SGD_BAD_SESSION);
    CHECK(SGD_AjouterChamp(session, "x"), SGD_BAD_SESSION);
    CHECK(SGD_AjouterChampBin(session, "x", 1), SGD_BAD_SESSION);
    CHECK(SGD_AjouterChampFichier(session, "/etc/hostname"), SGD_BAD_SESSION);
    CHECK(SGD_LireGroupeSuivant(session, 0, 0, &number, &occurrence), SGD_BAD_SESSION);
    CHECK(SGD_LireChamp(session, BENEFICIARY, 1, 1, value, &room), SGD_BAD_SESSION);
    CHECK(SGD_LireChampBin(session, BENEFICIARY, 1, 1, value, &room), SGD_BAD_SESSION);
    CHECK(SGD_LireChampFichier(session, BENEFICIARY, 1, 1, "/nowhere/at/all"), SGD_BAD_SESSION);
    CHECK(tla_sgd_take_input(session, &zone, &size), SGD_BAD_SESSION);
    CHECK(tla_sgd_give_output(session, "", 0), SGD_BAD_SESSION);
    CHECK(tla_sgd_drop_output(session), SGD_BAD_SESSION);
    if (number != 7 || occurrence != 7 || room != 9 || size != 9 || zone != value || memcmp(value, "as it was", 9))
        check(__LINE__, "outputs of a refused call", 1, 0);
}

/* Give an output of one group with one field of this many bytes. */
static void give(unsigned short session, unsigned short number, size_t size)
{
    size_t head = size < 128 ? 1 : size < 256 ? 2 : 3;
    unsigned short building = reserve(MOST);
    char *value = calloc(1, size + 1);
    void *zone;
    size_t whole;

    if (value == NULL)
        abort();
    memset(value, 'v', size);
    CHECK(SGD_AjouterGroupe(building, number), SGD_DONE);
    CHECK(SGD_AjouterChampBin(building, value, size), SGD_DONE);
    CHECK(tla_sgd_take_input(building, &zone, &whole), SGD_DONE);
    if (whole < size + head)
        abort();
    CHECK(tla_sgd_give_output(session, zone, whole), SGD_DONE);
    CHECK(SGD_LibererSession(building), SGD_DONE);
    free(zone);
    free(value);
}

static void null_and_sizes(const char *folder)
{
    unsigned short session, number, occurrence;
    char path[4096], value[32];
    size_t room, size, sizes[] = {0, 1, 2, 60, 127, 128, 255, 256, 65531, 65532}, i;
    void *zone;

    CHECK(SGD_ReserverSession(10, NULL), SGD_NO_ROOM);
    CHECK(SGD_ReserverSession(0, &session), SGD_BAD_INPUT);
    CHECK(SGD_ReserverSession(MOST + 1, &session), SGD_NO_MEMORY);
    CHECK(SGD_ReserverSession(SIZE_MAX, &session), SGD_NO_MEMORY);
    CHECK(SGD_ReserverSession(SIZE_MAX / 2 + 1, &session), SGD_NO_MEMORY);
    session = reserve(MOST);
    CHECK(SGD_RedimensionnerBuffer(session, 0), SGD_BAD_INPUT);
    CHECK(SGD_RedimensionnerBuffer(session, SIZE_MAX), SGD_NO_MEMORY);
    CHECK(SGD_AjouterChamp(session, "x"), SGD_NO_HEADER);
    CHECK(SGD_AjouterGroupe(session, 0), SGD_BAD_INPUT);
    CHECK(SGD_AjouterGroupe(session, BENEFICIARY), SGD_DONE);
    CHECK(SGD_AjouterChamp(session, NULL), SGD_BAD_INPUT);
    CHECK(SGD_AjouterChampBin(session, NULL, 0), SGD_BAD_INPUT);
    CHECK(SGD_AjouterChampBin(session, NULL, SIZE_MAX), SGD_BAD_INPUT);
    CHECK(SGD_AjouterChampBin(session, "0123456789", SIZE_MAX), SGD_BAD_INPUT);
    CHECK(SGD_AjouterChampFichier(session, NULL), SGD_BAD_INPUT);
    CHECK(SGD_AjouterGroupe(session, UNDECLARED), SGD_DONE);
    CHECK(SGD_AjouterChampBin(session, "0123456789", SIZE_MAX), SGD_BAD_INPUT);
    CHECK(SGD_AjouterChampBin(session, "0123456789", 65533), SGD_BAD_INPUT);
    CHECK(tla_sgd_take_input(session, NULL, &size), SGD_NO_ROOM);
    CHECK(tla_sgd_take_input(session, &zone, NULL), SGD_NO_ROOM);
    CHECK(tla_sgd_give_output(session, NULL, 1), SGD_BAD_INPUT);
    CHECK(tla_sgd_give_output(session, NULL, 0), SGD_DONE);
    CHECK(tla_sgd_give_output(session, "", SIZE_MAX), SGD_BAD_INPUT);
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *exact = malloc(sizes[i] + 1);

        give(session, UNDECLARED, sizes[i]);
        CHECK(SGD_LireGroupeSuivant(session, 0, 0, NULL, &occurrence), SGD_NO_ROOM);
        CHECK(SGD_LireGroupeSuivant(session, 0, 0, &number, NULL), SGD_NO_ROOM);
        CHECK(SGD_LireChamp(session, UNDECLARED, 1, 1, value, NULL), SGD_NO_ROOM);
        room = SIZE_MAX;
        CHECK(SGD_LireChamp(session, UNDECLARED, 1, 1, NULL, &room), SGD_NO_ROOM);
        CHECK(SGD_LireChampBin(session, UNDECLARED, 1, 1, NULL, &room), SGD_NO_ROOM);
        check(__LINE__, "the room needed", (unsigned)room, (unsigned)sizes[i]);
        room = sizes[i];
        CHECK(SGD_LireChamp(session, UNDECLARED, 1, 1, exact, &room), SGD_NO_ROOM);
        check(__LINE__, "the room needed", (unsigned)room, (unsigned)sizes[i] + 1);
        CHECK(SGD_LireChamp(session, UNDECLARED, 1, 1, exact, &room), SGD_DONE);
        check(__LINE__, "the length", (unsigned)room, (unsigned)sizes[i]);
        if (exact[sizes[i]] != '\0' || (sizes[i] > 0 && exact[sizes[i] - 1] != 'v'))
            check(__LINE__, "the value", 1, 0);
        free(exact);
    }
    room = 0;
    CHECK(SGD_LireChamp(session, UNDECLARED, 1, 0, value, &room), SGD_NOT_FOUND);
    CHECK(SGD_LireChamp(session, UNDECLARED, 1, 2, value, &room), SGD_NOT_FOUND);
    CHECK(SGD_LireChamp(session, UNDECLARED, 1, 65535, value, &room), SGD_NOT_FOUND);
    CHECK(SGD_LireChamp(session, 65535, 1, 1, value, &room), SGD_NOT_FOUND);
    CHECK(SGD_LireChamp(session, 0, 0, 0, value, &room), SGD_NOT_FOUND);
    CHECK(SGD_LireChamp(session, UNDECLARED, 0, 1, value, &room), SGD_NO_OCCURRENCE);
    CHECK(SGD_LireChamp(session, UNDECLARED, 65535, 1, value, &room), SGD_NO_OCCURRENCE);
    CHECK(SGD_LireChampFichier(session, UNDECLARED, 1, 1, NULL), SGD_BAD_INPUT);
    CHECK(SGD_LireChampFichier(session, UNDECLARED, 1, 1, folder), SGD_NO_ROOM);
    CHECK(SGD_AjouterGroupe(session, UNDECLARED), SGD_DONE);
    CHECK(SGD_AjouterChampFichier(session, folder), SGD_BAD_INPUT);
    CHECK(SGD_AjouterChampFichier(session, "/dev/zero"), SGD_BAD_INPUT);
    snprintf(path, sizeof path, "%s/trace", folder);
    CHECK(SGD_InitTrace(NULL, NULL, 0, 1), SGD_BAD_TRACE_FILE);
    CHECK(SGD_InitTrace(NULL, NULL, 9, 0), SGD_BAD_TRACE_MODULE);
    CHECK(SGD_InitTrace(path, "w", 0, 255), SGD_DONE);
    hold_no_session(0);
    CHECK(SGD_InitTrace(NULL, NULL, 0, 0), SGD_DONE);
    CHECK(SGD_LibererSession(session), SGD_DONE);
}

static void texts_without_an_end(void)
{
    unsigned short session = reserve(MOST);
    char *text;
    size_t size = strlen("\xC3\xA9");

    CHECK(SGD_AjouterGroupe(session, BENEFICIARY), SGD_DONE);
    refuse_endless(session, "A", NAME_LENGTH + 1);
    refuse_endless(session, "\xE9" "X", 1);
    refuse_endless(session, "\n", 1);
    /* The lead byte of one letter more than fit is the last of the block. */
    text = endless("\xC3\xA9", NAME_LENGTH + 1);
    text = realloc(text, NAME_LENGTH * size + 1);
    if (text == NULL)
        abort();
    CHECK(SGD_AjouterChamp(session, text), SGD_BAD_INPUT);
    free(text);
    CHECK(SGD_AjouterGroupe(session, UNDECLARED), SGD_DONE);
    refuse_endless(session, "A", UNDECLARED_TEXT + 1);
    refuse_endless(session, "\xFF", UNDECLARED_TEXT + 1);
    /* Bytes of a given size need no end. */
    text = endless("A", 65000);
    CHECK(SGD_AjouterChampBin(session, text, 65000), SGD_DONE);
    free(text);
    CHECK(SGD_LibererSession(session), SGD_DONE);
}

static void stale_sessions(void)
{
    unsigned short held[256], again;
    unsigned i;

    for (i = 0; i < 256; i++)
        held[i] = reserve(1 + i);
    CHECK(SGD_ReserverSession(1, &again), SGD_NO_SESSION);
    for (i = 0; i < 256; i++) {
        CHECK(SGD_LibererSession(held[i]), SGD_DONE);
        hold_no_session(held[i]);
    }
    for (i = 0; i < 256; i++) {
        again = reserve(10);
        hold_no_session(held[i]);
        CHECK(SGD_LibererSession(again), SGD_DONE);
    }
    hold_no_session(0);
    hold_no_session(65535);
}

static void full_zone(void)
{
    unsigned short session = reserve(MOST);
    char *value = endless("x", 65000);
    unsigned groups = 0, code;

    while ((code = SGD_AjouterGroupe(session, UNDECLARED)) == SGD_DONE
           && (code = SGD_AjouterChampBin(session, value, 65000)) == SGD_DONE)
        groups++;
    check(__LINE__, "a full zone", code, SGD_ZONE_FULL);
    check(__LINE__, "its groups", groups, MOST / 65006);
    CHECK(SGD_RedimensionnerBuffer(session, MOST - 65006), SGD_ZONE_FULL);
    CHECK(SGD_LibererSession(session), SGD_DONE);
    free(value);
}

static uint32_t draw(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

/* Any call with any arguments, on sessions that others may hold, return or use at this moment. Codes are not
 * judged here: the calls of other threads decide them. */
static void call_anything(uint32_t *state, unsigned short *sessions, unsigned count)
{
    static const unsigned short groups[] = {0, 2, BENEFICIARY, PERIOD, UNDECLARED, UNDECLARED, 65535};
    unsigned short *session = &sessions[draw(state) % count], number = 0, occurrence = 0;
    unsigned short group = groups[draw(state) % (sizeof groups / sizeof *groups)];
    unsigned short which = (unsigned short)(draw(state) % 4), field = (unsigned short)(draw(state) % 6);
    char value[300], noise[80];
    size_t room = draw(state) % sizeof value, size = 0, i;
    void *zone = NULL;

    for (i = 0; i < sizeof noise; i++)
        noise[i] = (char)(draw(state) % 4 ? 'a' + draw(state) % 26 : draw(state));
    noise[draw(state) % sizeof noise] = '\0';
    noise[sizeof noise - 1] = '\0';
    switch (draw(state) % 14) {
    case 0:
        SGD_ReserverSession(draw(state) % 600, session);
        break;
    case 1:
        if (draw(state) % 4 == 0)
            SGD_LibererSession(*session);
        break;
    case 2:
        SGD_RedimensionnerBuffer(*session, draw(state) % 600);
        break;
    case 3:
    case 4:
        SGD_AjouterGroupe(*session, group);
        break;
    case 5:
    case 6:
        SGD_AjouterChamp(*session, noise);
        break;
    case 7:
        SGD_AjouterChampBin(*session, noise, draw(state) % sizeof noise);
        break;
    case 8:
        SGD_LireGroupeSuivant(*session, group, which, &number, &occurrence);
        break;
    case 9:
        SGD_LireChamp(*session, group, which, field, value, &room);
        break;
    case 10:
        SGD_LireChampBin(*session, group, which, field, value, &room);
        break;
    case 11:
        tla_sgd_give_output(*session, noise, draw(state) % sizeof noise);
        break;
    case 12:
        tla_sgd_drop_output(*session);
        break;
    default:
        if (tla_sgd_take_input(*session, &zone, &size) == SGD_DONE)
            CHECK(tla_sgd_give_output(*session, zone, size) | SGD_BAD_SESSION, SGD_BAD_SESSION);
        free(zone);
        break;
    }
}

static void random_calls(unsigned count, uint32_t seed)
{
    unsigned short sessions[20] = {0};
    unsigned i;

    while (count-- > 0)
        call_anything(&seed, sessions, 20);
    for (i = 0; i < 20; i++)
        SGD_LibererSession(sessions[i]);
}

static unsigned short shared[8];
static unsigned times; /* calls of each thread */

static void *hammer(void *seed)
{
    uint32_t state = (uint32_t)(uintptr_t)seed;
    unsigned i;

    for (i = 0; i < times; i++) {
        unsigned short theirs[8];
        unsigned j;

        /* Sessions of all threads, which any of them may have returned. */
        for (j = 0; j < 8; j++)
            theirs[j] = __atomic_load_n(&shared[j], __ATOMIC_RELAXED);
        call_anything(&state, theirs, 8);
        j = draw(&state) % 8;
        __atomic_store_n(&shared[j], theirs[j], __ATOMIC_RELAXED);
    }
    return NULL;
}

static void start(pthread_t *threads, unsigned count)
{
    unsigned i;

    for (i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, hammer, (void *)(uintptr_t)(i * 7919 + 1)) != 0)
            abort();
}

static void threads_together(void)
{
    pthread_t threads[4];
    unsigned i;

    start(threads, 4);
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

/* Children of a program whose threads are in the library at that moment can use it, too. */
static void forks(const char *folder)
{
    pthread_t threads[3];
    unsigned short mine = reserve(5000);
    char path[4096], value[10];
    size_t room = sizeof value;
    unsigned i;

    snprintf(path, sizeof path, "%s/forks", folder);
    CHECK(SGD_InitTrace(path, "w", 0, 1), SGD_DONE);
    give(mine, UNDECLARED, 5);
    start(threads, 3);
    for (i = 0; i < times / 500; i++) {
        int status = 0;
        pid_t child = fork();

        if (child == 0) {
            alarm(60);
            CHECK(SGD_LireChamp(mine, UNDECLARED, 1, 1, value, &room), SGD_DONE);
            CHECK(SGD_LibererSession(mine), SGD_DONE);
            hold_no_session(mine);
            random_calls(300, i + 1);
            texts_without_an_end();
            _exit(0);
        }
        if (child < 0 || waitpid(child, &status, 0) != child)
            abort();
        check(__LINE__, "a child", (unsigned)status, 0);
    }
    for (i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    CHECK(SGD_LireChamp(mine, UNDECLARED, 1, 1, value, &room), SGD_DONE);
    CHECK(SGD_LibererSession(mine), SGD_DONE);
    CHECK(SGD_InitTrace(NULL, NULL, 0, 0), SGD_DONE);
}

int main(int count, char **arguments)
{
    const char *mode = count == 4 ? arguments[1] : "";

    if (count == 4)
        times = (unsigned)atoi(arguments[3]);
    if (strcmp(mode, "calls") == 0) {
        null_and_sizes(arguments[2]);
        texts_without_an_end();
        stale_sessions();
        full_zone();
    } else if (strcmp(mode, "random") == 0) {
        random_calls(times * 10, 1);
    } else if (strcmp(mode, "threads") == 0) {
        threads_together();
    } else if (strcmp(mode, "fork") == 0) {
        forks(arguments[2]);
    } else {
        return 2;
    }
    puts(mode);
    return 0;
}
