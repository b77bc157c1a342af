"""One slot of the CCID link, without the link: what is in it, what each request does to the contacts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import xor

import pytest

from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.ccid import MAX_DATA, Answer, CommandStatus, IccStatus, Kind, Request, SlotError
from tla_sim.protocol.errors import ExchangeAbandoned
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.cards.atr import CPS4_ATR, PS_ATR, Transmission, atr_of
from tla_sim.reader_fw.links.ccid_slot import CcidSlot

T1_ATR = atr_of(CardModel.CPS3, Transmission.T1)
APDU = bytes.fromhex("00B09C000C")
PPS_T0, PPS_T1 = bytes.fromhex("FF00FF"), bytes.fromhex("FF01FE")


@dataclass
class Contacts:
    """A card's contacts: what it answers and when, and what was done to them."""

    number: int = 1
    atr: bytes = PS_ATR
    answer: bytes | None = b"\x90\x00"
    off: bool = False
    due_ms: int | None = None
    now_ms: int = 0
    movements: int = 0
    log: list[str] = field(default_factory=list)

    def insertion(self, lad: Lad) -> int:
        assert lad is Lad.PS
        return self.number

    def power_on(self, lad: Lad) -> bytes:
        self.log.append(f"on {lad}")
        if self.off:
            raise ExchangeAbandoned("Off", "Switch it on")
        return self.atr

    def select_protocol(self, lad: Lad, number: int) -> None:
        self.log.append(f"T={number} {lad}")

    def power_off(self, lad: Lad) -> None:
        self.log.append(f"off {lad}")

    def begin(self, lad: Lad, apdu: bytes) -> None:
        assert lad is Lad.PS
        if self.off:
            raise ExchangeAbandoned("Off", "Switch it on")
        self.log.append(apdu.hex())

    def poll(self) -> bytes | None:
        return None if self.due_ms is not None and self.now_ms < self.due_ms else self.answer

    def abort(self) -> None:
        self.log.append("abort")

    def reset(self) -> None:
        self.log.append("reset")

    def detach(self) -> None:
        self.log.append("detach")


@pytest.fixture
def contacts() -> Contacts:
    return Contacts()


@pytest.fixture
def slot(contacts: Contacts) -> CcidSlot:
    return CcidSlot(Lad.PS, contacts, contacts)


def ask(slot: CcidSlot, kind: int, data: bytes = b"", first: int = 0, second: int = 0) -> Answer | None:
    return slot.handle(Request(kind, 0, 5, data, first, second))


def done(answer: Answer | None) -> bytes:
    """The data of an answer that says it is done."""
    assert answer is not None
    assert (answer.command, answer.error, answer.slot, answer.sequence) == (CommandStatus.DONE, 0, 0, 5)
    return answer.data


def error(answer: Answer | None) -> int:
    """Why a request failed."""
    assert answer is not None
    assert (answer.command, answer.data, answer.slot, answer.sequence) == (CommandStatus.FAILED, b"", 0, 5)
    return answer.error


def test_a_slot_without_a_port_is_always_empty() -> None:
    slot = CcidSlot(Lad.PS, None, Contacts())
    assert (slot.icc, slot.take_movement(), slot.wake_at, slot.tick()) == (IccStatus.ABSENT, 0, None, None)
    assert error(ask(slot, Kind.ICC_POWER_ON)) == SlotError.MUTE
    assert error(ask(slot, Kind.XFR_BLOCK, APDU)) == SlotError.MUTE
    assert error(ask(slot, Kind.GET_PARAMETERS)) == SlotError.MUTE
    answer = ask(slot, Kind.ICC_POWER_OFF)
    assert answer is not None
    assert (answer.kind, answer.icc, answer.detail) == (Kind.SLOT_STATUS, IccStatus.ABSENT, 1)


def test_the_card_is_there_active_and_gone(slot: CcidSlot, contacts: Contacts) -> None:
    seen = [slot.icc]
    assert done(ask(slot, Kind.ICC_POWER_ON)) == PS_ATR
    seen.append(slot.icc)
    done(ask(slot, Kind.ICC_POWER_OFF))
    seen.append(slot.icc)
    done(ask(slot, Kind.ICC_POWER_OFF))
    assert contacts.log == ["on 1", "off 1"], "contacts without power are left alone"
    contacts.number = 0
    seen.append(slot.icc)
    assert seen == [IccStatus.INACTIVE, IccStatus.ACTIVE, IccStatus.INACTIVE, IccStatus.ABSENT]


def test_a_movement_is_told_once(slot: CcidSlot, contacts: Contacts) -> None:
    assert [slot.take_movement(), slot.take_movement()] == [3, 0]
    contacts.number = 0
    assert [slot.take_movement(), slot.take_movement()] == [2, 0]
    contacts.number = 2
    assert slot.take_movement() == 0, "pcscd would not see it leave"
    contacts.now_ms += 1_000
    assert slot.take_movement() == 3


def test_another_card_is_not_the_one_that_was_powered(slot: CcidSlot, contacts: Contacts) -> None:
    done(ask(slot, Kind.ICC_POWER_ON))
    contacts.number = 2
    assert slot.icc is IccStatus.INACTIVE
    assert error(ask(slot, Kind.XFR_BLOCK, APDU)) == SlotError.MUTE
    assert error(ask(slot, Kind.SET_PARAMETERS, bytes(5))) == SlotError.MUTE
    done(ask(slot, Kind.ICC_POWER_ON))
    assert done(ask(slot, Kind.XFR_BLOCK, APDU)) == b"\x90\x00"


@pytest.mark.parametrize("voltage", [0, 1, 2, 3, 4])
def test_power_comes_at_any_voltage_that_there_is(slot: CcidSlot, voltage: int) -> None:
    answer = ask(slot, Kind.ICC_POWER_ON, first=voltage)
    assert answer is not None
    assert answer.error == (SlotError.BAD_FIRST if voltage > 3 else 0)


@pytest.mark.parametrize("cause", ["no answer to reset", "off"])
def test_a_card_that_does_not_answer_to_reset_is_mute(slot: CcidSlot, contacts: Contacts, cause: str) -> None:
    contacts.off = cause == "off"
    contacts.atr = b""
    assert error(ask(slot, Kind.ICC_POWER_ON)) == SlotError.MUTE
    assert slot.icc is IccStatus.INACTIVE


def test_a_command_goes_to_the_card_and_its_answer_comes_back(slot: CcidSlot, contacts: Contacts) -> None:
    done(ask(slot, Kind.ICC_POWER_ON))
    assert done(ask(slot, Kind.XFR_BLOCK, APDU)) == b"\x90\x00"
    assert done(ask(slot, Kind.XFR_BLOCK, APDU[:4])) == b"\x90\x00"
    assert contacts.log[1:] == [APDU.hex(), "00b09c0000"], "a P3 that was left out is 00"
    for data in (b"", APDU[:3]):
        assert error(ask(slot, Kind.XFR_BLOCK, data)) == SlotError.BAD_LENGTH
    assert error(ask(slot, Kind.XFR_BLOCK, APDU, second=1)) == SlotError.BAD_SECOND
    contacts.answer = bytes(MAX_DATA + 1)
    assert error(ask(slot, Kind.XFR_BLOCK, APDU)) == SlotError.OVERRUN
    contacts.answer = b""
    assert error(ask(slot, Kind.XFR_BLOCK, APDU)) == SlotError.MUTE
    contacts.off = True
    assert error(ask(slot, Kind.XFR_BLOCK, APDU)) == SlotError.MUTE


def test_a_card_that_takes_its_time_is_waited_for(slot: CcidSlot, contacts: Contacts) -> None:
    done(ask(slot, Kind.ICC_POWER_ON))
    contacts.due_ms = 250
    assert ask(slot, Kind.XFR_BLOCK, APDU) is None
    assert (slot.asks_time, slot.wake_at) == (True, 250)
    assert slot.tick() is None
    contacts.now_ms = 250
    assert done(slot.tick()) == b"\x90\x00"
    assert (slot.asks_time, slot.wake_at, slot.tick()) == (False, None, None)


def test_a_card_pulled_out_meanwhile_is_mute_and_its_command_is_dropped(
    slot: CcidSlot, contacts: Contacts
) -> None:
    done(ask(slot, Kind.ICC_POWER_ON))
    contacts.due_ms = 250
    ask(slot, Kind.XFR_BLOCK, APDU)
    contacts.number = 0
    answer = slot.tick()
    assert error(answer) == SlotError.MUTE
    assert answer is not None
    assert answer.icc is IccStatus.ABSENT
    assert contacts.log[-1] == "abort"
    assert slot.wake_at is None


def test_an_abort_takes_no_answer(slot: CcidSlot, contacts: Contacts) -> None:
    slot.abort()
    assert contacts.log == [], "nothing is with the card"
    done(ask(slot, Kind.ICC_POWER_ON))
    contacts.due_ms = 250
    ask(slot, Kind.XFR_BLOCK, APDU)
    slot.abort()
    contacts.now_ms = 250
    assert (contacts.log[-1], slot.wake_at, slot.tick()) == ("abort", None, None)


@pytest.mark.parametrize(
    ("atr", "pps", "granted"),
    [
        (PS_ATR, PPS_T0, True),
        (PS_ATR, PPS_T1, False),
        (CPS4_ATR, PPS_T0, True),
        (CPS4_ATR, PPS_T1, True),
        (CPS4_ATR, bytes.fromhex("FF02FD"), False),
        (T1_ATR, PPS_T1, True),
        (T1_ATR, PPS_T0, False),
        (T1_ATR, bytes.fromhex("FF1111FF"), True),
        (T1_ATR, bytes.fromhex("FF01FF"), False),
        (T1_ATR, bytes.fromhex("FF11FE"), False),
        (T1_ATR, bytes.fromhex("FF"), False),
    ],
)
def test_a_protocol_is_granted_that_the_card_speaks(
    slot: CcidSlot, contacts: Contacts, atr: bytes, pps: bytes, granted: bool
) -> None:
    contacts.atr = atr
    done(ask(slot, Kind.ICC_POWER_ON))
    answer = ask(slot, Kind.XFR_BLOCK, pps)
    if granted:
        assert done(answer) == pps
    else:
        assert error(answer) == SlotError.MUTE


def block_of(apdu: bytes) -> bytes:
    """A T=1 block with a command: node 0, first of the sequence, longitudinal redundancy."""
    block = bytes((0, 0, len(apdu))) + apdu
    return block + bytes((reduce(xor, block),))


def test_a_card_that_offers_both_speaks_the_one_that_is_asked_for(slot: CcidSlot, contacts: Contacts) -> None:
    contacts.atr = CPS4_ATR
    done(ask(slot, Kind.ICC_POWER_ON))
    answer = ask(slot, Kind.GET_PARAMETERS)
    assert answer is not None
    assert answer.detail == 0
    contacts.due_ms = 0
    done(ask(slot, Kind.XFR_BLOCK, PPS_T1))
    assert contacts.log[-1] == f"T=1 {Lad.PS}"
    answer = ask(slot, Kind.GET_PARAMETERS)
    assert answer is not None
    assert answer.detail == 1
    sent = done(ask(slot, Kind.XFR_BLOCK, block_of(APDU)))
    assert sent[3:-1] == b"\x90\x00"
    done(ask(slot, Kind.ICC_POWER_ON))
    answer = ask(slot, Kind.GET_PARAMETERS)
    assert answer is not None
    assert answer.detail == 0


@pytest.mark.parametrize(
    ("atr", "protocol", "usual"), [(PS_ATR, 0, "1100000A00"), (T1_ATR, 1, "1110004500FE00")]
)
def test_parameters_are_kept_until_they_are_reset(
    slot: CcidSlot, contacts: Contacts, atr: bytes, protocol: int, usual: str
) -> None:
    contacts.atr = atr
    assert error(ask(slot, Kind.GET_PARAMETERS)) == SlotError.MUTE
    done(ask(slot, Kind.ICC_POWER_ON))
    answer = ask(slot, Kind.GET_PARAMETERS)
    assert done(answer) == bytes.fromhex(usual)
    assert answer is not None
    assert (answer.kind, answer.detail) == (Kind.PARAMETERS, protocol)
    other = bytes(len(answer.data))
    assert error(ask(slot, Kind.SET_PARAMETERS, other, first=1 - protocol)) == SlotError.BAD_FIRST
    assert error(ask(slot, Kind.SET_PARAMETERS, other[1:], first=protocol)) == SlotError.BAD_LENGTH
    assert done(ask(slot, Kind.SET_PARAMETERS, other, first=protocol)) == other
    assert done(ask(slot, Kind.GET_PARAMETERS)) == other
    assert done(ask(slot, Kind.RESET_PARAMETERS)) == bytes.fromhex(usual)


@pytest.mark.parametrize(("stop", "wrong"), [(0, False), (1, False), (2, True)])
def test_the_clock_runs_while_the_card_is_active(slot: CcidSlot, stop: int, wrong: bool) -> None:
    done(ask(slot, Kind.ICC_POWER_ON))
    answer = ask(slot, Kind.ICC_CLOCK, first=stop)
    assert answer is not None
    assert (answer.kind, answer.icc, answer.detail) == (Kind.SLOT_STATUS, IccStatus.ACTIVE, 0)
    assert answer.error == (SlotError.BAD_FIRST if wrong else 0)


@pytest.mark.parametrize(
    ("kind", "answered"),
    [(Kind.ESCAPE, Kind.ESCAPE_ANSWER), (Kind.MECHANICAL, Kind.SLOT_STATUS), (0x01, 0x81)],
)
def test_what_it_does_not_do_is_refused_in_the_form_that_the_host_expects(
    slot: CcidSlot, kind: int, answered: int
) -> None:
    answer = ask(slot, kind)
    assert error(answer) == SlotError.NOT_SUPPORTED
    assert answer is not None
    assert answer.kind == answered
