"""Real lines: a serial port, a TCP socket, a remote serial port (RFC 2217). Only this file knows pyserial."""

from __future__ import annotations

import errno
import select
import time
from contextlib import suppress
from typing import Any, Final, Protocol, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from host.transport.base import BadUrl
from host.transport.t1_transport import T1Transport
from protocol.errors import ConnectionLost, PortUnavailable
from protocol.t1_actions import LinkSettings
from protocol.t1_block import Edc

DEFAULT_BAUD: Final = 9600
_WRITE_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.02
_READ_SIZE: Final = 4096
_NETWORK_CHARACTER_WAIT: Final = 2_000
_NETWORK_BLOCK_WAIT: Final = 5_000
_REASONS: Final = {
    errno.ENOENT: ("does not exist", "Check the cable and the port's name"),
    errno.ENODEV: ("has no device behind it", "Check the cable"),
    errno.ENXIO: ("has no device behind it", "Check the cable"),
    errno.EACCES: ("may not be opened by this user", "Ask for access to serial ports (group dialout)"),
    errno.EPERM: ("may not be opened by this user", "Ask for access to serial ports (group dialout)"),
    errno.EAGAIN: ("is in use by another program", "Close the other program"),
    errno.EBUSY: ("is in use by another program", "Close the other program"),
    errno.ETIMEDOUT: ("does not answer", "Check its address"),
    errno.EHOSTUNREACH: ("cannot be reached", "Check its address"),
    errno.ECONNREFUSED: ("refuses the connection", "Check that the reader is served there"),
}


def open_serial(url: str) -> T1Transport:
    """The transport of `serial:DEVICE`, `socket://HOST:PORT` or `rfc2217://HOST:PORT`, options after `?`.

    Options: `baud` (serial and rfc2217, 9600), `edc` (`crc` or `lrc`), `wait` (seconds that one exchange may
    take over its line time, 300). Raises BadUrl and PortUnavailable.
    """
    scheme = url.partition(":")[0].lower()
    address, options = _split(url, scheme)
    baud = None if scheme == "socket" else _number(options.pop("baud", str(DEFAULT_BAUD)), url, "baud", 50)
    edc = options.pop("edc", Edc.CRC.value)
    wait = _number(options.pop("wait", "300"), url, "wait", 1)
    if options or edc not in {member.value for member in Edc}:
        wrong = ", ".join(options) or f"edc={edc}"
        raise BadUrl(f"'{url}' has an option that is not known: {wrong}", "Use baud=, edc=crc|lrc or wait=")
    settings = LinkSettings(edc=Edc(edc), baud=baud, longest_wait=wait * 1000)
    if scheme != "serial":
        settings = LinkSettings(
            edc=Edc(edc),
            baud=baud,
            character_wait=_NETWORK_CHARACTER_WAIT,
            block_wait=_NETWORK_BLOCK_WAIT,
            longest_wait=wait * 1000,
        )
    return T1Transport(url, SerialLine(address, baud, exclusive=scheme == "serial"), settings)


def _split(url: str, scheme: str) -> tuple[str, dict[str, str]]:
    head, _, query = url.partition("?")
    try:
        options = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
        if scheme == "serial":
            address = unquote(head.partition(":")[2])
            complete = bool(address)
        else:
            parts = urlsplit(head)
            address = f"{scheme}://{parts.netloc}"
            complete = bool(parts.hostname and parts.port) and parts.path in ("", "/")
    except ValueError:
        complete, address, options = False, "", {}
    if not complete:
        form = "serial:DEVICE?baud=9600" if scheme == "serial" else f"{scheme}://HOST:PORT"
        raise BadUrl(f"'{url}' is not complete", f"Write it as {form}")
    return address, options


def _number(text: str, url: str, option: str, least: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= 10_000_000:
        raise BadUrl(f"'{url}': {option}={text} is not a number that makes sense", f"Give at least {least}")
    return int(text[:9])


class _Port(Protocol):
    """What is used of pyserial's ports."""

    baudrate: int
    timeout: float | None
    write_timeout: float | None

    @property
    def in_waiting(self) -> int: ...
    def open(self) -> None: ...
    def close(self) -> None: ...
    def fileno(self) -> int: ...
    def read(self, size: int, /) -> bytes: ...
    def write(self, data: bytes, /) -> int | None: ...
    def reset_input_buffer(self) -> None: ...


class SerialLine:
    """A pyserial port as a line in real time; `address` is a device or a pyserial URL.

    A serial device is taken for this process alone.
    """

    def __init__(self, address: str, baud: int | None, *, exclusive: bool) -> None:
        self._address = address
        self._baud = baud or DEFAULT_BAUD
        self._exclusive = exclusive
        self._port: _Port | None = None
        self._fd: int | None = None

    def open(self) -> None:
        """Open it and throw away what is still in it. Raises PortUnavailable, saying why."""
        import serial

        options: dict[str, Any] = {"exclusive": True} if self._exclusive else {}
        try:
            port = cast(_Port, serial.serial_for_url(self._address, do_not_open=True, **options))
            port.baudrate = self._baud
            port.timeout = _POLL_SECONDS
            port.write_timeout = _WRITE_SECONDS
            port.open()
        except Exception as error:  # pyserial's ports also let errors of termios and struct through
            raise self._unavailable(error) from None
        try:
            port.reset_input_buffer()
            self._fd = port.fileno()
            port.timeout = 0
        except (OSError, AttributeError):
            self._fd = None
        except Exception as error:
            port.close()
            raise self._unavailable(error) from None
        self._port = port

    def _unavailable(self, error: Exception) -> PortUnavailable:
        code = getattr(error, "errno", None) or getattr(error.__context__, "errno", None) or 0
        reason, action = _REASONS.get(code, ("cannot be opened", "Check its address and its cable"))
        return PortUnavailable(f"The port {self._address} {reason}", action)

    def now_ms(self) -> int:
        """Milliseconds of a clock that never goes back."""
        return time.monotonic_ns() // 1_000_000

    def write(self, data: bytes) -> None:
        """Send bytes. Raises ConnectionLost, also when the line takes none for 10 s."""
        port = self._held()
        try:
            port.write(data)
        except OSError:
            raise self._lost() from None

    def read(self, wait_ms: int) -> bytes:
        """What has arrived, waiting at most this long. Raises ConnectionLost."""
        port = self._held()
        try:
            if self._fd is not None:
                ready, _, _ = select.select([self._fd], [], [], wait_ms / 1000)
                return bytes(port.read(_READ_SIZE)) if ready else b""
            deadline = self.now_ms() + wait_ms
            while not (data := port.read(1)):
                if self.now_ms() >= deadline:
                    return b""
            return bytes(data + port.read(port.in_waiting))
        except OSError:
            raise self._lost() from None

    def close(self) -> None:
        """Close it."""
        port, self._port, self._fd = self._port, None, None
        if port is not None:
            with suppress(OSError):
                port.close()

    def _held(self) -> _Port:
        if self._port is None:
            raise self._lost()
        return self._port

    def _lost(self) -> ConnectionLost:
        return ConnectionLost(f"The port {self._address} went away", "Check the cable, then start again")
