"""URLs of readers on a T=1 line, `serial:DEVICE`, `socket://HOST:PORT`, `rfc2217://HOST:PORT`."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlencode, urlsplit

from tla_sim.host.transport.base import BadUrl
from tla_sim.host.transport.t1_transport import Line, T1Transport
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import Edc

DEFAULT_BAUD: Final = 9600
DEFAULT_WAIT: Final = 300
_NETWORK_CHARACTER_WAIT: Final = 2_000
_NETWORK_BLOCK_WAIT: Final = 5_000
_PYSERIAL: Final = ("ign_set_control", "poll_modem", "timeout", "logging")
_LEVELS: Final = ("debug", "info", "warning", "error")
_TIMEOUT: Final = re.compile(r"(?!0*\.?0*$)[0-9]{1,3}(\.[0-9]{1,3})?")
_KNOWN: Final = {
    "serial": Sentence("Use baud=, edc=crc|lrc or wait="),
    "socket": Sentence("Use edc=crc|lrc or wait="),
    "rfc2217": Sentence("Use baud=, edc=crc|lrc, wait=, timeout=, ign_set_control, poll_modem or logging="),
}


def open_line(url: str) -> T1Transport:
    """Return the transport of `serial:DEVICE`, `socket://HOST:PORT` or `rfc2217://HOST:PORT`, options after
    `?`.

    Options: `baud` (serial and rfc2217; default 9600 bits per second), `edc` (`crc` or `lrc`; default `crc`)
    and `wait` (seconds that one exchange may take beyond its line time; default 300). These options of
    rfc2217 URLs are passed on to pyserial: `timeout` (seconds that the far end may take to answer while the
    port is opened; default 3), `poll_modem` and `logging`; `ign_set_control` is always on. In a device, `%XX`
    stands for a character that would otherwise end it. Raises `BadUrl`, `PortUnavailable`.
    """
    scheme = url.partition(":")[0].lower()
    head, question, query = url.partition("?")
    options = _options(url, query) if question else {}
    baud = None
    if scheme != "socket":
        baud = _number(options.pop("baud", str(DEFAULT_BAUD)), url, "baud", 50)
    edc = options.pop("edc", Edc.CRC.value)
    wait = _number(options.pop("wait", str(DEFAULT_WAIT)), url, "wait", 1)
    passed_on = _take_pyserial_options(url, options) if scheme == "rfc2217" else ""
    if options or edc not in {member.value for member in Edc}:
        wrong = ", ".join(options) or f"edc={edc}"
        raise BadUrl("'{url}' has an option that is not known: {wrong}", _KNOWN[scheme], url=url, wrong=wrong)
    line = _line(scheme, head, url, baud, passed_on)
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


def _options(url: str, query: str) -> dict[str, str]:
    """Return the options after the question mark; one without `=` has an empty value."""
    options: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if not name:
            raise BadUrl("'{url}' has an option that cannot be read", "Write ?option=value", url=url)
        if name in options:
            raise BadUrl("'{url}' gives {name} twice", "Give it once", url=url, name=name)
        options[name] = unquote(value)
    return options


def _take_pyserial_options(url: str, options: dict[str, str]) -> str:
    """Take pyserial's options out, and return them as its URLs write them.

    Raises `BadUrl` for a value that pyserial would refuse.
    """
    passed_on: dict[str, str] = {name: options.pop(name) for name in _PYSERIAL if name in options}
    if "timeout" in passed_on and not _TIMEOUT.fullmatch(passed_on["timeout"]):
        raise BadUrl(
            "'{url}': timeout={timeout} is not a time",
            "Give seconds, from 0.1 to 999",
            url=url,
            timeout=passed_on["timeout"],
        )
    if passed_on.get("logging", _LEVELS[0]) not in _LEVELS:
        raise BadUrl(
            "'{url}': logging={logging} is not known",
            "Give one of {levels}",
            url=url,
            logging=passed_on["logging"],
            levels=", ".join(_LEVELS),
        )
    return urlencode(passed_on)


def _line(scheme: str, head: str, url: str, baud: int | None, passed_on: str) -> Line:
    if scheme == "serial":
        device = unquote(head.partition(":")[2])
        if not device:
            raise BadUrl("'{url}' does not name a device", "Write serial:DEVICE?baud=9600", url=url)
        return _serial_line(device, baud)
    try:
        parts = urlsplit(head)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.path not in ("", "/"):
        raise BadUrl("'{url}' is not complete", "Write {scheme}://HOST:PORT", url=url, scheme=scheme)
    if scheme == "rfc2217":
        return _serial_line(f"{scheme}://{parts.netloc}{passed_on and '?'}{passed_on}", baud)
    from tla_sim.host.transport.socket_line import SocketLine

    return SocketLine(host, port)


def _serial_line(address: str, baud: int | None) -> Line:
    from tla_sim.host.transport.serial_line import SerialLine

    return SerialLine(address, baud or DEFAULT_BAUD)


def _number(text: str, url: str, option: str, least: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= 10_000_000:
        raise BadUrl(
            "'{url}': {option}={text} is not a number that makes sense",
            "Give at least {least}",
            url=url,
            option=option,
            text=text,
            least=least,
        )
    return int(text[:9])
