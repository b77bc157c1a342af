/* usDump, whose index goes both ways. */
#include "galss.h"

#include <stddef.h>

#include "galss_call.h"
#include "galss_numbers.h"

TLA_EXPORT unsigned short API_ENTRY usDump(unsigned short table, unsigned short session, unsigned short *index,
                                           unsigned short *block_size, void *block)
{
    struct call call;
    uint16_t code;

    galss_begin(&call, "usDump", GALSS_US_DUMP, GALSS_US_DUMP_SECONDS);
    if (index == NULL)
        call_fail(&call, SSV_CODE_PARAMETER);
    call_number(&call, table);
    call_number(&call, session);
    call_number(&call, index == NULL ? 0 : *index);
    galss_block_out(&call, table, block_size, block);
    code = galss_carry_out(&call);
    if (code == SSV_CODE_DONE)
        ++*index;
    return code;
}
