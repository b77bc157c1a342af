/* The practice's whole round by the SIS functions, as practice software in C goes through it.

     whole_round load FOLDER ZONE...   identify the reader, set its clock, load prepared invoices
     whole_round unload FOLDER         by the card in the slot: unload alone
     whole_round bring FOLDER          by the card in the slot: unload, sign, make lots and files, erase
     whole_round answer FOLDER ARL...  take the recipients' answers

   The code porteur is in CODE_PORTEUR. What comes is kept in FOLDER: zones as text, a line for each group
   (number, occurrence, fields in hexadecimal, an empty one as -), documents and files as they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sgd.h"
#include "ssv.h"
#include "ssv_codes.h"

enum { ROOM = 65536, FEW = 5000, SITUATION = 2, BILLING_NUMBER = 9, DOCUMENT = 9310, FILE_HEAD = 9321, PART = 9322 };
enum { MOST_TRIES = 250, WAIT_NS = 100000000 };

static const char *const PS = "CPS", *const READER = "Log_SV";
static const char *folder;

/* End the program unless the call was carried out. */
static void must(const char *function, unsigned short code)
{
    if (code == SSV_CODE_DONE)
        return;
    fprintf(stderr, "%s: %04X\n", function, (unsigned)code);
    exit(1);
}

/* Whether to call again: at once after 0200, after 100 ms while another application has the reader. */
static int again(unsigned short code)
{
    static int tries;
    const struct timespec wait = {0, WAIT_NS};

    if ((code != SSV_CODE_HELD && code != SSV_CODE_LINK_PROTOCOL) || ++tries > MOST_TRIES)
        return tries = 0;
    if (code == SSV_CODE_HELD) {
        puts("held");
        fflush(stdout);
        nanosleep(&wait, NULL);
    }
    return 1;
}

#define CALL(function, ...)                                                                                            \
    do {                                                                                                               \
        unsigned short code_;                                                                                          \
        do                                                                                                             \
            code_ = function(__VA_ARGS__);                                                                             \
        while (again(code_));                                                                                          \
        must(#function, code_);                                                                                        \
    } while (0)

static const char *code_porteur(void)
{
    const char *code = getenv("CODE_PORTEUR");

    if (code == NULL)
        exit(2);
    return code;
}

static unsigned short reserve(void)
{
    unsigned short session;

    must("SGD_ReserverSession", SGD_ReserverSession(FEW, &session));
    return session;
}

static FILE *open_kept(const char *name, const char *mode)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, mode);
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    return file;
}

static void close_kept(FILE *file)
{
    if (fclose(file) != 0) {
        perror(folder);
        exit(1);
    }
}

/* Whether the session has a group after this one. */
static int next(unsigned short session, unsigned short *group, unsigned short *occurrence)
{
    unsigned short code = SGD_LireGroupeSuivant(session, *group, *occurrence, group, occurrence);

    if (code != SSV_CODE_LAST_GROUP)
        must("SGD_LireGroupeSuivant", code);
    return code == SSV_CODE_DONE;
}

/* Whether the group has this field. */
static int has_field(unsigned short session, unsigned short group, unsigned short occurrence, unsigned short field,
                     char *value, size_t *length)
{
    unsigned short code;

    *length = ROOM;
    code = SGD_LireChampBin(session, group, occurrence, field, value, length);
    if (code != SSV_CODE_NO_GROUP)
        must("SGD_LireChampBin", code);
    return code == SSV_CODE_DONE;
}

static void read_text(unsigned short session, unsigned short group, unsigned short occurrence, unsigned short field,
                      char *value, size_t room)
{
    must("SGD_LireChamp", SGD_LireChamp(session, group, occurrence, field, value, &room));
}

/* Keep a session's groups as text. */
static void keep(unsigned short session, const char *name)
{
    static char value[ROOM];
    FILE *file = open_kept(name, "w");
    unsigned short group = 0, occurrence = 0;

    while (next(session, &group, &occurrence)) {
        unsigned short field;
        size_t length;

        fprintf(file, "%hu %hu", group, occurrence);
        for (field = 1; has_field(session, group, occurrence, field, value, &length); field++) {
            fputs(length == 0 ? " -" : " ", file);
            for (size_t at = 0; at < length; at++)
                fprintf(file, "%02x", (unsigned)(unsigned char)value[at]);
        }
        fputc('\n', file);
    }
    close_kept(file);
}

/* Add one field; where the session is full, make it larger. */
static void add_field(unsigned short session, const char *value, size_t length)
{
    size_t room = FEW;
    unsigned short code;

    while ((code = SGD_AjouterChampBin(session, value, length)) == SSV_CODE_ZONE_FULL)
        must("SGD_RedimensionnerBuffer", SGD_RedimensionnerBuffer(session, room *= 2));
    must("SGD_AjouterChampBin", code);
}

static void add_group(unsigned short session, unsigned short group)
{
    size_t room = FEW;
    unsigned short code;

    while ((code = SGD_AjouterGroupe(session, group)) == SSV_CODE_ZONE_FULL)
        must("SGD_RedimensionnerBuffer", SGD_RedimensionnerBuffer(session, room *= 2));
    must("SGD_AjouterGroupe", code);
}

/* Copy one group of a session into the zone that goes into another. */
static void copy_group(unsigned short from, unsigned short group, unsigned short occurrence, unsigned short to)
{
    static char value[ROOM];
    size_t length;

    add_group(to, group);
    for (unsigned short field = 1; has_field(from, group, occurrence, field, value, &length); field++)
        add_field(to, value, length);
}

static size_t read_file(const char *path, unsigned char *bytes, size_t room)
{
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL) {
        perror(path);
        exit(1);
    }
    size = fread(bytes, 1, room, file);
    fclose(file);
    return size;
}

/* The length of a group or field, and how many bytes say it. */
static size_t length_at(const unsigned char *bytes, size_t *header)
{
    if (bytes[0] < 0x80)
        return *header = 1, bytes[0];
    if (bytes[0] == 0x81)
        return *header = 2, bytes[1];
    return *header = 3, (size_t)(bytes[1] << 8 | bytes[2]);
}

/* Add the groups of a zone that somebody prepared in a file. */
static void add_zone(unsigned short session, const char *path)
{
    static unsigned char zone[ROOM];
    size_t size = read_file(path, zone, sizeof zone), at = 0, header;

    while (at < size) {
        size_t end;

        add_group(session, (unsigned short)(zone[at] << 8 | zone[at + 1]));
        end = length_at(zone + at + 2, &header) + at + 2 + header;
        at += 2 + header;
        while (at < end) {
            size_t length = length_at(zone + at, &header);

            add_field(session, (const char *)zone + at + header, length);
            at += header + length;
        }
    }
}

static void load(int count, char **zones)
{
    unsigned short session = reserve();
    char moment[13];
    FILE *file;

    CALL(SIS_IdentifierTLA, READER, "1.40", session);
    keep(session, "identity.txt");
    CALL(SIS_LireConfig, session);
    keep(session, "config.txt");
    CALL(SIS_MajDateLecteur, READER, "20190305080000");
    CALL(SIS_LireDateLecteur, READER, moment);
    file = open_kept("clock.txt", "w");
    fputs(moment, file);
    close_kept(file);
    for (int at = 0; at < count; at++)
        add_zone(session, zones[at]);
    CALL(SIS_ChargerFacturesPdT, READER, "", session);
    keep(session, "loaded.txt");
    must("SGD_LibererSession", SGD_LibererSession(session));
}

/* The Vitale that is in the slot, if one is. */
static void read_rights(unsigned short session)
{
    unsigned short code;

    do
        code = SIS_LireDroitsVitale(PS, READER, code_porteur(), "20190305", session);
    while (again(code));
    if (code == SSV_CODE_VITALE_ABSENT)
        return;
    must("SIS_LireDroitsVitale", code);
    keep(session, "rights.txt");
}

/* The name of a document's file: what it is, owner, number, kind, and what is kept of it. */
static void name_document(unsigned short session, unsigned short occurrence, const char *what, const char *suffix,
                          char *name, size_t room)
{
    char owner[10], number[10], kind[2];

    read_text(session, DOCUMENT, occurrence, 1, owner, sizeof owner);
    read_text(session, DOCUMENT, occurrence, 2, number, sizeof number);
    read_text(session, DOCUMENT, occurrence, 3, kind, sizeof kind);
    snprintf(name, room, "%s-%s-%s-%s.%s", what, owner, number, kind, suffix);
}

static void keep_document(unsigned short session, unsigned short occurrence, const char *what)
{
    char name[64], path[4096];

    name_document(session, occurrence, what, "fse", name, sizeof name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    must("SGD_LireChampFichier", SGD_LireChampFichier(session, DOCUMENT, occurrence, 6, path));
}

/* What a document says, and whether its signatures hold. */
static void keep_translation(unsigned short session, unsigned short occurrence)
{
    unsigned short said = reserve();
    char name[64];

    copy_group(session, DOCUMENT, occurrence, said);
    CALL(SIS_TraduireFSE, said);
    name_document(session, occurrence, "said", "txt", name, sizeof name);
    keep(said, name);
    must("SGD_LibererSession", SGD_LibererSession(said));
}

/* Keep what was certified. Of this owner's, give the final signature to those that wait for it, and collect all for
   the lots. Return how many are in the lots. */
static int take_documents(unsigned short unloaded, const char *mine, unsigned short lots)
{
    unsigned short group = 0, occurrence = 0;
    int many = 0;

    while (next(unloaded, &group, &occurrence)) {
        char owner[10], state[21];

        keep_document(unloaded, occurrence, "unloaded");
        keep_translation(unloaded, occurrence);
        read_text(unloaded, DOCUMENT, occurrence, 1, owner, sizeof owner);
        read_text(unloaded, DOCUMENT, occurrence, 4, state, sizeof state);
        if (strcmp(owner, mine) != 0)
            continue;
        many++;
        if (strcmp(state, "PARTIAL") == 0) {
            unsigned short signing = reserve();

            copy_group(unloaded, DOCUMENT, occurrence, signing);
            CALL(SIS_SecuriserFacture, PS, READER, code_porteur(), 0, "", signing);
            keep_document(signing, 1, "final");
            copy_group(signing, DOCUMENT, 1, lots);
            must("SGD_LibererSession", SGD_LibererSession(signing));
        } else {
            copy_group(unloaded, DOCUMENT, occurrence, lots);
        }
    }
    return many;
}

/* Keep each file under its identity. */
static void keep_files(unsigned short session)
{
    static char part[ROOM];
    unsigned short group = 0, occurrence = 0;
    FILE *file = NULL;
    size_t length;

    while (next(session, &group, &occurrence)) {
        if (group == FILE_HEAD) {
            char identity[65], name[80];

            if (file != NULL)
                close_kept(file);
            read_text(session, FILE_HEAD, occurrence, 1, identity, sizeof identity);
            snprintf(name, sizeof name, "file-%s.zip", identity);
            file = open_kept(name, "wb");
        } else if (file != NULL && group == PART && has_field(session, PART, occurrence, 2, part, &length)) {
            fwrite(part, 1, length, file);
        }
    }
    if (file != NULL)
        close_kept(file);
}

/* Put all groups of one session into another. */
static void carry(unsigned short from, unsigned short to)
{
    unsigned short group = 0, occurrence = 0;

    while (next(from, &group, &occurrence))
        copy_group(from, group, occurrence, to);
}

static void unload(void)
{
    unsigned short session = reserve();

    CALL(SIS_DechargerFSETLA, PS, READER, code_porteur(), "", session);
    take_documents(session, "", session);
    must("SGD_LibererSession", SGD_LibererSession(session));
}

static void bring(void)
{
    unsigned short session = reserve(), lots = reserve();
    const char *code = code_porteur();
    char mine[10];

    CALL(SIS_LireCartePS, PS, READER, code, session);
    keep(session, "card.txt");
    read_text(session, SITUATION, 1, BILLING_NUMBER, mine, sizeof mine);
    read_rights(session);
    CALL(SIS_DechargerBeneficiaires, PS, READER, code, "", session);
    keep(session, "beneficiaries.txt");
    CALL(SIS_DechargerFSETLA, PS, READER, code, "", session);
    if (take_documents(session, mine, lots) > 0) {
        CALL(SIS_FormaterLot, PS, READER, code, lots);
        keep(lots, "lots.txt");
        carry(lots, session);
        CALL(SIS_FormaterFichier, session);
        keep_files(session);
    }
    CALL(SIS_EffacerTLA, PS, READER, code, "", "");
    must("SGD_LibererSession", SGD_LibererSession(session));
    must("SGD_LibererSession", SGD_LibererSession(lots));
}

static void answer(int count, char **arls)
{
    static unsigned char bytes[ROOM];
    unsigned short session = reserve();

    for (int at = 0; at < count; at++) {
        size_t size = read_file(arls[at], bytes, sizeof bytes);

        add_group(session, PART);
        add_field(session, "1", 1);
        add_field(session, (const char *)bytes, size);
    }
    CALL(SIS_TraduireARL, session);
    keep(session, "answers.txt");
    must("SGD_LibererSession", SGD_LibererSession(session));
}

int main(int count, char **arguments)
{
    if (count < 3)
        return 2;
    folder = arguments[2];
    must("SSV_InitLIB", SSV_InitLIB());
    if (strcmp(arguments[1], "load") == 0)
        load(count - 3, arguments + 3);
    else if (strcmp(arguments[1], "unload") == 0)
        unload();
    else if (strcmp(arguments[1], "bring") == 0)
        bring();
    else if (strcmp(arguments[1], "answer") == 0)
        answer(count - 3, arguments + 3);
    must("SSV_TermLIB", SSV_TermLIB());
    return 0;
}
