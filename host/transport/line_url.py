"""URLs of readers on a T=1 line, `serial:DEVICE`, `socket://HOST:PORT`, `rfc2217://HOST:PORT`."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from tla_sim.host.transport.base import BadUrl
from tla_sim.host.transport.t1_transport import Line, T1Transport
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import Edc

DEFAULT_BAUD: Final = 9600
DEFAULT_WAIT: Final = 300
_NETWORK_CHARACTER_WAIT: Final = 2_000
_NETWORK_BLOCK_WAIT: Final = 5_000


def open_line(url: str) -> T1Transport:
    """The transport of `serial:DEVICE`, `socket://HOST:PORT` or `rfc2217://HOST:PORT`, options after `?`.

    Options: `baud` (serial and rfc2217, 9600), `edc` (`crc` or `lrc`), `wait` (seconds that one exchange may
    take over its line time, 300). In a device `%XX` stands for a character that would end it. Raises BadUrl
    and PortUnavailable.
    """
    scheme = url.partition(":")[0].lower()
    head, question, query = url.partition("?")
    try:
        options = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(question)))
    except ValueError:
        raise BadUrl(f"'{url}' has an option that cannot be read", "Write ?option=value") from None
    baud = None
    if scheme != "socket":
        baud = _number(options.pop("baud", str(DEFAULT_BAUD)), url, "baud", 50)
    edc = options.pop("edc", Edc.CRC.value)
    wait = _number(options.pop("wait", str(DEFAULT_WAIT)), url, "wait", 1)
    if options or edc not in {member.value for member in Edc}:
        wrong = ", ".join(options) or f"edc={edc}"
        raise BadUrl(f"'{url}' has an option that is not known: {wrong}", "Use baud=, edc=crc|lrc or wait=")
    line = _line(scheme, head, url, baud)
    if scheme == "serial":
        settings = LinkSettings(edc=Edc(edc), baud=baud, longest_wait=wait * 1000)
    else:
        settings = LinkSettings(
            edc=Edc(edc),
            baud=baud,
            character_wait=_NETWORK_CHARACTER_WAIT,
            block_wait=_NETWORK_BLOCK_WAIT,
            longest_wait=wait * 1000,
        )
    return T1Transport(url, line, settings)


def _line(scheme: str, head: str, url: str, baud: int | None) -> Line:
    if scheme == "serial":
        device = unquote(head.partition(":")[2])
        if not device:
            raise BadUrl(f"'{url}' names no device", "Write serial:DEVICE?baud=9600")
        return _serial_line(device, baud)
    try:
        parts = urlsplit(head)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.path not in ("", "/"):
        raise BadUrl(f"'{url}' is not complete", f"Write {scheme}://HOST:PORT")
    if scheme == "rfc2217":
        return _serial_line(f"{scheme}://{parts.netloc}", baud)
    from tla_sim.host.transport.socket_line import SocketLine

    return SocketLine(host, port)


def _serial_line(address: str, baud: int | None) -> Line:
    from tla_sim.host.transport.serial_line import SerialLine

    return SerialLine(address, baud or DEFAULT_BAUD)


def _number(text: str, url: str, option: str, least: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= 10_000_000:
        raise BadUrl(f"'{url}': {option}={text} is not a number that makes sense", f"Give at least {least}")
    return int(text[:9])
