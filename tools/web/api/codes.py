"""The code porteur of the PS card in the reader, verified for the API's own session."""

from __future__ import annotations

import os
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, SecretStr

from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.lad import Lad
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.trace_ring import TracedExchange
from tla_sim.tools.web.api.asked import Asked, Spoken
from tla_sim.tools.web.api.happened import Exchange
from tla_sim.tools.web.api.model import Given
from tla_sim.tools.web.happenings import tell_exchange

router = APIRouter(prefix="/v1/readers/{reader}", tags=["exchanges"])


class Code(Given):
    """A code porteur. It is sent to the reader enciphered, and said nowhere again."""

    code: Annotated[SecretStr, Field(min_length=4, max_length=8, json_schema_extra={"pattern": "^[0-9]+$"})]


@router.post("/verify")
async def verify_code(given: Code, asked: Asked, language: Spoken) -> Exchange:
    """Verify the code of the PS card over the code channel, as practice software does.

    The session of `…/apdu` may then certify and sign.
    """

    def verify(control: ReaderControl) -> TracedExchange:
        before = control.exchanges
        transport = InProcessTransport(control.transmit)
        ReaderClient(transport, os.urandom).verify_code(given.code.get_secret_value())
        done = control.trace(before).items
        return next(each for each in done if each.lad is Lad.LOG_SV and each.command[1] == Ins.VERIFY_CODE)

    return tell_exchange(await asked.ask(verify), language, whole=True)
