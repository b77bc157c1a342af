"""What Wireshark lists of us: running readers, serial ports and PC/SC slots to tap.

Wireshark asks several times when it starts, so what is imported here is little.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.capture.live.finding import list_running
from tla_sim.tools.capture.live.meeting_folder import meeting_folder

READER: Final = "tla:"
SERIAL: Final = "tla-serial:"
PCSC: Final = "tla-pcsc:"
_DEVICES: Final = re.compile(r"tty(S|USB|ACM|AMA)[0-9]+")
_DEV: Final = Path("/dev")


class Choice(NamedTuple):
    """One of the values of an argument that several may be chosen of."""

    value: str
    display: str


@dataclass(frozen=True)
class Argument:
    """Something to set before capturing: its option, what it is called, its kind and its default."""

    call: str
    display: str
    kind: str
    default: str = ""
    tooltip: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Interface:
    """An interface of ours: `value` stays the same, `display` is for people."""

    value: str
    display: str

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """What can be set before capturing."""
        kind = self.value.partition(":")[0] + ":"
        if kind == SERIAL:
            return _serial_arguments(unquote(self.value.removeprefix(SERIAL)))
        return _PCSC_ARGUMENTS if kind == PCSC else _LEVELS


_LEVELS: Final = (
    Argument(
        "--level",
        Sentence("Below the APDUs"),
        "multicheck",
        tooltip=Sentence("What travels below the APDUs is captured, too"),
        choices=(
            Choice("t1", Sentence("T=1 blocks")),
            Choice("ccid", Sentence("CCID messages")),
            Choice("vpcd", Sentence("vpcd messages")),
        ),
    ),
)
_PCSC_ARGUMENTS: Final = (
    Argument(
        "--socket",
        Sentence("Start the program with PCSCLITE_CSOCK_NAME="),
        "string",
        tooltip=Sentence("Start the program with PCSCLITE_CSOCK_NAME set to this path"),
    ),
)


def list_interfaces() -> list[Interface]:
    """Return everything that can be captured now."""
    return [*_running(), *_serial(), *_pcsc()]


def pcsc_socket() -> Path:
    """Return the path of the socket at which programs are heard that use PC/SC."""
    return meeting_folder() / "pcsc.comm"


def _serial_arguments(device: str) -> tuple[Argument, ...]:
    place = meeting_folder() / Path(device).name
    return (
        Argument(
            "--peer",
            Sentence("Where the program connects"),
            "string",
            f"pty:{place}",
            Sentence("Another serial port, or pty:PATH, which is made for the program to open"),
        ),
        Argument("--baud", Sentence("Speed in baud"), "unsigned", "9600"),
        Argument(
            "--edc",
            Sentence("Error detection code of the blocks"),
            "selector",
            choices=(Choice("crc", "CRC"), Choice("lrc", "LRC")),
        ),
    )


def _running() -> Iterator[Interface]:
    try:
        running = list_running()
    except OSError:
        return
    for each in running:
        said = Sentence("{program}: {name}", program=each.program, name=each.name)
        if each.address:
            said = Sentence(
                "{program}: {name}, {address}",
                program=each.program,
                name=each.name,
                address=each.address,
            )
        yield Interface(f"{READER}{each.id}", said)


def _serial() -> Iterator[Interface]:
    """Look in /dev: asking for descriptions as pyserial does takes longer than all the rest."""
    for name in sorted(path.name for path in _DEV.iterdir() if _DEVICES.fullmatch(path.name)):
        device = str(_DEV / name)
        if os.access(device, os.R_OK | os.W_OK):
            said = Sentence("Tap on the serial port {device}", device=device)
            yield Interface(f"{SERIAL}{quote(device, safe='/')}", said)


def _pcsc() -> Iterator[Interface]:
    from tla_sim.tools.capture.pcsc_proxy import service_socket
    from tla_sim.tools.capture.pcsc_slots import list_slot_names

    for name in list_slot_names(service_socket()):
        yield Interface(f"{PCSC}{quote(name, safe='')}", Sentence("Tap on the PC/SC slot {name}", name=name))
