"""The text form of a served link, with options after `?`.

`pty:PATH`, `tcp:HOST:PORT`, `serial:DEVICE`, `ccid:PATH` or `vpcd:HOST:PORT`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl, unquote

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.protocol.t1.block import Edc
from tla_sim.reader_fw.links.ccid_link import ALL_LADS

DEFAULT_BAUD: Final = 9600
LOOPBACK: Final = "127.0.0.1"
_FORMS: Final = {
    "pty": Sentence("pty:PATH or pty:PATH?baud=9600"),
    "tcp": Sentence("tcp:HOST:PORT"),
    "serial": Sentence("serial:DEVICE?baud=9600"),
    "ccid": Sentence("ccid:PATH or ccid:PATH?slots=ps,vitale"),
    "vpcd": Sentence("vpcd:HOST:PORT or vpcd:HOST:PORT?slots=ps,log_sv"),
}
_PACED: Final = ("pty", "serial")
_SLOTTED: Final = ("ccid", "vpcd")


class BadLink(TlaError, ValueError):
    """The text does not describe a link that can be served."""

    category = Category.BAD_INPUT


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """One link to serve, as described by `text`. A `baud` of `None` is as fast as the line goes.

    `slots` are the addresses in the card slots of a PC/SC link, from slot 0 on.
    """

    text: str
    kind: str
    address: str
    baud: int | None
    edc: Edc
    slots: tuple[Lad, ...] = ALL_LADS

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the link that a text describes.

        Options: `baud` (serial: 9600 by default; pty: unlimited by default), `edc` (crc or lrc; pty, tcp,
        serial), `slots` (up to three of ps, vitale, log_sv, each once, all of them by default; ccid, vpcd).
        `%XX` stands for a character that would end a part. Raises BadLink.
        """
        kind, _, rest = text.partition(":")
        form = _FORMS.get(kind)
        if form is None:
            raise BadLink(
                "'{text}' is not a link", "Write {forms}", text=text, forms=Joined(", ", _FORMS.values())
            )
        address, question, query = rest.partition("?")
        try:
            options = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(question)))
            edc = Edc(options.pop("edc", Edc.CRC.value)) if kind not in _SLOTTED else Edc.LRC
            baud = options.pop("baud", None) if kind in _PACED else None
            slots = _parse_slots(options.pop("slots", None) if kind in _SLOTTED else None)
            speed = DEFAULT_BAUD if kind == "serial" else None
            if baud is not None:
                speed = int(baud) if baud.isascii() and len(baud) < 9 else 0
        except ValueError:
            raise BadLink(
                "'{text}' has an option that cannot be read", "Write {form}", text=text, form=form
            ) from None
        address = unquote(address)
        if not address or "\0" in address or options or (speed is not None and speed < 50):
            raise BadLink(
                "'{text}' is not complete or has a wrong option", "Write {form}", text=text, form=form
            )
        return cls(text, kind, address, speed, edc, slots)

    def host_and_port(self) -> tuple[str, int]:
        """Return the host (loopback by default) and port (0 for any) of a TCP address. Raises BadLink."""
        host, colon, port = self.address.rpartition(":")
        if not port.isascii() or not port.isdigit() or len(port) > 5 or int(port) > 65_535:
            raise BadLink(
                "'{text}' has no port number from 0 to 65535",
                "Write {form}",
                text=self.text,
                form=_FORMS[self.kind],
            )
        host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        return (host if colon and host else LOOPBACK), int(port)


def _parse_slots(text: str | None) -> tuple[Lad, ...]:
    if text is None:
        return ALL_LADS
    names = {lad.name.lower(): lad for lad in ALL_LADS}
    chosen = [names.get(name) for name in text.split(",")]
    slots = tuple(lad for lad in chosen if lad is not None)
    if len(slots) != len(chosen) or len(dict.fromkeys(slots)) != len(slots):
        raise ValueError(text)
    return slots
