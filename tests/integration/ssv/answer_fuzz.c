/* Any bytes as the server's answer to any SSV function: a fuzz target for libFuzzer. The first byte chooses the
 * function, the rest is what the server answers. There is no socket: `link_exchange` takes the answer from here.
 *
 * The callers are written by calls_program.py: each makes an ordinary call, reads all that comes out, and frees it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "callers.h"
#include "link.h"
#include "ssv_link.h"

static const uint8_t *answer;
static size_t answer_size;

uint16_t link_exchange(struct link *link, uint16_t function, const struct part *parts, size_t count,
                       unsigned seconds, struct reply *reply)
{
    size_t size = 0;

    (void)link, (void)function, (void)seconds;
    for (size_t at = 0; at < count; at++)
        for (size_t byte = 0; byte < parts[at].size; byte++)
            size += ((const uint8_t *)parts[at].bytes)[byte];
    memset(reply, 0, sizeof *reply);
    if (answer_size < 2 || size == 0)
        return SSV_CODE_INCOHERENT;
    if (answer[0] != 0 || answer[1] != 0)
        return (uint16_t)(answer[0] << 8 | answer[1]);
    reply->body = malloc(answer_size);
    if (reply->body == NULL)
        abort();
    memcpy(reply->body, answer, answer_size);
    reply->at = reply->body + 2;
    reply->left = answer_size - 2;
    return SSV_CODE_DONE;
}

void link_watch(struct link *link)
{
    link->begun = 1;
}

uint16_t link_take_turn(struct link *link)
{
    (void)link;
    return SSV_CODE_DONE;
}

void link_leave_turn(struct link *link)
{
    (void)link;
}

uint16_t link_open(struct link *link, const char *sesam_ini)
{
    (void)link, (void)sesam_ini;
    return SSV_CODE_DONE;
}

void link_close(struct link *link)
{
    (void)link;
}

void link_give_up(struct link *link)
{
    (void)link;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    answer = bytes + 1;
    answer_size = size - 1;
    CALLERS[bytes[0] % (sizeof CALLERS / sizeof *CALLERS)]();
    if (wrong)
        abort();
    return 0;
}
