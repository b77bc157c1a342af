"""The simulated card's commands against a plain Python card's, in process and through stock pcscd by vpcd.

The baseline is `tla_sim.tools.bench.plain_card`, which says what it does and how. In process both are called
with the bytes of a command and return those of the answer; the processor's time counts. Through pcscd, each
has a service of its own with one client, and asks for quick acknowledgements, without which vpcd is hundreds
of times slower: one figure shows that. All turns alternate, there on one processor.

Through pcscd, the client, the service and its driver take their part of the time of both, which no card can
shorten: for that the shortest commands stay under twice as fast. So what is left beyond the time of a
responder that computes nothing, the baseline of `pcsc`, is compared, too.

VERIFY and signatures take their time through pcscd for another reason: the reader lets the milliseconds pass
that a card in the field needs. They are measured in process alone, and a signature beside the RSA in it,
which is OpenSSL's on both sides.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.addresses import PS_AID
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.code_porteur import code_block
from tla_sim.reader_fw.cards.image import Operation
from tla_sim.reader_fw.cards.pki import load_private_key
from tla_sim.tools.bench.pcsc_services import connect_client, on_one_processor, serve_behind_pcscd
from tla_sim.tools.bench.plain_card.sample import sample_card
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import CODE, SECRETARY

_TURNS: Final = 15
_OURS_A_TURN: Final = 400
_ITS_A_TURN: Final = 100
_SIGNATURES: Final = 20
_THROUGH_PCSCD: Final = 100
_LATE: Final = 5
_TURNS_BY_VPCD: Final = 9
_IN_PROCESS: Final = 3
_BY_VPCD: Final = 2
_ABOVE_RSA: Final = 1.1


class Case(NamedTuple):
    """A command to measure, and those before it."""

    name: str
    apdu: bytes
    before: tuple[bytes, ...] = ()


def _hex(text: str) -> bytes:
    return bytes.fromhex(text)


_APPLICATION: Final = _hex("00A4040C") + bytes((len(PS_AID),)) + PS_AID
_CERTIFICATE: Final = (_APPLICATION, _hex("00A4020C02A001"))
_VERIFY: Final = _hex("0020000108") + code_block(CODE.encode())
_IMAGE: Final = ps_image(SECRETARY, cpe=True)
_KEY: Final = next(each for each in _IMAGE.contents.keys if each.may(Operation.SIGN))
_PREPARE: Final = _hex("002241B606") + bytes((0x84, 1, _KEY.reference, 0x80, 1, 0x02))
_DIGEST_INFO: Final = _hex("3031300D060960864801650304020105000420") + bytes(32)
_SIGN: Final = _hex("002A9E9A33") + _DIGEST_INFO + b"\0"

FILE_COMMANDS: Final = (
    Case("SELECT MF", _hex("00A4000C023F00")),
    Case("SELECT by identifier", _hex("00A4020C02D001"), (_APPLICATION,)),
    Case("SELECT by identifier, FCP", _hex("00A4020402D001"), (_APPLICATION,)),
    Case("SELECT by path", _hex("00A4080C040001D001")),
    Case("SELECT by path, FCP", _hex("00A40804040001D001")),
    Case("SELECT by name", _APPLICATION),
    Case("READ BINARY, 8 bytes", _hex("00B0000008"), _CERTIFICATE),
    Case("READ BINARY, 256 bytes", _hex("00B0000000"), _CERTIFICATE),
    Case("READ BINARY, short identifier", _hex("00B0810010"), (_APPLICATION,)),
    Case("GET CHALLENGE", _hex("0084000008")),
)
OTHER_COMMANDS: Final = (
    Case("a file that is not there", _hex("00A4000C024242")),
    Case("an unknown instruction", _hex("00EE0000")),
    Case("MSE SET", _PREPARE, (_APPLICATION,)),
    Case("VERIFY", _VERIFY, (_APPLICATION,)),
)


def measure() -> list[Figure]:
    """Measure each command in process, a signature, and the commands on files through pcscd."""
    return [*_in_process(), _signature(), *_by_vpcd()]


def _in_process() -> list[Figure]:
    ours, plain = Card(_IMAGE, SeededEntropy(1)), sample_card()
    found = []
    for case in (*FILE_COMMANDS, *OTHER_COMMANDS):
        turns = []
        for _ in range(_TURNS):
            ours.power_on()
            plain.power_on()
            for each in case.before:
                _must_succeed(ours.transmit(each), plain.carry_out(each))
            if ours.transmit(case.apdu)[-2] != plain.carry_out(case.apdu)[-2]:
                raise AssertionError(f"{case.name}: the two cards disagree")
            mine = _rate(ours.transmit, case.apdu, _OURS_A_TURN)
            turns.append((mine, _rate(plain.carry_out, case.apdu, _ITS_A_TURN)))
        found.append(_figure(case.name, "in process", turns, _IN_PROCESS))
    return found


def _rate(call: Callable[[bytes], bytes], apdu: bytes, count: int) -> float:
    started = time.process_time_ns()
    for _ in range(count):
        call(apdu)
    return count / (time.process_time_ns() - started) * 1e9


def _figure(name: str, how: str, turns: list[tuple[float, float]], target: float) -> Figure:
    mine, its = (median(rates) for rates in zip(*turns, strict=True))
    worst = min(one / other for one, other in turns)
    return Figure(name, mine, "APDU/s", f"a plain Python card, {how}", its, target, False, worst)


def _must_succeed(*answers: bytes) -> None:
    if any(answer[-2:] != b"\x90\x00" for answer in answers):
        raise AssertionError("a command is refused")


def _signature() -> Figure:
    """Measure what a signature by commands takes beyond its RSA."""
    ours = Card(_IMAGE, SeededEntropy(1))
    ours.power_on()
    _must_succeed(*map(ours.transmit, (_APPLICATION, _VERIFY, _PREPARE)))
    key = load_private_key(_KEY.pkcs8)
    turns = []
    for _ in range(_TURNS):
        mine = 1 / _rate(ours.transmit, _SIGN, _SIGNATURES)
        bare = _rate(
            lambda data: key.sign(data, padding.PKCS1v15(), NoDigestInfo()), _DIGEST_INFO, _SIGNATURES
        )
        turns.append((mine * 1e6, 1e6 / bare))
    mine, bare = (median(each) for each in zip(*turns, strict=True))
    worst = max(one / other for one, other in turns)
    return Figure("a signature", mine, "µs", "its RSA alone, in process", bare, _ABOVE_RSA, True, worst)


def _by_vpcd() -> list[Figure]:
    subject, plain = "tla_sim.tools.bench.pcsc_subject", "tla_sim.tools.bench.plain_card"
    found = []
    with (
        tempfile.TemporaryDirectory(prefix="tla-bench-") as folder,
        on_one_processor(),
        serve_behind_pcscd("vpcd", Path(folder), subject) as mine,
        serve_behind_pcscd("vpcd", Path(folder), plain) as its,
        serve_behind_pcscd("vpcd", Path(folder), plain, "late") as late,
        serve_behind_pcscd("vpcd", Path(folder), "tla_sim.tools.bench.null_responders") as null,
        connect_client(mine) as my_client,
        connect_client(its) as plain_client,
        connect_client(late) as late_client,
        connect_client(null) as null_client,
    ):
        for name, apdu, before in FILE_COMMANDS:
            rates = [
                tuple(
                    client.rate(Lad.PS, apdu, _THROUGH_PCSCD, before)
                    for client in (my_client, plain_client, null_client)
                )
                for _ in range(_TURNS_BY_VPCD)
            ]
            found.append(_figure(name, "by vpcd", [(one, other) for one, other, _ in rates], _BY_VPCD))
            found.append(_beyond_null(name, rates))
        apdu = FILE_COMMANDS[0].apdu
        turns = [
            (my_client.rate(Lad.PS, apdu, _THROUGH_PCSCD), late_client.rate(Lad.PS, apdu, _LATE))
            for _ in range(_LATE)
        ]
        found.append(_figure(FILE_COMMANDS[0].name, "late at vpcd", turns, _BY_VPCD))
    return found


def _beyond_null(name: str, rates: list[tuple[float, ...]]) -> Figure:
    """Compare what is left of an exchange after pcscd, its driver and the client had their share."""
    mine, its, null = (1e6 / median(each) for each in zip(*rates, strict=True))
    how = "a plain Python card, the same"
    return Figure(f"{name}: beyond null", mine - null, "µs", how, its - null, 1 / _IN_PROCESS, True)
