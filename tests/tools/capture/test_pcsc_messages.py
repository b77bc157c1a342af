"""What programs and pcscd say to each other is understood in whatever pieces it comes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.pcsc_messages import Answered, Connected, Conversation, Event, Seen, Sent
from tla_sim.tools.capture.pcsc_proxy import SlotsHeard

SLOT = "TLA virtual 00 00"
HANDLE = 0x1122
Exchange = tuple[bytes, bytes]
"""What a program says, and what pcscd answers."""


def request(command: int, body: bytes, more: bytes = b"") -> bytes:
    """One request."""
    return struct.pack("=II", len(body), command) + body + more


def connecting(slot: str = SLOT, code: int = 0) -> Exchange:
    """Connect to a slot."""
    name = slot.encode().ljust(128, b"\0")
    asked = struct.pack("=I128sIIiII", 7, name, 2, 3, 0, 0, 0)
    return request(4, asked), struct.pack("=I128sIIiII", 7, name, 2, 3, HANDLE, 2, code)


def transmitting(apdu: bytes, response: bytes, code: int = 0) -> Exchange:
    """Exchange an APDU."""
    asked = struct.pack("=iIIIIIII", HANDLE, 2, 16, len(apdu), 2, 16, 65_538, 0)
    size = len(response) if code == 0 else 65_538
    answered = struct.pack("=iIIIIIII", HANDLE, 2, 16, len(apdu), 2, 16, size, code)
    return request(9, asked, apdu), answered + (response if code == 0 else b"")


def looking(slots: dict[str, bytes]) -> Exchange:
    """Look at the slots."""
    states = b"".join(
        struct.pack("=128sIIi33s3xII", name.encode(), 1, 4 if atr else 2, 0, atr, len(atr), 2)
        for name, atr in slots.items()
    )
    return request(0x12, b""), states.ljust(16 * 184, b"\0")


def other(command: int, body: bytes) -> Exchange:
    """Something that the tap does not look at."""
    return request(command, body), body


def heard(exchanges: list[Exchange], piece: int = 1 << 20) -> list[Event]:
    """What is understood when everything comes in pieces of so many bytes."""
    events: list[Event] = []
    conversation = Conversation(events.append)
    for asked, answered in exchanges:
        for at in range(0, len(asked), piece):
            conversation.ask(asked[at : at + piece])
        for at in range(0, len(answered), piece):
            conversation.answer(answered[at : at + piece])
    return events


@given(
    st.lists(st.tuples(st.binary(min_size=4, max_size=300), st.binary(min_size=2, max_size=300))),
    st.integers(1, 400),
)
def test_exchanges_are_understood_in_any_pieces(apdus: list[Exchange], piece: int) -> None:
    exchanges = [other(1, bytes(12)), looking({SLOT: PS_ATR, "empty": b""}), connecting()]
    exchanges += [transmitting(*each) for each in apdus]
    expected: list[Event] = [Seen({SLOT: PS_ATR, "empty": b""}), Connected(HANDLE, SLOT)]
    for command, response in apdus:
        expected += [Sent(HANDLE, command), Answered(HANDLE, response)]
    assert heard(exchanges, piece) == expected


def test_a_failed_exchange_has_no_answer() -> None:
    events = heard(
        [connecting(), transmitting(b"\0\xb0\0\0", b"", 0x80100069), transmitting(b"1234", b"\x90\0")]
    )
    assert events[2] == Answered(HANDLE, None)
    assert events[3:] == [Sent(HANDLE, b"1234"), Answered(HANDLE, b"\x90\0")]


def test_a_connection_that_was_refused_is_none() -> None:
    assert heard([connecting(code=0x8010000C)]) == []


def test_a_reset_shows_and_a_reconnection_without_one_does_not() -> None:
    def again(how: int) -> Exchange:
        body = struct.pack("=iIIIII", HANDLE, 2, 3, how, 2, 0)
        return request(5, body), body

    assert heard([connecting(), again(0)]) == [Connected(HANDLE, SLOT)]
    assert heard([connecting(), again(1)]) == [Connected(HANDLE, SLOT), Connected(HANDLE, SLOT)]


def test_control_data_are_passed_over() -> None:
    body = struct.pack("=iIIIII", HANDLE, 1, 5, 0, 0, 0)
    events = heard([connecting(), (request(0x0A, body, b"12345"), body), transmitting(b"1234", b"\x90\0")])
    assert events[1:] == [Sent(HANDLE, b"1234"), Answered(HANDLE, b"\x90\0")]


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_noise_is_refused_or_means_nothing(asked: bytes, answered: bytes) -> None:
    conversation = Conversation(lambda _: None)
    try:
        conversation.ask(asked)
        conversation.answer(answered)
    except CodecError:
        return


class Told:
    """A tracer that writes down what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:  # noqa: ARG002
        """Write it down."""
        self.lines.append(f"{link} {lad.name} reset")

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:  # noqa: ARG002
        """Write it down."""
        self.lines.append(f"{link} {lad.name} > {apdu.hex()}")

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:  # noqa: ARG002
        """Write it down."""
        self.lines.append(f"{link} {lad.name} < {'' if response is None else response.hex()}")

    def piece(
        self, link: str, level: Level, device: str, from_reader: bool, data: bytes, note: str, ns: int
    ) -> None:
        """Nothing of the kind comes."""
        raise AssertionError((link, level, device, from_reader, data, note, ns))

    def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("atr", "name"), [(LOG_SV_ATR, "LOG_SV"), (VITALE_ATR, "VITALE"), (PS_ATR, "PS"), (b"\x3b\x00", "PS")]
)
def test_a_slot_is_called_by_what_is_in_it(atr: bytes, name: str) -> None:
    told = Told()
    slots = SlotsHeard(told, lambda slot: slot == SLOT, lambda: 0)
    for event in heard(
        [looking({SLOT: atr, "other": PS_ATR}), connecting(), transmitting(b"1234", b"\x90\0")]
    ):
        slots.take(event)
    slots.take(Connected(5, "other"))
    slots.take(Sent(5, b"other"))
    slots.take(Sent(6, b"unknown"))
    assert told.lines == [f"pcsc:{SLOT} {name} {what}" for what in ("reset", "> 31323334", "< 9000")]


def test_another_card_is_told_before_its_first_command() -> None:
    told = Told()
    slots = SlotsHeard(told, lambda _: True, lambda: 0)
    slots.take(Seen({SLOT: PS_ATR}))
    slots.take(Connected(HANDLE, SLOT))
    slots.take(Seen({SLOT: b""}))
    slots.take(Seen({SLOT: VITALE_ATR}))
    slots.take(Sent(HANDLE, b"x"))
    assert told.lines == [f"pcsc:{SLOT} PS reset", f"pcsc:{SLOT} VITALE reset", f"pcsc:{SLOT} VITALE > 78"]
