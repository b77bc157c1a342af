/* The connection of a GALSS library, and its codes. */
#include "galss_call.h"

#include "frame_numbers.h"

static struct link server = LINK_OF(CLIENT_GALSS);

__attribute__((constructor)) static void prepare(void)
{
    link_watch(&server);
}

static uint16_t connect_once(void)
{
    uint16_t code;

    if (server.begun)
        return SSV_CODE_DONE;
    code = link_take_turn(&server);
    if (code != SSV_CODE_DONE)
        return code;
    if (!server.begun) {
        code = link_open(&server, "");
        if (code == SSV_CODE_DONE)
            server.begun = 1;
    }
    link_leave_turn(&server);
    return code;
}

void galss_begin(struct call *call, const char *name, uint16_t function, unsigned seconds)
{
    uint16_t code = connect_once();

    call_begin(call, &server, name, function, seconds);
    /* Not "not initialised", which a program of the GALSS cannot be. */
    call->code = code;
}

uint16_t galss_carry_out(struct call *call)
{
    switch (call_carry_out(call)) {
    case SSV_CODE_INPUT:
    case SSV_CODE_OUTPUT:
        return SSV_CODE_PARAMETER;
    case SSV_CODE_ALLOCATION:
        return SSV_CODE_SESSIONS;
    case SSV_CODE_INCOHERENT:
        return SSV_CODE_GALSS_INTERNAL;
    default:
        return call->code;
    }
}
