"""tla clock"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import JsonOption, print_facts, print_json
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.verb import new_verb

_MINUTE_MS: Final = 60_000

verb = new_verb()


@verb.command()
def clock(
    reader: ReaderOption = "",
    set_to: Annotated[
        str,
        typer.Option(
            "--set",
            metavar="now|ISO",
            show_default=False,
            help="Set the clock to this machine's time, or to a date and time such as 2019-03-05T08:00.",
        ),
    ] = "",
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the reader's date and time, or set them.

    The reader keeps local time without a time zone. A date and time with a zone is converted to this
    machine's.
    """
    from tla_sim.protocol.moment import moment_text

    wanted = _moment(set_to) if set_to and set_to != "now" else None
    with open_reader(reader, trace, level) as client:
        here = _local(datetime.now())
        if set_to:
            before = client.set_clock(here if wanted is None else wanted)
            moment = client.clock()
        else:
            before = moment = client.clock()
    drift = (before - here) / 1000
    if as_json:
        fields = {"moment": moment, "text": moment_text(moment), "drift_s": drift}
        print_json(fields | {"before": before if set_to else None})
        return
    facts: dict[str, object] = {"reader": moment_text(moment)}
    if set_to:
        facts[Sentence("before")] = moment_text(before)
    print_facts(
        facts | {Sentence("this machine"): moment_text(here), Sentence("drift"): _drift(before - here)}
    )


def _drift(drift_ms: int) -> str:
    """Return the clock's drift in seconds, and beyond a minute also as people say it."""
    from tla_sim.host.park.verdict import duration

    # A zero has no minus sign.
    seconds = Sentence("{seconds:+.1f} s", seconds=round(drift_ms / 1000, 1) + 0)
    if abs(drift_ms) < _MINUTE_MS:
        return seconds
    return Sentence("{seconds} ({duration})", seconds=seconds, duration=duration(drift_ms))


def _moment(text: str) -> int:
    try:
        stated = datetime.fromisoformat(text)
        moment = _local(stated)
    except (ValueError, OverflowError):
        _check_day(text)
        raise UsageProblem(
            "'{text}' is not a date and time",
            "Write now, or a date and time such as 2019-03-05T08:00",
            text=text,
        ) from None
    if moment < 0:
        raise UsageProblem("The reader does not know dates before 1970", "Give a later date")
    return moment


def _check_day(text: str) -> None:
    from tla_sim.host.practice.day import check_beginning
    from tla_sim.host.practice.problem import BadValue, Unfit, phrase

    try:
        check_beginning(text)
    except Unfit as unfit:
        raise BadValue("--set", phrase(text), str(unfit)) from None


def _local(moment: datetime) -> int:
    """Return a moment as the reader counts it: ms since 1970-01-01 00:00 local time."""
    local = moment.astimezone().replace(tzinfo=None) if moment.tzinfo else moment
    return int(local.replace(tzinfo=UTC).timestamp() * 1000)
