"""Who may ask: the addresses that the server answers to, and the token when other machines reach it."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl, urlencode

from tla_sim.protocol.errors import Category
from tla_sim.tools.web.problems import WebProblem

COOKIE: Final = "tla_web"
PARAMETER: Final = "token"
_LOCAL: Final = ("127.0.0.1", "localhost", "[::1]")
_OWN: Final = ("same-origin", "none")


class WrongHost(WebProblem):
    """The request names a host that is not this server: a name that was made to point here."""

    category = Category.BAD_INPUT
    http_status = 421


class ForeignOrigin(WebProblem):
    """A page of another site sent the request."""

    http_status = 403


class TokenNeeded(WebProblem):
    """The server is reachable from other machines and wants its token."""

    http_status = 403


@dataclass(frozen=True)
class Gate:
    """The hosts (with port) that a request may name, `None` for any; and the token wanted, if one is."""

    hosts: frozenset[str] | None
    token: str | None

    @classmethod
    def at(cls, host: str, port: int) -> Self:
        """Return the gate of a server bound to an address: with a token unless that is a loopback address."""
        address = ipaddress.ip_address(host)
        spelt = f"[{host}]" if address.version == 6 else host
        names = dict.fromkeys((*_LOCAL, spelt))
        ports = ("", ":80") if port == 80 else (f":{port}",)
        known = frozenset(f"{name}{end}" for name in names for end in ports)
        token = None if address.is_loopback else secrets.token_urlsafe(24)
        return cls(None if address.is_unspecified else known, token)

    def check(self, method: str, path: str, headers: Mapping[bytes, list[bytes]]) -> None:
        """Raise WrongHost or ForeignOrigin for a request that another site may have caused."""
        given = headers.get(b"host", [])
        host = given[0].decode("latin-1").lower() if len(given) == 1 else ""
        if not host or (self.hosts is not None and host not in self.hosts):
            raise WrongHost(
                "This server does not answer to the host that the request names",
                "Open the address that the server printed",
            )
        for origin in headers.get(b"origin", []):
            if origin.decode("latin-1").lower() != f"http://{host}":
                raise _foreign()
        site = [value.decode("latin-1").lower() for value in headers.get(b"sec-fetch-site", [])]
        opens_page = method == "GET" and not path.startswith("/v1/")
        if not opens_page and any(each not in _OWN for each in site):
            raise _foreign()

    def lets_in(self, headers: Mapping[bytes, list[bytes]]) -> bool:
        """Return whether a request has the token, if one is wanted: as Bearer or as the cookie."""
        if self.token is None:
            return True
        scheme, _, bearer = _only(headers, b"authorization").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(bearer.strip()):
            return True
        cookies = (each.strip().partition("=") for each in _only(headers, b"cookie").split(";"))
        return any(name == COOKIE and self.is_token(value) for name, _, value in cookies)

    def is_token(self, text: str) -> bool:
        """Return whether a text is the token, in constant time."""
        return self.token is not None and hmac.compare_digest(text.encode(), self.token.encode())


def take_token(query: bytes) -> tuple[str, str]:
    """Return the token of a query, empty if it has none, and the query without it."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    token = next((value for name, value in pairs if name == PARAMETER), "")
    return token, urlencode([pair for pair in pairs if pair[0] != PARAMETER])


def _only(headers: Mapping[bytes, list[bytes]], name: bytes) -> str:
    given = headers.get(name, [])
    return given[0].decode("latin-1") if len(given) == 1 else ""


def _foreign() -> ForeignOrigin:
    return ForeignOrigin(
        "A page of another site sent this request", "Use the page that this server shows, or a program"
    )
