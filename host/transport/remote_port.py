"""A serial port behind an RFC 2217 server: pyserial's, changed to open with the servers found in practice."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

import serial
import serial.rfc2217

_LOG: Final = logging.getLogger("tla_sim.line")
_LOG.addHandler(logging.NullHandler())
_STEP_SECONDS: Final = 0.01
_COM_PORT: Final = "we-RFC2217"
_PURGE: Final = "purge"
_CONTROL: Final = "control"


class NotRfc2217(OSError):
    """The far end accepts the connection but does not speak RFC 2217."""


class SettingRefused(OSError):
    """The far end does not apply the line settings."""


class FarEndClosed(OSError):
    """The far end ended the connection while the port was being opened."""


class RemotePort(serial.rfc2217.Serial):
    """pyserial's RFC 2217 port, which also opens where the far end does not answer about settings we do not
    need.

    T=1 uses no control lines and no flow control, and begins with a resynchronisation. So answers about those
    are not awaited, and answers to a purge no longer once one failed to come: many servers give none for a
    line without modem signals. Errors that end the receiving thread are kept off the terminal. Source: RFC
    2217; which answers are awaited is Project-defined.
    """

    # Attributes of pyserial 3.5 that the stubs do not declare.
    _network_timeout: float
    _read_buffer: Any
    _rfc2217_options: dict[str, Any] | None
    _telnet_options: list[Any] | None

    _lost = False
    _purge_answered = True

    def open(self) -> None:
        """Connect and set the line.

        Raises `NotRfc2217`, `SettingRefused`, `FarEndClosed`, and what the system or pyserial raises for an
        address.
        """
        try:
            super().open()
        except (OSError, ValueError) as error:
            if self._telnet_options is None:
                raise
            if self._lost or isinstance(error, ConnectionError):
                raise FarEndClosed(str(error)) from error
            spoken = any(each.name == _COM_PORT and each.active for each in self._telnet_options)
            raise (SettingRefused if spoken else NotRfc2217)(str(error)) from error

    def rfc2217_set_control(self, value: bytes) -> None:
        """Request a control line or flow control, without waiting for the answer."""
        assert self._rfc2217_options is not None
        self._rfc2217_options[_CONTROL].set(value)

    def rfc2217_send_purge(self, value: bytes) -> None:
        """Request that a buffer be emptied, and wait for the answer unless the far end is known to give none.

        Raises `ConnectionAbortedError` when the connection ends instead.
        """
        assert self._rfc2217_options is not None
        purge = self._rfc2217_options[_PURGE]
        purge.set(value)
        deadline = time.monotonic() + self._network_timeout
        while self._purge_answered and purge.state is serial.rfc2217.REQUESTED and not self._lost:
            self._purge_answered = time.monotonic() < deadline
            time.sleep(_STEP_SECONDS)
        if self._lost:
            raise ConnectionAbortedError

    def _telnet_read_loop(self) -> None:
        """Read until the connection ends or the far end breaks the telnet protocol."""
        try:
            super()._telnet_read_loop()  # type: ignore[misc]
        except Exception as error:  # the thread's outermost call: nobody else would catch it
            _LOG.debug("the RFC 2217 connection ended: %r", error)
        finally:
            self._lost = self.is_open
            self._read_buffer.put(None)
