"""Commands to a reader or its cards, and the trace of all that came by any cable."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.names import file_name
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.ring import Part
from tla_sim.tools.simulator.control.trace_ring import TracedExchange
from tla_sim.tools.simulator.trace_capture import capture_of
from tla_sim.tools.web.api.asked import Asked, ReaderAsked, Spoken, StreamsAsked
from tla_sim.tools.web.api.happened import Exchange, Trace
from tla_sim.tools.web.api.named import DEVICES
from tla_sim.tools.web.api.requests import Apdu
from tla_sim.tools.web.happenings import tell_exchange
from tla_sim.tools.web.problems import WebProblem
from tla_sim.tools.web.streams import Streams

router = APIRouter(prefix="/v1/readers/{reader}", tags=["exchanges"])

MAX_LISTED: Final = 1_000
Number = Annotated[int, Path(ge=1, le=2**53, description="The number of an exchange.")]
AfterNumber = Annotated[int, Query(ge=0, le=2**53, description="Only those with a higher number.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LISTED, description="How many at most.")]
Text = Annotated[str, Query(max_length=100, description="Only those whose name, bytes or link have this.")]

PCAPNG_TYPE: Final = "application/x-pcapng"
_CAPTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file. It holds health data.",
        "content": {PCAPNG_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}
Outcome = TracedExchange | TlaError | None


class NoAnswerYet(WebProblem):
    """The command was not answered in time, and was dropped: it waits for a code at the keypad."""


class ExchangeForgotten(WebProblem):
    """The trace has no exchange of this number: it never had, or no longer keeps it."""

    http_status = 404


@router.post("/apdu")
async def send_apdu(apdu: Apdu, asked: Asked, streams: StreamsAsked, language: Spoken) -> Exchange:
    """Send a command on a cable of the API's own, with a session of its own, and return the exchange.

    The cable must be in. A command that waits for a code at the keypad is answered when the code was typed.
    Work of `/v1/surgery` ends this session; verify the code again then.
    """
    lad, command = DEVICES[apdu.device], bytes.fromhex(apdu.command)
    outcome = await _exchange(asked, streams, lad, command, apdu.timeout / 1000)
    return tell_exchange(outcome, language, whole=True)


async def _exchange(
    asked: ReaderAsked, streams: Streams, lad: Lad, command: bytes, seconds: float
) -> TracedExchange:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[Outcome] = loop.create_future()

    def settle(outcome: Outcome) -> None:
        if not answered.done():
            answered.set_result(outcome)

    def begin(control: ReaderControl) -> None:
        def take(answer: bytes | TlaError) -> None:
            outcome = answer if isinstance(answer, TlaError) else control.last_exchange
            loop.call_soon_threadsafe(settle, outcome)

        control.begin(lad, command, take)

    await asked.ask(begin)
    try:
        async with asyncio.timeout(seconds):
            outcome = await streams.result(answered)
    except TimeoutError:
        await asked.ask(lambda control: control.hang_up())
        raise NoAnswerYet(
            "The command was not answered within {seconds:g} s",
            "Type the code at the reader, or wait longer",
            seconds=seconds,
        ) from None
    if isinstance(outcome, TlaError):
        raise outcome
    assert outcome is not None
    return outcome


@router.get("/trace")
async def list_exchanges(
    asked: Asked, language: Spoken, after: AfterNumber = 0, limit: Limit = 100, text: Text = ""
) -> Trace:
    """Return exchanges, the oldest first, without their fields. Codes are blanked."""

    def look(control: ReaderControl) -> tuple[Part[TracedExchange], int]:
        return control.trace(after, None if text else limit), control.exchanges

    part, newest = await asked.ask(look)
    found, next_number = [], part.next
    for each in part.items:
        exchange = tell_exchange(each, language)
        if _has(exchange, text.casefold()):
            found.append(exchange)
            if len(found) == limit:
                next_number = exchange.number
                break
    return Trace(exchanges=found, next=next_number, newest=newest, missed=part.missed)


def _has(exchange: Exchange, text: str) -> bool:
    words = (exchange.name, exchange.meaning, exchange.link, exchange.command, exchange.response or "")
    return not text or any(text in word.casefold() for word in words)


@router.get("/trace.pcapng", response_class=Response, responses=_CAPTURE)
async def download_trace(asked: Asked) -> Response:
    """Return the exchanges that the trace keeps as a file that Wireshark opens. Codes are blanked.

    Times are those of the reader's clock. `tla trace follow` captures live.
    """
    part = await asked.ask(lambda control: control.trace())
    name = f"{file_name(asked.shown.name) or 'reader'}.pcapng"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(capture_of(part.items), 200, headers, PCAPNG_TYPE)


@router.get("/trace/{number}")
async def show_exchange(number: Number, asked: Asked, language: Spoken) -> Exchange:
    """Return one exchange, with the fields of its bytes."""
    traced = await asked.ask(lambda control: control.exchange(number))
    if traced is None:
        raise ExchangeForgotten(
            "There is no exchange {number}", "Look at the trace; it keeps the newest", number=number
        )
    return tell_exchange(traced, language, whole=True)


@router.delete("/trace", status_code=204)
async def clear_trace(asked: Asked) -> None:
    """Forget the exchanges so far; their numbers go on."""
    await asked.ask(lambda control: control.clear_trace())
