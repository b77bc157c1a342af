"""How a served link is written: `pty:PATH`, `tcp:HOST:PORT`, `serial:DEVICE`, each with options after `?`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl, unquote

from protocol.errors import TlaError
from protocol.t1_block import Edc

DEFAULT_BAUD: Final = 9600
LOOPBACK: Final = "127.0.0.1"
_FORMS: Final = {
    "pty": "pty:PATH or pty:PATH?baud=9600",
    "tcp": "tcp:HOST:PORT",
    "serial": "serial:DEVICE?baud=9600",
}


class BadLink(TlaError, ValueError):
    """A link that cannot be served as it is written."""


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """One link to serve, as it was written in `text`. `baud` of `None` is as fast as the line goes."""

    text: str
    kind: str
    address: str
    baud: int | None
    edc: Edc

    @classmethod
    def parse(cls, text: str) -> Self:
        """A link from its text. Options: `baud` (pty: unpaced unless given; serial: 9600), `edc` (crc, lrc).

        `%XX` stands for a character that would end a part. Raises BadLink.
        """
        kind, _, rest = text.partition(":")
        form = _FORMS.get(kind)
        if form is None:
            raise BadLink(f"'{text}' is no link", f"Write {', '.join(_FORMS.values())}")
        address, question, query = rest.partition("?")
        try:
            options = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(question)))
            edc = Edc(options.pop("edc", Edc.CRC.value))
            baud = options.pop("baud", None) if kind != "tcp" else None
            speed = DEFAULT_BAUD if kind == "serial" else None
            if baud is not None:
                speed = int(baud) if baud.isascii() and len(baud) < 9 else 0
        except ValueError:
            raise BadLink(f"'{text}' has an option that cannot be read", f"Write {form}") from None
        if not address or options or (speed is not None and speed < 50):
            raise BadLink(f"'{text}' is not complete or has a wrong option", f"Write {form}")
        return cls(text, kind, unquote(address), speed, edc)

    def host_and_port(self) -> tuple[str, int]:
        """The parts of a TCP address; without a host it is loopback, port 0 is any. Raises BadLink."""
        host, colon, port = self.address.rpartition(":")
        if not port.isascii() or not port.isdigit() or len(port) > 5 or int(port) > 65_535:
            raise BadLink(f"'{self.text}' has no port number", f"Write {_FORMS['tcp']}")
        host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        return (host if colon and host else LOOPBACK), int(port)
