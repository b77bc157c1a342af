/* A program of the GALSS, which calls as public programs do, and as they should not: galss_program MODE.
 *
 * It prints what it finds, and ends with 0 when every call answered as it should.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "galss.h"
#include "galss_resources.h"

#define CHECK(call, code) check(__LINE__, #call, (unsigned)(call), (code))
#define LONGEST 1024
#define TRIES 250

static void check(int line, const char *call, unsigned got, unsigned expected)
{
    if (got == expected)
        return;
    fprintf(stderr, "line %d: %s gives %04X, not %04X\n", line, call, got, expected);
    exit(1);
}

static void rest(void)
{
    const struct timespec pause = {0, 100 * 1000000L};

    nanosleep(&pause, NULL);
}

/* Sessions and exclusivity as the CPS Cryptolib takes them. */

struct card {
    unsigned short session, exclusivity;
    unsigned char lad, counter;
};

static struct card open_card(const char *resource)
{
    struct card card = {0, 0, 0, 0};
    char application[20];
    unsigned short code;
    int number = 1;

    do {
        snprintf(application, sizeof application, "OPENSC_%03d", number++);
        code = OuvrirSession(application, resource, &card.session, &card.lad);
    } while (code == SSV_CODE_OPEN_ALREADY);
    check(__LINE__, resource, code, 0);
    return card;
}

static void begin(struct card *card)
{
    char wanted[20];
    unsigned short code = SSV_CODE_HELD;

    snprintf(wanted, sizeof wanted, "%u:3", card->session);
    for (int tries = 0; tries < TRIES && code == SSV_CODE_HELD; tries++) {
        code = DebutExclusivite(wanted, NULL, NULL, &card->exclusivity);
        if (code == SSV_CODE_HELD)
            rest();
    }
    check(__LINE__, wanted, code, 0);
}

static void end(struct card *card)
{
    CHECK(FinExclusivite(card->exclusivity), 0);
    card->exclusivity = 0;
}

/* Exchange a message. Keep the counter, and return how many bytes of the answer follow cr, state and counter. */
static unsigned exchange(struct card *card, const unsigned char *message, unsigned length, unsigned char *answer)
{
    /* As on a 64-bit machine whose program passes `unsigned long *`: only the lower half is a length. */
    unsigned int in[2] = {length, 0xDEADBEEF}, out[2] = {LONGEST, 0xDEADBEEF};

    CHECK(Echange(card->session, 32, (const char *)message, in, (char *)answer, out), 0);
    if (in[0] != length || in[1] != 0xDEADBEEF || out[1] != 0xDEADBEEF || out[0] < 3 || answer[0] != 0) {
        fprintf(stderr, "the answer has %u bytes and begins with %02X\n", out[0], answer[0]);
        exit(1);
    }
    card->counter = answer[2];
    return out[0] - 3;
}

static unsigned order(struct card *card, unsigned char command, unsigned char *answer)
{
    const unsigned char message[] = {0, card->lad, command, 1};

    return exchange(card, message, command == 0x15 ? 4 : 3, answer);
}

/* Send a TPDU; return the length of data and status word, which are in `answer` from its fourth byte. */
static unsigned transmit(struct card *card, unsigned char way, const unsigned char *tpdu, unsigned length,
                         unsigned char *answer)
{
    unsigned char message[4 + LONGEST] = {0, card->lad, way, card->counter};

    memcpy(message + 4, tpdu, length);
    return exchange(card, message, 4 + length, answer);
}

static void print_bytes(const char *what, const unsigned char *bytes, unsigned count)
{
    printf("%s ", what);
    for (unsigned at = 0; at < count; at++)
        printf("%02X", bytes[at]);
    printf("\n");
}

static void select_path(struct card *card, const unsigned char *path, unsigned char length)
{
    unsigned char answer[LONGEST], tpdu[5 + 16] = {0, 0xA4, 9, 4, length};
    unsigned size;

    memcpy(tpdu + 5, path, length);
    size = transmit(card, 0, tpdu, 5u + length, answer);
    check(__LINE__, "select", size == 2 ? answer[3] : 0u, 0x61);
}

/* Read the current file in steps, following 6Cxx, up to its end. Return its length. */
static unsigned read_file(struct card *card, unsigned char *file, unsigned room)
{
    unsigned char answer[LONGEST];
    unsigned length = 0;

    for (;;) {
        unsigned char tpdu[5] = {0, 0xB0, (unsigned char)(length >> 8), (unsigned char)length, 0};
        unsigned size = transmit(card, 1, tpdu, 5, answer);
        if (size == 2 && answer[3] == 0x6C) {
            tpdu[4] = answer[4];
            size = transmit(card, 1, tpdu, 5, answer);
        }
        if (size == 2)
            return length;
        if (length + size - 2 > room)
            exit(1);
        memcpy(file + length, answer + 3, size - 2);
        length += size - 2;
        if (size - 2 < 256)
            return length;
    }
}

static void read_cps(const char *code)
{
    static const unsigned char serial[] = {0x3F, 0, 0xD0, 3}, certificate[] = {0x3F, 0, 0, 1, 0xA0, 1};
    unsigned char answer[LONGEST], file[4096], verify[13] = {0, 0x20, 0, 1, 8};
    struct card card = open_card("CPS");
    unsigned size;

    begin(&card);
    order(&card, 0x16, answer);
    size = order(&card, 0x14, answer);
    print_bytes("ATR", answer + 3, size);
    select_path(&card, serial, sizeof serial);
    print_bytes("serial", file, read_file(&card, file, sizeof file));
    select_path(&card, certificate, sizeof certificate);
    print_bytes("certificate", file, read_file(&card, file, sizeof file));
    memset(verify + 5, 0xFF, 8);
    memcpy(verify + 5, code, strlen(code));
    size = transmit(&card, 0, verify, sizeof verify, answer);
    print_bytes("verify", answer + 3, size);
    order(&card, 0x15, answer);
    end(&card);
    CHECK(FermerSession(card.session, &card.exclusivity), 0);
    check(__LINE__, "exclusivity", card.exclusivity, 0);
}

static void read_vitale(void)
{
    static const unsigned char serial[] = {0, 0xB0, 0x9C, 0, 12};
    unsigned char answer[LONGEST];
    struct card card = open_card("Vitale");
    unsigned size;

    order(&card, 0x16, answer);
    size = order(&card, 0x14, answer);
    print_bytes("ATR", answer + 3, size);
    size = transmit(&card, 1, serial, sizeof serial, answer);
    print_bytes("Vitale", answer + 3, size);
    CHECK(FermerSession(card.session, NULL), 0);
}

/* Keep the card until a line comes, with what it stores for the next program. */
static void hold(void)
{
    unsigned char context[1076];
    unsigned short size = sizeof context;
    struct card card = open_card("CPS");

    for (unsigned at = 0; at < sizeof context; at++)
        context[at] = (unsigned char)(at * 7);
    begin(&card);
    CHECK(EcritContexte(2, card.session, context, &size), 0);
    printf("held\n");
    fflush(stdout);
    if (getchar() == EOF)
        exit(0);
    end(&card);
    CHECK(FermerSession(card.session, NULL), 0);
    printf("given back\n");
}

/* Wait for the card that another program holds, who is told, and read what it stored. */
static void wait_for_card(void)
{
    unsigned char context[1080];
    unsigned short size = sizeof context, code;
    struct card card = open_card("CPS");
    char holder[17] = "", held[9] = "", wanted[20];

    snprintf(wanted, sizeof wanted, "%u:3", card.session);
    code = DebutExclusivite(wanted, holder, held, &card.exclusivity);
    printf("%04X %s %s\n", code, holder, held);
    fflush(stdout);
    if (code == SSV_CODE_HELD)
        begin(&card);
    CHECK(LitContexte(2, card.session, context, &size), 0);
    printf("%u %02X %02X\n", size, context[1], context[size - 1]);
    size = 1075;
    CHECK(LitContexte(2, card.session, context, &size), SSV_CODE_CONTEXT);
    check(__LINE__, "room", size, 1076);
    end(&card);
    CHECK(FermerSession(card.session, NULL), 0);
}

/* What a program should not pass. */

static char *endless(void)
{
    char *text = malloc(17);

    if (text == NULL)
        abort();
    memset(text, 'A', 17);
    return text;
}

static void refuse_messages(unsigned short session)
{
    char *small = malloc(2), *message = malloc(3);
    unsigned int length = 3, room = 2, huge = 0xFFFFFFFF;

    if (small == NULL || message == NULL)
        abort();
    memcpy(message, "\0\1\26", 3);
    CHECK(Echange(session, 1, NULL, &length, small, &room), SSV_CODE_PARAMETER);
    CHECK(Echange(session, 1, message, NULL, small, &room), SSV_CODE_PARAMETER);
    CHECK(Echange(session, 1, message, &length, NULL, &room), SSV_CODE_PARAMETER);
    CHECK(Echange(session, 1, message, &length, small, NULL), SSV_CODE_PARAMETER);
    CHECK(Echange(session, 1, message, &huge, small, &room), SSV_CODE_PARAMETER);
    CHECK(Echange(session, 1, message, &length, small, &room), SSV_CODE_CONTEXT);
    check(__LINE__, "room", room, 3);
    room = 0;
    CHECK(Echange(session, 1, message, &length, small, &room), SSV_CODE_CONTEXT);
    length = 2;
    CHECK(Echange(session, 1, message, &length, small, &room), SSV_CODE_PARAMETER);
    length = 3;
    CHECK(Echange((unsigned short)(session + 1), 1, message, &length, small, &room), SSV_CODE_UNKNOWN_NUMBER);
    free(small);
    free(message);
}

static void refuse_contexts(unsigned short session)
{
    unsigned char *context = malloc(1077);
    unsigned short size = 1077, none = 0;

    if (context == NULL)
        abort();
    memset(context, 1, 1077);
    CHECK(EcritContexte(1, session, NULL, &size), SSV_CODE_PARAMETER);
    CHECK(EcritContexte(1, session, context, NULL), SSV_CODE_PARAMETER);
    CHECK(EcritContexte(1, session, context, &size), SSV_CODE_CONTEXT);
    CHECK(EcritContexte(0, session, context, &none), SSV_CODE_PARAMETER);
    CHECK(EcritContexte(3, session, context, &none), SSV_CODE_PARAMETER);
    CHECK(LitContexte(1, session, context, &size), SSV_CODE_NO_CONTEXT);
    check(__LINE__, "size", size, 1077);
    CHECK(EcritContexte(1, session, context, &none), 0);
    CHECK(LitContexte(1, session, NULL, &size), SSV_CODE_PARAMETER);
    CHECK(LitContexte(1, session, context, NULL), SSV_CODE_PARAMETER);
    CHECK(LitContexte(1, session, context, &size), 0);
    check(__LINE__, "size", size, 0);
    free(context);
}

static void refuse_tables(void)
{
    unsigned short count = 0, index = 0, room = 0;
    IdentComposant *components = malloc(3 * sizeof *components);
    InfoRessource *resources = malloc(sizeof *resources);
    StructLAD *lad = malloc(sizeof *lad);
    char version[4];

    if (components == NULL || resources == NULL || lad == NULL)
        abort();
    CHECK(DonneNombreRessources(NULL), SSV_CODE_PARAMETER);
    CHECK(DonneTableRessources(NULL, &count), SSV_CODE_PARAMETER);
    CHECK(DonneTableRessources(resources, NULL), SSV_CODE_PARAMETER);
    count = 1;
    CHECK(DonneTableRessources(resources, &count), SSV_CODE_CONTEXT);
    check(__LINE__, "count", count, 5);
    count = 3;
    CHECK(LireVersion(version, &count, components), SSV_CODE_CONTEXT);
    check(__LINE__, "count", count, 4);
    CHECK(LireVersion(NULL, NULL, NULL), 0);
    CHECK(LireVersion(version, &count, NULL), 0);
    check(__LINE__, "version", (unsigned)strlen(version), 3);
    CHECK(usDump(3, 0, NULL, &room, lad), SSV_CODE_PARAMETER);
    CHECK(usDump(3, 0, &index, NULL, lad), SSV_CODE_PARAMETER);
    CHECK(usDump(3, 0, &index, &room, NULL), SSV_CODE_PARAMETER);
    CHECK(usDump(3, 0, &index, &room, lad), SSV_CODE_CONTEXT);
    check(__LINE__, "room", room, sizeof *lad);
    CHECK(usDump(3, 0, &index, &room, lad), 0);
    check(__LINE__, "index", index, 1);
    check(__LINE__, "LAD", lad->Adresse, 1);
    CHECK(usDump(0, 0, &index, &room, lad), SSV_CODE_PARAMETER);
    index = 0xFFFF;
    CHECK(usDump(3, 0, &index, &room, lad), SSV_CODE_NO_CONTEXT);
    free(components);
    free(resources);
    free(lad);
}

static void be_hostile(void)
{
    unsigned short session = 0, number = 7;
    unsigned char lad = 9;
    char *text = endless(), wanted[300];

    CHECK(OuvrirSession(NULL, "CPS", &session, &lad), SSV_CODE_PARAMETER);
    CHECK(OuvrirSession("A", NULL, &session, &lad), SSV_CODE_PARAMETER);
    CHECK(OuvrirSession("A", "CPS", NULL, &lad), SSV_CODE_PARAMETER);
    CHECK(OuvrirSession(text, "CPS", &session, &lad), SSV_CODE_PARAMETER);
    CHECK(OuvrirSession("A", text, &session, &lad), SSV_CODE_NAME);
    CHECK(OuvrirSession("A", "\xFF", &session, &lad), SSV_CODE_NAME);
    CHECK(OuvrirSession("A", "Nobody", &session, &lad), SSV_CODE_UNKNOWN_RESOURCE);
    check(__LINE__, "nothing written", session, 0);
    check(__LINE__, "nothing written", lad, 9);
    CHECK(OuvrirSession("AAAAAAAAAAAAAAAA", "Log_SV", &session, NULL), 0);
    CHECK(FermerSession((unsigned short)(session ^ 1), &number), SSV_CODE_UNKNOWN_NUMBER);
    check(__LINE__, "nothing written", number, 7);
    CHECK(FermerSession(session, NULL), 0);
    CHECK(OuvrirSession("A", "CPS", &session, &lad), 0);
    CHECK(DebutExclusivite(NULL, NULL, NULL, &number), SSV_CODE_PARAMETER);
    snprintf(wanted, sizeof wanted, "%u:3", session);
    CHECK(DebutExclusivite(wanted, NULL, NULL, NULL), SSV_CODE_PARAMETER);
    CHECK(DebutExclusivite("7", NULL, NULL, &number), SSV_CODE_PARAMETER);
    memset(wanted, '1', 299);
    wanted[299] = '\0';
    CHECK(DebutExclusivite(wanted, NULL, NULL, &number), SSV_CODE_PARAMETER);
    check(__LINE__, "nothing written", number, 7);
    CHECK(FinExclusivite(0), SSV_CODE_UNKNOWN_NUMBER);
    refuse_messages(session);
    refuse_contexts(session);
    refuse_tables();
    CHECK(FermerSession(session, &number), 0);
    free(text);
}

static void print_sizes(void)
{
    printf("%u %u %u %u %u %u\n", (unsigned)sizeof(InfoRessource), (unsigned)sizeof(IdentComposant),
           (unsigned)sizeof(StructCanal), (unsigned)sizeof(StructPAD), (unsigned)(sizeof(StructLAD) - sizeof(void *)),
           (unsigned)sizeof(StructAlias));
}

/* Print the table, as a program that looks for a reader does. */
static void list_resources(void)
{
    unsigned short count = 0;
    InfoRessource table[255];

    CHECK(DonneNombreRessources(&count), 0);
    CHECK(DonneTableRessources(table, &count), 0);
    for (unsigned at = 0; at < count; at++)
        printf("%s %s %u %u %u %u %u %u\n", (const char *)table[at].NomAlias, (const char *)table[at].NomRessource,
               table[at].AdrLAD, table[at].AdrPAD, table[at].IndexCanal, table[at].TypeCanal, table[at].TypeConnexion,
               table[at].Protocole);
}

/* Call one function; print its code. */
static void call(const char *name, unsigned short session)
{
    unsigned short number = 0, size = 4;
    unsigned int length = 3, room = 4;
    unsigned char lad;
    char bytes[4] = {0, 1, 0x16, 0}, wanted[20];
    StructCanal channel;
    InfoRessource table[8];
    unsigned short code = SSV_CODE_PARAMETER;

    snprintf(wanted, sizeof wanted, "%u:3", session);
    if (strcmp(name, "OuvrirSession") == 0)
        code = OuvrirSession("B", "CPS", &number, &lad);
    else if (strcmp(name, "FermerSession") == 0)
        code = FermerSession(session, &number);
    else if (strcmp(name, "DebutExclusivite") == 0)
        code = DebutExclusivite(wanted, NULL, NULL, &number);
    else if (strcmp(name, "FinExclusivite") == 0)
        code = FinExclusivite(1);
    else if (strcmp(name, "EcritContexte") == 0)
        code = EcritContexte(1, session, bytes, &size);
    else if (strcmp(name, "LitContexte") == 0)
        code = LitContexte(1, session, bytes, &size);
    else if (strcmp(name, "Echange") == 0)
        code = Echange(session, 1, bytes, &length, bytes, &room);
    else if (strcmp(name, "LireVersion") == 0)
        code = LireVersion(bytes, NULL, NULL);
    else if (strcmp(name, "usDump") == 0)
        size = sizeof channel, code = usDump(1, 0, &number, &size, &channel);
    else if (strcmp(name, "DonneNombreRessources") == 0)
        code = DonneNombreRessources(&number);
    else if (strcmp(name, "DonneTableRessources") == 0)
        size = 8, code = DonneTableRessources(table, &size);
    printf("%04X\n", code);
    fflush(stdout);
}

/* Open a session; for each line, call the function that it names. */
static void call_as_told(void)
{
    unsigned short session = 0;
    char line[80];

    printf("%04X\n", OuvrirSession("A", "CPS", &session, NULL));
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        call(line, session);
    }
}

/* Sessions of several threads, each with a context of its own. */

static void *work(void *name)
{
    for (unsigned round = 0; round < 50; round++) {
        unsigned short session = 0, size = sizeof round, stored = sizeof round;
        unsigned int length = 3, room = 3;
        unsigned read = ~round;
        char answer[3];

        CHECK(OuvrirSession(name, "Log_SV", &session, NULL), 0);
        CHECK(EcritContexte(1, session, &round, &size), 0);
        CHECK(Echange(session, 0, "\0\0\26", &length, answer, &room), 0);
        CHECK(LitContexte(1, session, &read, &stored), 0);
        check(__LINE__, "context", read, round);
        CHECK(FermerSession(session, NULL), 0);
    }
    return NULL;
}

static void run_threads(void)
{
    static char names[4][4] = {"T1", "T2", "T3", "T4"};
    pthread_t threads[4];

    for (unsigned at = 0; at < 4; at++)
        if (pthread_create(&threads[at], NULL, work, names[at]) != 0)
            abort();
    for (unsigned at = 0; at < 4; at++)
        pthread_join(threads[at], NULL);
}

/* A child has a connection of its own, and with it none of its parent's sessions. */
static void fork_child(void)
{
    unsigned short session = 0, number = 0;
    unsigned int length = 3, room = 3;
    char answer[3];
    int status = 0;
    pid_t child;

    CHECK(OuvrirSession("A", "Log_SV", &session, NULL), 0);
    child = fork();
    if (child == 0) {
        CHECK(Echange(session, 0, "\0\0\26", &length, answer, &room), SSV_CODE_UNKNOWN_NUMBER);
        CHECK(OuvrirSession("A", "Log_SV", &number, NULL), SSV_CODE_OPEN_ALREADY);
        CHECK(OuvrirSession("B", "Log_SV", &number, NULL), 0);
        CHECK(Echange(number, 0, "\0\0\26", &length, answer, &room), 0);
        _exit(0);
    }
    waitpid(child, &status, 0);
    check(__LINE__, "child", (unsigned)status, 0);
    CHECK(Echange(session, 0, "\0\0\26", &length, answer, &room), 0);
    CHECK(FermerSession(session, NULL), 0);
}

int main(int count, char **words)
{
    const char *mode = count > 1 ? words[1] : "";

    if (strcmp(mode, "cards") == 0 && count > 2) {
        read_cps(words[2]);
        read_vitale();
    } else if (strcmp(mode, "hold") == 0) {
        hold();
    } else if (strcmp(mode, "wait") == 0) {
        wait_for_card();
    } else if (strcmp(mode, "hostile") == 0) {
        be_hostile();
    } else if (strcmp(mode, "sizes") == 0) {
        print_sizes();
    } else if (strcmp(mode, "resources") == 0) {
        list_resources();
    } else if (strcmp(mode, "threads") == 0) {
        run_threads();
    } else if (strcmp(mode, "fork") == 0) {
        fork_child();
    } else if (strcmp(mode, "calls") == 0) {
        call_as_told();
    } else {
        return 2;
    }
    return 0;
}
