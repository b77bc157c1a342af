/* A program that presents a code porteur of 8 digits, from its standard input, in every call that takes one, then
 * wipes its own copy and looks for the code in all memory that a core would hold: code_in_memory TRACE.
 *
 * It prints how often the code is there before and after wiping.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sgd.h>
#include <ssv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DIGITS 8u
#define VEIL 0x55
#define CHUNK ((size_t)1 << 20)

static unsigned char veiled[DIGITS];

static unsigned count_in(const unsigned char *bytes, size_t size)
{
    unsigned found = 0;

    for (size_t at = 0; at + DIGITS <= size; at++) {
        size_t same = 0;
        while (same < DIGITS && (bytes[at + same] ^ VEIL) == veiled[same])
            same++;
        found += same == DIGITS;
    }
    return found;
}

/* Count in everything that can be written to, save in the buffer of the search itself. */
static unsigned count_in_memory(void)
{
    unsigned char *buffer = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int memory = open("/proc/self/mem", O_RDONLY);
    FILE *maps = fopen("/proc/self/maps", "r");
    unsigned found = 0;
    char line[512];

    if (buffer == MAP_FAILED || memory < 0 || maps == NULL)
        abort();
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long begin, end;
        char access[5];
        if (sscanf(line, "%lx-%lx %4s", &begin, &end, access) != 3 || access[1] != 'w')
            continue;
        while (begin < end) {
            size_t size = end - begin < CHUNK ? end - begin : CHUNK;
            ssize_t got = begin < (unsigned long)buffer + CHUNK && begin + size > (unsigned long)buffer
                              ? -1
                              : pread(memory, buffer, size, (off_t)begin);
            if (got > 0)
                found += count_in(buffer, (size_t)got);
            begin += size;
        }
    }
    fclose(maps);
    close(memory);
    munmap(buffer, CHUNK);
    return found;
}

static void call_all(const char *code)
{
    char zone[] = {0, 1, 2, 1, 'T'};
    void *in[] = {zone}, *out, *many[8];
    size_t sizes[] = {sizeof zone}, size, many_sizes[8];
    unsigned short session;
    short count = 8;

    SGD_ReserverSession(1000, &session);
    SGD_AjouterGroupe(session, 9310);
    SSV_LireCartePS("CPS", "Log_SV", code, &out, &size);
    SSV_LireDroitsVitale("CPS", "Log_SV", code, "20261129", &out, &size);
    SSV_FormaterFactures("CPS", "Log_SV", code, '1', '1', zone, sizeof zone, &out, &size);
    SSV_SecuriserFacture("CPS", "Log_SV", code, 1, "", zone, sizeof zone, &out, &size);
    SSV_FormaterLot("CPS", "Log_SV", code, 1, in, sizes, &count, many, many_sizes);
    SSV_DechargerFacturesPdT("CPS", "Log_SV", code, "", 1, in, sizes, &count, many, many_sizes);
    SSV_DechargerFSETLA("CPS", "Log_SV", code, "", &count, many, many_sizes);
    SSV_DechargerBeneficiaires("CPS", "Log_SV", code, "", &count, many, many_sizes);
    SSV_EffacerTLA("CPS", "Log_SV", code, "", "");
    SIS_LireCartePS("CPS", "Log_SV", code, session);
    SIS_FormaterLot("CPS", "Log_SV", code, session);
    SIS_EffacerTLA("CPS", "Log_SV", code, "", "");
    SSV_LireCartePS("a name that is too long", "Log_SV", code, &out, &size);
}

int main(int count, char **arguments)
{
    unsigned char *code = calloc(1, DIGITS + 1);
    char anew[] = "w";
    unsigned before;

    if (count != 2 || code == NULL || read(STDIN_FILENO, code, DIGITS) != DIGITS)
        return 2;
    for (size_t at = 0; at < DIGITS; at++)
        veiled[at] = code[at] ^ VEIL;
    if (SSV_InitTrace(arguments[1], anew, 0, 2) != 0 || SSV_InitLIB() != 0)
        return 3;
    call_all((const char *)code);
    before = count_in_memory();
    explicit_bzero(code, DIGITS);
    printf("%u %u\n", before, count_in_memory());
    return 0;
}
