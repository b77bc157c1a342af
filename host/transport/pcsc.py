"""A reader in a PC/SC slot: `pcsc:NAME`. Only this module uses pyscard.

The reader's own software is in a slot of its own, recognised by its answer to reset
(`tla_sim.protocol.log_sv_atr`). NAME is a part of the reader's name, the whole name of any of its slots, or a
number in the list of `tla readers`. Without NAME, the only reader that runs Log_SV is opened.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from tla_sim.host.transport.base import BadUrl, Transport
from tla_sim.protocol.errors import (
    ConnectionLost,
    ExchangeAbandoned,
    LinkError,
    NoAnswer,
    PortUnavailable,
    ReaderHeld,
)
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.sentence import Sentence

SOCKET_VARIABLE: Final = "PCSCLITE_CSOCK_NAME"
"""The environment variable that leads PC/SC programs to a service other than the system's."""

_SETTLING_SECONDS: Final = 8.0
_SLOT_NUMBER: Final = re.compile(r" (?:[0-9A-F]{2}|[0-9])$|\([0-9]+\)$")
_LOOK_AGAIN_MS: Final = 250
_CARD_LADS: Final = (Lad.PS, Lad.VITALE)


class PcscMissing(PortUnavailable):
    """pyscard is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Readers in PC/SC slots need pyscard, which is not installed",
            "Run: pip install 'tla-sim[pcsc]' "
            "(on Debian first: apt install pcscd swig libpcsclite-dev gcc python3-dev)",
        )


class PcscStopped(PortUnavailable):
    """The PC/SC service is not running."""

    def __init__(self) -> None:
        elsewhere = os.environ.get(SOCKET_VARIABLE)
        if elsewhere is None:
            super().__init__(
                "The PC/SC service (pcscd) does not run", "Start it: systemctl start pcscd.socket"
            )
        else:
            super().__init__(
                "No PC/SC service (pcscd) runs at {elsewhere}",
                "Start it there, set {variable} to where one runs, or unset it",
                elsewhere=elsewhere,
                variable=SOCKET_VARIABLE,
            )


class _NotYet(PortUnavailable):
    """The reader is connected, but none of its slots runs Log_SV yet."""


class PcscSlot(NamedTuple):
    """A slot as PC/SC lists it: its number in the list, its name, and the answer to reset of its card.

    `atr` is empty for an empty slot; `mute` is true for a card that does not answer.
    """

    number: int
    name: str
    atr: bytes
    mute: bool

    @property
    def runs_log_sv(self) -> bool:
        """Whether the slot holds the reader's own software."""
        return self.atr == LOG_SV_ATR

    @property
    def reader(self) -> str:
        """The part of the name that the slots of one reader share."""
        return reader_of(self.name)


def reader_of(slot: str) -> str:
    """Return the name of the reader that a slot belongs to: the slot's name without its number.

    pcscd ends names with `00 02`, Windows with ` 0` or `(1)`; under macOS the first slot has no number.
    """
    return _SLOT_NUMBER.sub("", slot) or slot


def find_slots(slots: Sequence[str], name: str) -> list[str]:
    """Return the slot names equal to `name`, ignoring case, or those that contain it if none is equal."""
    wanted = name.casefold()
    exact = [slot for slot in slots if slot.casefold() == wanted]
    return exact or [slot for slot in slots if wanted in slot.casefold()]


def list_slots() -> list[PcscSlot]:
    """Return every slot that PC/SC lists. Raises `PcscMissing` or `PcscStopped`."""
    with _Service() as service:
        return service.slots()


def open_pcsc(url: str) -> PcscTransport:
    """Return the transport of `pcsc:NAME`.

    Raises `BadUrl` for options, `PcscMissing`, `PcscStopped`, `PortUnavailable` when no such slot runs
    Log_SV, and `ReaderHeld` when another program uses it.
    """
    name, question, _ = url.partition(":")[2].partition("?")
    if question:
        raise BadUrl("'{url}' has options, which pcsc: does not know", "Write pcsc:NAME", url=url)
    return PcscTransport(url, unquote(name))


class PcscTransport(Transport):
    """A transport to a reader in PC/SC slots: Log_SV in its own slot, then in order the PS card's and the
    Vitale's.

    Each slot used is held exclusively until `close`, which resets it and so ends the reader's session. After
    a failure the reader is searched for again.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._closed = False
        self._service: _Service | None = None
        self._slots: dict[Lad, PcscSlot] = {}
        self._held: dict[Lad, tuple[Any, Any]] = {}
        self._open()

    @property
    def url(self) -> str:
        """The URL that it was opened with."""
        return self._url

    def answer_to_reset(self, lad: Lad) -> bytes:
        """Return the answer to reset of the card in the slot when it was found, empty without a card."""
        slot = self._slots.get(lad)
        return b"" if slot is None else slot.atr

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Exchange one APDU.

        Raises `PortUnavailable` (closed, or the reader is not found), `ReaderHeld` (another program uses the
        slot), `ConnectionLost` (the card, the reader or the service went away), `ExchangeAbandoned` (another
        program reset the slot), `NoAnswer` (the slot does not answer).
        """
        if self._closed:
            raise PortUnavailable("{url} has been closed", "Open it again", url=self._url)
        service = self._service or self._open()
        try:
            handle, protocol = self._hold(service, lad)
            return service.transmit(handle, protocol, apdu, self._slots[lad].name)
        except LinkError:
            self._drop()
            raise

    def close(self) -> None:
        """Reset and release the slots."""
        self._drop()
        self._closed = True

    def _open(self) -> _Service:
        service = _Service()
        deadline = time.monotonic() + _SETTLING_SECONDS
        try:
            while not self._settled(service, deadline):
                service.wait(_LOOK_AGAIN_MS)
        except BaseException:
            service.close()
            raise
        self._service = service
        return service

    def _settled(self, service: _Service, deadline: float) -> bool:
        """Find the reader and take Log_SV's slot; return whether that succeeded.

        A reader that was just plugged in may take a moment to appear, and pcscd a moment to notice that its
        cards lost power: neither is an error before `deadline`.
        """
        try:
            self._slots = _reader_slots(service.slots(), self._name, self._url)
            self._hold(service, Lad.LOG_SV)
        except (_NotYet, ConnectionLost):
            if time.monotonic() >= deadline:
                raise
            return False
        return True

    def _hold(self, service: _Service, lad: Lad) -> tuple[Any, Any]:
        held = self._held.get(lad)
        if held is None:
            slot = self._slots.get(lad)
            if slot is None:
                raise PortUnavailable(
                    "The reader shows no slot for the {card} card",
                    "Serve it with all its slots",
                    card=lad.name,
                )
            held = self._held[lad] = service.connect(slot.name)
        return held

    def _drop(self) -> None:
        service, self._service = self._service, None
        held, self._held = self._held, {}
        if service is not None:
            for handle, _ in held.values():
                service.disconnect(handle)
            service.close()


def _reader_slots(slots: list[PcscSlot], name: str, url: str) -> dict[Lad, PcscSlot]:
    """Return the slots of the reader. Raises `PortUnavailable`, and `_NotYet` where waiting may help."""
    meant = _select(slots, name)
    running = [slot for slot in meant if slot.runs_log_sv]
    if len(running) == 1:
        return _by_lad(slots, running[0])
    if running:
        names = ", ".join(slot.name for slot in running)
        raise PortUnavailable(
            "{url} matches several readers: {names}", "Name one of them", url=url, names=names
        )
    if meant:
        raise _NotYet(
            "None of the slots {slots} runs Log_SV",
            "Check that the reader is on and shows its Log_SV slot",
            slots=", ".join(slot.name for slot in meant),
        )
    seen = ", ".join(slot.name for slot in slots) or Sentence("no slot")
    raise PortUnavailable(
        "PC/SC has no reader {url} (it has: {seen})", "Name one that it has", url=url, seen=seen
    )


def _select(slots: list[PcscSlot], name: str) -> list[PcscSlot]:
    if name.isascii() and name.isdigit():
        chosen = [slot.reader for slot in slots if slot.number == int(name)]
        return [slot for slot in slots if slot.reader in chosen]
    named = find_slots([slot.name for slot in slots], name)
    if [each.casefold() for each in named] == [name.casefold()]:
        # A whole name is that of one slot, but Log_SV may be in another slot of the same reader.
        return [slot for slot in slots if slot.reader == reader_of(named[0])]
    return [slot for slot in slots if slot.name in named]


def _by_lad(slots: list[PcscSlot], log_sv: PcscSlot) -> dict[Lad, PcscSlot]:
    others = [slot for slot in slots if slot.reader == log_sv.reader and slot != log_sv]
    return {Lad.LOG_SV: log_sv, **dict(zip(_CARD_LADS, others, strict=False))}


class _Service:
    """A context of the PC/SC service: the calls of pyscard's `scard`, with failures as typed errors."""

    def __init__(self) -> None:
        try:
            from smartcard import scard
        except ImportError:
            raise PcscMissing from None
        self._scard: Any = scard
        result, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if result != scard.SCARD_S_SUCCESS:
            raise PcscStopped

    def __enter__(self) -> _Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the context."""
        self._scard.SCardReleaseContext(self._context)

    def slots(self) -> list[PcscSlot]:
        """Return every slot and its card, without sending anything to either."""
        scard = self._scard
        result, names = scard.SCardListReaders(self._context, [])
        if result == scard.SCARD_E_NO_READERS_AVAILABLE or (not result and not names):
            return []
        if result:
            raise PcscStopped
        asked = [(name, scard.SCARD_STATE_UNAWARE) for name in names]
        result, states = scard.SCardGetStatusChange(self._context, 0, asked)
        if result and result != scard.SCARD_E_TIMEOUT:
            raise PcscStopped
        return [
            PcscSlot(
                number,
                name,
                bytes(atr) if state & scard.SCARD_STATE_PRESENT else b"",
                bool(state & scard.SCARD_STATE_MUTE),
            )
            for number, (name, state, atr) in enumerate(states)
        ]

    def wait(self, ms: int) -> None:
        """Wait for readers to come or go, for a limited time."""
        scard = self._scard
        notifications = ("\\\\?PnP?\\Notification", scard.SCARD_STATE_UNAWARE)
        scard.SCardGetStatusChange(self._context, ms, [notifications])

    def connect(self, name: str) -> tuple[Any, Any]:
        """Take a slot exclusively; return its handle and its card's protocol."""
        scard = self._scard
        result, handle, protocol = scard.SCardConnect(
            self._context,
            name,
            scard.SCARD_SHARE_EXCLUSIVE,
            scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
        )
        if result:
            raise self._failure(result, name)
        return handle, scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1

    def transmit(self, handle: Any, protocol: Any, apdu: bytes, name: str) -> bytes:
        """Exchange one APDU with the card in a slot."""
        result, response = self._scard.SCardTransmit(handle, protocol, list(apdu))
        if result:
            raise self._failure(result, name)
        return bytes(response)

    def disconnect(self, handle: Any) -> None:
        """Reset the card and release its slot."""
        self._scard.SCardDisconnect(handle, self._scard.SCARD_RESET_CARD)

    def _failure(self, result: int, name: str) -> LinkError:
        scard = self._scard
        # The code is not relied upon: once the service was killed, libpcsclite returns arbitrary ones.
        if not self._answers():
            return ConnectionLost("The PC/SC service (pcscd) stopped", "Start it, then start again")
        if result == scard.SCARD_E_SHARING_VIOLATION:
            return ReaderHeld("Another program uses {name}", "Close it, then start again", name=name)
        if result == scard.SCARD_W_RESET_CARD:
            return ExchangeAbandoned("Another program reset {name}", "Start the operation again", name=name)
        if result in (scard.SCARD_E_NOT_TRANSACTED, scard.SCARD_E_TIMEOUT):
            return NoAnswer("{name} does not answer", "Check that the reader is on and connected", name=name)
        look = Sentence("Check the reader's cable and its cards, then start again")
        if result in (scard.SCARD_W_REMOVED_CARD, scard.SCARD_E_NO_SMARTCARD):
            return ConnectionLost("{name} is empty now", look, name=name)
        if result in (
            scard.SCARD_E_READER_UNAVAILABLE,
            scard.SCARD_E_UNKNOWN_READER,
            scard.SCARD_W_UNPOWERED_CARD,
            scard.SCARD_W_UNRESPONSIVE_CARD,
        ):
            return ConnectionLost("{name} is not there any more", look, name=name)
        reason = str(scard.SCardGetErrorMessage(result)).rstrip(".")
        return ConnectionLost("{name}: {reason}", "Start again", name=name, reason=reason)

    def _answers(self) -> bool:
        """Return whether the service is still running."""
        result, _ = self._scard.SCardListReaders(self._context, [])
        return result in (self._scard.SCARD_S_SUCCESS, self._scard.SCARD_E_NO_READERS_AVAILABLE)
