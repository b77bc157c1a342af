"""The plain card does the work of the simulated one, so that comparing their speed means something."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from tla_sim.protocol.tlv import parse_all
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.tools.bench.cards import FILE_COMMANDS, OTHER_COMMANDS, Case
from tla_sim.tools.bench.plain_card.__main__ import Connection, serve
from tla_sim.tools.bench.plain_card.sample import sample_card
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import SECRETARY

COMMON = {0x80, 0x82, 0x83, 0x88, 0x8A}
"""The control parameters that both give: size, descriptor, identifiers, life cycle."""


def simulated_card() -> Card:
    card = Card(ps_image(SECRETARY, cpe=True), SeededEntropy(1))
    card.power_on()
    return card


@pytest.mark.parametrize("case", [*FILE_COMMANDS, *OTHER_COMMANDS], ids=lambda case: case.name)
def test_both_cards_answer_alike(case: Case) -> None:
    ours, plain = simulated_card(), sample_card()
    for each in case.before:
        assert ours.transmit(each) == plain.carry_out(each) == b"\x90\x00"
    mine, its = ours.transmit(case.apdu), plain.carry_out(case.apdu)
    assert mine[-2] == its[-2]
    if "READ" in case.name:
        assert mine == its


def test_both_cards_describe_a_file_alike() -> None:
    def described(transmit: Callable[[bytes], bytes]) -> dict[int, bytes]:
        assert transmit(bytes.fromhex("00A40804040001D001"))[0] == 0x61
        answer = transmit(bytes.fromhex("00C0000000"))
        assert answer[-2:] == b"\x90\x00"
        (template,) = parse_all(answer[:-2])
        return {each.tag: each.value for each in template.children if each.tag in COMMON}

    mine, its = described(simulated_card().transmit), described(sample_card().carry_out)
    assert mine.keys() == COMMON
    assert mine == its


def test_a_wrong_code_costs_both_a_try() -> None:
    wrong = bytes.fromhex("0020000108") + b"0000\xff\xff\xff\xff"
    assert simulated_card().transmit(wrong) == sample_card().carry_out(wrong) == b"\x63\xc2"


def test_the_plain_card_has_no_secure_messaging() -> None:
    assert sample_card().carry_out(bytes.fromhex("0CB0000008")) == b"\x68\x82"


@pytest.mark.parametrize("apdu", ["00A4", "0020000108313233", "00A4000C03 3F00", "00A4000C0000053F00"])
def test_neither_card_takes_a_command_whose_lengths_do_not_agree(apdu: str) -> None:
    raw = bytes.fromhex(apdu)
    assert simulated_card().transmit(raw) == sample_card().carry_out(raw) == b"\x67\x00"


def test_both_cards_take_extended_lengths() -> None:
    select, read = bytes.fromhex("00A4020C0000022F00"), bytes.fromhex("00B0000000000C")
    ours, plain = simulated_card(), sample_card()
    assert ours.transmit(select) == plain.carry_out(select) == b"\x90\x00"
    assert ours.transmit(read) == plain.carry_out(read)


def test_the_plain_card_plays_at_vpcd() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        player = threading.Thread(
            target=lambda: serve(sample_card(), Connection(port, quick=True)), daemon=True
        )
        player.start()
        driver, _ = listening.accept()
        with driver, driver.makefile("rb") as heard:
            for message in (b"\x01", b"\x04", bytes.fromhex("00A4000C023F00")):
                driver.sendall(len(message).to_bytes(2, "big") + message)
            atr, answer = (heard.read(int.from_bytes(heard.read(2), "big")) for _ in range(2))
        player.join(10)
    assert atr == ps_image(SECRETARY, cpe=True).contents.atr
    assert answer == b"\x90\x00"
    assert not player.is_alive()
