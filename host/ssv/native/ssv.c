/* The functions of SSV that need no answer to a call: beginning and ending, memory, the trace. */
#define _GNU_SOURCE
#include "ssv.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "code_words.h"
#include "frame_numbers.h"
#include "inside.h"
#include "memory.h"
#include "sgd_trace.h"
#include "ssv_link.h"

#define TRACE_ALL_MODULES 0
#define TRACE_SSV 1

struct link SSV_LINK = LINK_OF(CLIENT_SSV);

__attribute__((constructor)) static void prepare(void)
{
    link_watch(&SSV_LINK);
}

static uint16_t begin(const char *sesam_ini)
{
    uint16_t code = link_take_turn(&SSV_LINK);

    if (code != SSV_CODE_DONE)
        return code;
    if (SSV_LINK.begun)
        code = SSV_CODE_INITIALISED_TWICE;
    else
        code = link_open(&SSV_LINK, sesam_ini);
    if (code == SSV_CODE_DONE)
        SSV_LINK.begun = 1;
    link_leave_turn(&SSV_LINK);
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SSV_InitLIB(void)
{
    uint16_t code = begin("");

    TRACE(code, "SSV_InitLIB", "%s", code_words(code));
    return code;
}

/* Make a path absolute, for a server that works in another folder. Return 0, or -1 when it becomes too long. */
static int make_absolute(const char *path, char *absolute, size_t room)
{
    size_t used = 0;
    int size;

    if (*path != '/') {
        if (getcwd(absolute, room - 1) == NULL)
            return -1;
        used = strlen(absolute);
        absolute[used++] = '/';
    }
    size = snprintf(absolute + used, room - used, "%s", path);
    return size >= 0 && (size_t)size < room - used ? 0 : -1;
}

TLA_EXPORT unsigned short API_ENTRY SSV_InitLIB2(const char *sesam_ini)
{
    char absolute[LONGEST_PATH];
    uint16_t code = SSV_CODE_INPUT;

    if (sesam_ini != NULL && *sesam_ini != '\0' && strnlen(sesam_ini, LONGEST_PATH) < LONGEST_PATH
        && make_absolute(sesam_ini, absolute, sizeof absolute) == 0)
        code = begin(absolute);
    TRACE(code, "SSV_InitLIB2", "%s", code_words(code));
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SSV_TermLIB(void)
{
    uint16_t code = link_take_turn(&SSV_LINK);

    if (code == SSV_CODE_DONE) {
        code = SSV_LINK.begun ? SSV_CODE_DONE : SSV_CODE_NOT_INITIALISED;
        SSV_LINK.begun = 0;
        link_close(&SSV_LINK);
        link_leave_turn(&SSV_LINK);
    }
    TRACE(code, "SSV_TermLIB", "%s", code_words(code));
    return code;
}

TLA_EXPORT unsigned short API_ENTRY SSV_AllouerZoneMem(void **block, size_t size)
{
    uint16_t code = SSV_CODE_DONE;

    if (block == NULL) {
        code = SSV_CODE_OUTPUT;
    } else if (size == 0) {
        code = SSV_CODE_INPUT;
    } else if (size > FRAME_MOST_ZONE_BYTES || (*block = memory_take(size)) == NULL) {
        code = SSV_CODE_ALLOCATION;
    }
    TRACE(code, "SSV_AllouerZoneMem", "size=%zu", size);
    return code;
}

TLA_EXPORT void API_ENTRY SSV_LibererZoneMem(void *block)
{
    memory_give_back(block);
}

TLA_EXPORT unsigned short API_ENTRY SSV_InitTrace(char *file, char *mode, unsigned short module, unsigned char level)
{
    if (module != TRACE_ALL_MODULES && module != TRACE_SSV)
        return SSV_CODE_TRACE_MODULE;
    return trace_open(file, mode, level);
}
