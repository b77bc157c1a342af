"""The route of outgoing mail, as users write it: the server, its TLS, the login, the addresses."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tla_sim.host.sending.errors import BadMailAddress, BadMailServer

SUBMISSION_PORT: Final = 587
TLS_PORT: Final = 465
"""The port where TLS begins with the connection. Source: RFC 8314 §3.3."""

_SCHEMES: Final = {"": None, "smtp": False, "smtps": True}
_SERVER: Final = re.compile(
    r"(?:(?P<scheme>smtps?)://)?(?:\[(?P<literal>[^\[\]]+)\]|(?P<host>[^\[\]:/@\s]+))(?::(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE,
)
_BARE_IPV6: Final = re.compile(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%\w+)?")
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_DOMAIN: Final = re.compile(r"[0-9A-Za-z.\[\]:-]{1,255}")


@dataclass(frozen=True)
class MailRoute:
    """The route of outgoing mail: server, sender, recipient, login if needed, and the authorities to trust.

    STARTTLS is used wherever the server offers it; with `need_tls` a server without it is refused. With
    `tls_at_once` TLS begins with the connection; by default it does so on port 465 only. An invalid
    certificate is never accepted.

        >>> tla_sim.MailRoute("mail.example", 587, "cabinet@example.org", "caisse@example.org").need_tls
        False
    """

    host: str
    port: int
    sender: str
    recipient: str
    username: str = ""
    password: str = field(default="", repr=False)
    authorities: Path | None = None
    need_tls: bool = False
    tls_at_once: bool | None = None

    @property
    def begins_with_tls(self) -> bool:
        """Whether TLS begins with the connection."""
        return self.port == TLS_PORT if self.tls_at_once is None else self.tls_at_once

    @property
    def connected_host(self) -> str:
        """The host to connect to: an IPv6 address without its brackets."""
        return self.host.removeprefix("[").removesuffix("]")

    @property
    def place(self) -> str:
        """Host and port, as users write them."""
        host = self.connected_host
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


@dataclass(frozen=True)
class MailServer:
    """A server as the user named it: host, port, and whether TLS begins at once, if that was given."""

    host: str
    port: int
    tls_at_once: bool | None


def mail_server(text: str) -> MailServer:
    """Return the server named as `HOST`, `HOST:PORT`, `[IPV6]:PORT`, `smtp://…` or `smtps://…`.

    The port is by default 587, or 465 with smtps. Raises `BadMailServer`.
    """
    named = _SERVER.fullmatch(text.strip())
    if named is None and _BARE_IPV6.fullmatch(text.strip()):
        return MailServer(text.strip(), SUBMISSION_PORT, None)
    if named is None or not _is_host(named["literal"] or named["host"]):
        raise BadMailServer(
            "{text!r} names no mail server",
            "Write HOST, HOST:PORT, [IPV6]:PORT or smtps://HOST",
            text=text.rpartition("@")[2],  # A login that was written before it stays untold.
        )
    tls_at_once = _SCHEMES[(named["scheme"] or "").lower()]
    port = int(named["port"] or (TLS_PORT if tls_at_once else SUBMISSION_PORT))
    if not 0 < port < 65_536:
        raise BadMailServer("{port} is not a port", "Give 1 to 65535", port=port)
    return MailServer(named["literal"] or named["host"], port, tls_at_once)


def _is_host(name: str) -> bool:
    """Return whether a name can be looked up at all, as `socket` does it."""
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return True


def wire_address(text: str) -> str:
    """Return an address as it is sent: composed accents before the @, the domain in ASCII (IDNA).

    Source: RFC 6531 §3.3 before the @, RFC 5891 after it. Raises `BadMailAddress`.
    """
    local, at, domain = unicodedata.normalize("NFC", text).rpartition("@")
    try:
        if not domain.isascii():
            domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    letters = "".join(each for each in local if not each.isascii())
    plain = _LOCAL.fullmatch(local.translate({ord(each): "x" for each in letters}))
    if not at or plain is None or not _DOMAIN.fullmatch(domain) or (letters and not letters.isalnum()):
        raise BadMailAddress("{text!r} is not a mail address", "Write it as name@domain", text=text)
    return f"{local}@{domain}"
