"""What an answer must be: an APDU, declared, silent when it refuses, in time."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.identity import IDENTIFY, READ_CLOCK, SET_CLOCK, Moment
from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.tools.judge.answers import (
    check_data,
    check_each_signed,
    check_form,
    check_refusal,
    check_request,
    check_status,
    check_time,
    check_version,
)
from tla_sim.tools.judge.violation import Violation


def answered(word: int, data: bytes = b"") -> ResponseApdu:
    return ResponseApdu(data, word)


def test_an_answer_without_a_status_word_is_none() -> None:
    assert check_form("identify", b"\x90\x00").word == Status.OK
    with pytest.raises(Violation, match="not answered by a response APDU"):
        check_form("identify", b"\x90")


@pytest.mark.parametrize("word", [0x6FFF, int(Status.VITALE_ABSENT), int(Status.INTERNAL)])
def test_a_status_is_known_declared_and_not_of_something_inside(word: int) -> None:
    assert check_status("identify", IDENTIFY, answered(Status.OK)) is Status.OK
    with pytest.raises(Violation, match="declared: identify"):
        check_status("identify", IDENTIFY, answered(word))


def test_a_version_does_not_do_what_it_does_not_know() -> None:
    without = replace(TLA_1_40, capabilities=frozenset())
    lacking = next(each for each in COMMANDS if not without.knows(each.ins))
    check_version(TLA_1_40, lacking, Status.OK)
    check_version(without, lacking, Status.INSTRUCTION_NOT_SUPPORTED)
    with pytest.raises(Violation, match="does not know it"):
        check_version(without, lacking, Status.OK)


def test_a_request_is_taken_whole_or_not_at_all() -> None:
    sent = SET_CLOCK.request.build(Moment(5))
    check_request(SET_CLOCK, Moment(5), CommandApdu(CLA, SET_CLOCK.ins, 0, 0, sent).build())
    with pytest.raises(Violation, match="not as declared"):
        check_request(SET_CLOCK, Moment(5), CommandApdu(CLA, SET_CLOCK.ins, 0, 0, sent + b"x").build())


def test_a_refusal_gives_nothing() -> None:
    check_refusal("identify", answered(Status.READER_HELD))
    check_refusal("identify", answered(Status.OK, b"x"))
    with pytest.raises(Violation, match="gives data"):
        check_refusal("identify", answered(Status.READER_HELD, b"x"))


def test_data_are_as_declared() -> None:
    assert check_data(READ_CLOCK, answered(Status.OK, bytes(7) + b"\x05")) == Moment(5)
    with pytest.raises(Violation, match="not as declared"):
        check_data(READ_CLOCK, answered(Status.OK, bytes(9)))


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        [SimpleNamespace(status=int(Status.NOT_OWNER), block=b"signed")],
        [SimpleNamespace(status=0x6FFF, block=b"")],
    ],
)
def test_each_content_gets_a_signature_or_a_status(blocks: list[SimpleNamespace]) -> None:
    check_each_signed(["a"], [SimpleNamespace(status=int(Status.OK), block=b"signed")])
    with pytest.raises(Violation, match="form"):
        check_each_signed(["a"], blocks)


def test_an_answer_comes_in_time() -> None:
    check_time("identify", 10, 10)
    with pytest.raises(Violation, match="identify takes more than 10 ms"):
        check_time("identify", 11, 10)
