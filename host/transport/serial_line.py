"""A serial port, local or remote (RFC 2217), as a line in real time.

Only this module and `remote_port` use pyserial.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from contextlib import suppress
from typing import Final, Protocol, cast

from tla_sim.protocol.errors import ConnectionLost, PortUnavailable
from tla_sim.protocol.sentence import Sentence

_WRITE_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.02
_READ_SIZE: Final = 4096
_REMOTE: Final = "rfc2217:"
_REASONS: Final = {
    errno.ENOENT: (Sentence("does not exist"), Sentence("Check the cable and the port's name")),
    errno.ENODEV: (Sentence("has no device behind it"), Sentence("Check the cable")),
    errno.ENXIO: (Sentence("has no device behind it"), Sentence("Check the cable")),
    errno.EACCES: (
        Sentence("may not be opened by this user"),
        Sentence("Ask for access to serial ports (group dialout)"),
    ),
    errno.EPERM: (
        Sentence("may not be opened by this user"),
        Sentence("Ask for access to serial ports (group dialout)"),
    ),
    errno.EAGAIN: (Sentence("is in use by another program"), Sentence("Close the other program")),
    errno.EBUSY: (Sentence("is in use by another program"), Sentence("Close the other program")),
    errno.ETIMEDOUT: (Sentence("does not answer"), Sentence("Check its address")),
    errno.EHOSTUNREACH: (Sentence("cannot be reached"), Sentence("Check its address")),
    errno.ENOTTY: (Sentence("is not a serial port"), Sentence("Check the port's name")),
    errno.ECONNREFUSED: (
        Sentence("refuses the connection"),
        Sentence("Check that the reader is served there"),
    ),
}


class _Port(Protocol):
    """The part of pyserial's ports that is used."""

    timeout: float | None

    @property
    def in_waiting(self) -> int: ...
    def close(self) -> None: ...
    def fileno(self) -> int: ...
    def read(self, size: int, /) -> bytes: ...
    def write(self, data: bytes, /) -> int | None: ...
    def reset_input_buffer(self) -> None: ...


class SerialLine:
    """A pyserial port as a line in real time. `address` is a device or `rfc2217://HOST:PORT`.

    A serial device is opened exclusively.
    """

    def __init__(self, address: str, baud: int) -> None:
        self._address = address
        self._baud = baud
        self._remote = address.startswith(_REMOTE)
        self._port: _Port | None = None
        self._arrivals: selectors.BaseSelector | None = None

    def open(self) -> None:
        """Open the port and discard what it still holds. Raises `PortUnavailable` saying why."""
        try:
            self._port = self._opened()
        except Exception as error:  # pyserial's ports also let errors of termios and struct through
            raise self._unavailable(error) from None

    def _opened(self) -> _Port:
        if self._remote:
            from tla_sim.host.transport.remote_port import RemotePort

            # It empties its buffers and limits its writes by itself, and has no descriptor to wait on.
            return cast(_Port, RemotePort(self._address, self._baud, timeout=_POLL_SECONDS))
        import serial

        port = serial.Serial(
            self._address,
            self._baud,
            timeout=_POLL_SECONDS,
            write_timeout=_WRITE_SECONDS,
            exclusive=True,
        )
        try:
            port.reset_input_buffer()
            arrivals = selectors.DefaultSelector()
            arrivals.register(port.fileno(), selectors.EVENT_READ)
            port.timeout = 0
            self._arrivals = arrivals
        except (OSError, AttributeError):
            # No descriptor to wait on (Windows): its reads wait for a short while instead.
            self._arrivals = None
        except BaseException:
            port.close()
            raise
        return port

    def _unavailable(self, error: Exception) -> PortUnavailable:
        code = _errno(error) or _errno(error.__context__)
        unknown = (
            Sentence("cannot be opened: {reason}", reason=str(error)),
            Sentence("Check its address and its cable"),
        )
        told = self._told_by_far_end(error) if self._remote else None
        reason, action = told or _REASONS.get(code, unknown)
        return PortUnavailable("The port {address} {reason}", action, address=self._address, reason=reason)

    def _told_by_far_end(self, error: Exception) -> tuple[str, str] | None:
        from tla_sim.host.transport.remote_port import FarEndClosed, NotRfc2217, SettingRefused

        connecting = isinstance(error.__context__, (socket.gaierror, TimeoutError))
        match error.__context__ if connecting else error:
            case FarEndClosed():
                return Sentence("is closed by the far end"), Sentence(
                    "Check that its device exists there and is free"
                )
            case NotRfc2217():
                return Sentence("does not speak RFC 2217"), Sentence(
                    "If it carries plain bytes, write socket:// instead"
                )
            case SettingRefused():
                reason = Sentence(
                    "does not set its line to {baud} baud, 8 bits, no parity, 1 stop bit", baud=self._baud
                )
                return reason, Sentence("Set that at the far end, or give the baud= that it has")
            case socket.gaierror():
                return Sentence("has an unknown host"), Sentence("Check the name")
            case TimeoutError():
                return _REASONS[errno.ETIMEDOUT]
        return None

    def fileno(self) -> int:
        """Return the descriptor to wait on for bytes. Raises `ConnectionLost`."""
        return self._held().fileno()

    def now_ms(self) -> int:
        """Return the milliseconds of a monotonic clock."""
        return time.monotonic_ns() // 1_000_000

    def write(self, data: bytes) -> None:
        """Send bytes. Raises `ConnectionLost`, also when the line accepts none for 10 s."""
        port = self._held()
        try:
            port.write(data)
        except OSError:
            raise self._lost() from None

    def read(self, wait_ms: int) -> bytes:
        """Return the bytes that have arrived, waiting at most `wait_ms` for the first.

        Raises `ConnectionLost`.
        """
        port = self._held()
        try:
            if self._arrivals is not None:
                return bytes(port.read(_READ_SIZE)) if self._arrivals.select(wait_ms / 1000) else b""
            deadline = self.now_ms() + wait_ms
            while not (data := port.read(1)):
                if self.now_ms() >= deadline:
                    return b""
            return bytes(data + port.read(port.in_waiting))
        except OSError:
            raise self._lost() from None

    def close(self) -> None:
        """Close the port."""
        port, self._port = self._port, None
        arrivals, self._arrivals = self._arrivals, None
        if arrivals is not None:
            arrivals.close()
        if port is not None:
            with suppress(OSError):
                port.close()

    def _held(self) -> _Port:
        if self._port is None:
            raise self._lost()
        return self._port

    def _lost(self) -> ConnectionLost:
        return ConnectionLost(
            "The port {address} went away", "Check the cable, then start again", address=self._address
        )


def _errno(error: BaseException | None) -> int:
    """Return the system's error number. termios errors carry it only as their first argument."""
    number = getattr(error, "errno", None) or next(iter(getattr(error, "args", ())), 0)
    return number if isinstance(number, int) else 0
