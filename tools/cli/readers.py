"""tla readers"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from tla_sim.protocol.errors import PortUnavailable
from tla_sim.protocol.sentence import Sentence, sentences
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line, print_table
from tla_sim.tools.cli.reader_option import APPLICATION
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.host.transport.pcsc import PcscSlot

verb = new_verb()

_STATE_MARK: Final = "state.json"


class _Found(NamedTuple):
    """Something that may be a reader. `url` is empty for a slot that does not take the reader's commands."""

    url: str
    way: str
    name: str
    content: str


@verb.command()
def readers(as_json: JsonOption = False) -> None:
    """List what is reachable: running readers, PC/SC slots and their cards, serial ports, state folders."""
    found = [*_running(), *_pcsc(), *_serial(), *_states()]
    if as_json:
        print_json([each._asdict() for each in found])
    elif found:
        print_table(
            sentences("--reader", "way", "name", "contents"),
            found,
        )
    else:
        print_line("Nothing found. For a simulated reader that PC/SC programs can use: tla sim --pcscd")


def reachable() -> list[str]:
    """Return the URLs of possible real readers: PC/SC slots that take a reader's commands, and serial
    ports.
    """
    return [each.url for each in (*_pcsc(), *_serial()) if each.url]


def serial_ports() -> list[str]:
    """Return the devices of this machine's serial ports."""
    return [each.name for each in _serial()]


def pcsc_slots() -> list[str] | None:
    """Return the names of the PC/SC slots. If PC/SC is not available, say why and return `None`."""
    slots = _slots()
    return None if slots is None else [slot.name for slot in slots]


def _slots() -> list[PcscSlot] | None:
    from tla_sim.host.transport.pcsc import list_slots

    try:
        return list_slots()
    except PortUnavailable as error:
        note(error.told)
        return None


def _pcsc() -> list[_Found]:
    slots = _slots() or []
    running = [slot for slot in slots if slot.runs_log_sv]
    return [_slot(slot, alone=len(running) == 1) for slot in slots]


def _slot(slot: PcscSlot, alone: bool) -> _Found:
    from tla_sim.tools.cards.names import card_name

    url = ""
    if slot.runs_log_sv:
        url = "pcsc:" if alone else f"pcsc:{slot.number}"
    content = (
        Sentence("a card that does not answer")
        if slot.mute
        else card_name(slot.atr)
        if slot.atr
        else Sentence("empty")
    )
    return _Found(url, Sentence("PC/SC slot {number}", number=slot.number), slot.name, content)


def _serial() -> list[_Found]:
    from serial.tools import list_ports

    return [
        _Found(
            f"serial:{quote(port.device)}",
            Sentence("serial port"),
            port.device,
            _describe_port(port.description),
        )
        for port in sorted(list_ports.comports(), key=lambda port: port.device)
    ]


def _running() -> list[_Found]:
    """Return the simulated readers that run, which `tla trace follow` finds by name."""
    from tla_sim.tools.capture.live.finding import list_running

    try:
        running = list_running()
    except OSError as error:
        note(Sentence("{file}: {reason}", file=error.filename, reason=error.strerror or error))
        return []
    return [
        _Found(
            next(iter(each.announcement.urls), ""),
            Sentence("running"),
            each.name,
            Sentence("{program}, process {pid}", program=each.program, pid=each.pid),
        )
        for each in running
    ]


def _describe_port(description: str | None) -> str:
    """Return the system's description of a port; pyserial writes `n/a` where there is none."""
    return "" if description in (None, "n/a") else str(description)


def _states() -> list[_Found]:
    """Return the readers in the user's data directory."""
    import platformdirs

    home = Path(platformdirs.user_data_path(APPLICATION))
    return [
        _Found(
            f"state:{quote(str(mark.parent))}",
            Sentence("state directory"),
            str(mark.parent),
            Sentence("a simulated reader"),
        )
        for mark in sorted(home.glob(f"*/{_STATE_MARK}"))
    ]
