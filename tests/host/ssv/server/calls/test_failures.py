"""The code of each failure, whichever function meets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import tla_sim
from tests.reader_kit import Bench
from tests.ssv_kit import Program, zone
from tla_sim.host.client import ReaderClient
from tla_sim.host.ssv.declaration import Form, Function
from tla_sim.host.ssv.functions import (
    CHARGER_APPLI,
    CHARGER_FACTURES_PDT,
    DECHARGER_BENEFICIAIRES,
    DECHARGER_FACTURES_PDT,
    DECHARGER_FSE_TLA,
    EFFACER_TLA,
    IDENTIFIER_TLA,
    LIRE_CARTE_PS,
    LIRE_CONFIG,
    LIRE_DATE_LECTEUR,
    LIRE_DROITS_VITALE,
    MAJ_DATE_LECTEUR,
)
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.card_kind import CardKind, CardModel
from tla_sim.protocol.errors import (
    ConnectionLost,
    ExchangeAbandoned,
    IncoherentAnswer,
    LinkError,
    LinkProtocolError,
    NoAnswer,
    PortUnavailable,
    ReaderHeld,
)
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.reader_fw.app.software.profiles.factory import image_of
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import MARTIN, MAYA, WRONG_CODE

INVOICE = tla_sim.prepared_invoices(tla_sim.demo_practice())[0]
INPUTS: dict[Function, dict[str, Any]] = {
    LIRE_CONFIG: {},
    LIRE_CARTE_PS: {},
    LIRE_DROITS_VITALE: {},
    MAJ_DATE_LECTEUR: {"moment": "201903050900"},
    LIRE_DATE_LECTEUR: {},
    IDENTIFIER_TLA: {},
    CHARGER_FACTURES_PDT: {"zones": [zone(*INVOICE.groups())]},
    DECHARGER_FACTURES_PDT: {},
    DECHARGER_FSE_TLA: {},
    DECHARGER_BENEFICIAIRES: {},
    EFFACER_TLA: {},
    CHARGER_APPLI: {"zones": [image_of(TLA_1_40).build()]},
}
"""What each function is called with, so that it has something to do."""


def names_of(functions: dict[Function, dict[str, Any]]) -> list[str]:
    return [function.name for function in functions]


WITH_CARD = {
    function: inputs
    for function, inputs in INPUTS.items()
    if any(each.form is Form.CODE for each in function.inputs)
}
WITH_READER = {
    function: inputs
    for function, inputs in INPUTS.items()
    if any(each.name == "reader" for each in function.inputs)
}
WITH_LEDGER = (CHARGER_FACTURES_PDT, DECHARGER_FACTURES_PDT, DECHARGER_FSE_TLA, EFFACER_TLA)

EXPIRED = CardTerms(valid_from=date(2010, 1, 1), valid_until=date(2012, 1, 1))
REAL = CardTerms(kind=CardKind.REAL)


def check(program: Program, function: Function, expected: int, /, **more: Any) -> None:
    """Call a function as in the table and compare its code, which it must have declared."""
    assert program.call(function, **INPUTS[function] | more).code == expected
    assert expected in function.codes


def test_every_function_of_the_table_is_carried_out(reader: tla_sim.SimulatedReader, tmp_path: Path) -> None:
    reader.insert_ps("PIQURE2969")
    reader.insert_vitale("MARTIN")
    program = Program(reader.client(), tmp_path / "ledger.db")
    for function, inputs in INPUTS.items():
        assert program.call(function, **inputs).code == 0, function.name


@pytest.mark.parametrize("function", WITH_CARD, ids=names_of(WITH_CARD))
def test_no_ps_card_is_f001(program: Program, function: Function) -> None:
    check(program, function, 0xF001)


@pytest.mark.parametrize("function", WITH_CARD, ids=names_of(WITH_CARD))
@pytest.mark.parametrize("code", [WRONG_CODE, "", "porteur"])
def test_a_wrong_code_is_f003(
    program: Program, reader: tla_sim.SimulatedReader, function: Function, code: str
) -> None:
    reader.insert_ps("PIQURE2969")
    check(program, function, 0xF003, code=code)


@pytest.mark.parametrize("function", WITH_READER, ids=names_of(WITH_READER))
@pytest.mark.parametrize(
    ("name", "code"), [("CPS", 0xF101), ("Nobody", 0xF101), ("", 0xF101), ("Log_SV_12", 0x8011)]
)
def test_another_resource_than_the_reader_has_its_code(
    program: Program, function: Function, name: str, code: int
) -> None:
    check(program, function, code, reader=name)


@pytest.mark.parametrize("function", WITH_CARD, ids=names_of(WITH_CARD))
def test_another_resource_than_the_ps_card_is_f101(
    program: Program, reader: tla_sim.SimulatedReader, function: Function
) -> None:
    reader.insert_ps("PIQURE2969")
    check(program, function, 0xF101, ps_resource="Vitale")


@pytest.mark.parametrize("function", INPUTS, ids=names_of(INPUTS))
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoAnswer, 0x0400),
        (LinkProtocolError, 0x0200),
        (ExchangeAbandoned, 0x0040),
        (ReaderHeld, 0x0004),
        (PortUnavailable, 0x800C),
        (ConnectionLost, 0xF101),
        (IncoherentAnswer, 0xF0FF),
    ],
)
def test_a_link_that_fails_has_its_code(
    tmp_path: Path, function: Function, error: type[LinkError], code: int
) -> None:
    def fails(_lad: Lad, _apdu: bytes) -> bytes:
        raise error("The line failed")

    client = ReaderClient(InProcessTransport(fails))
    check(Program(client, tmp_path / "ledger.db", pause=lambda: None), function, code)


@pytest.mark.parametrize("function", INPUTS, ids=names_of(INPUTS))
@pytest.mark.parametrize(("link", "code"), [("serial", 0x0040), ("ccid", 0xF101)])
def test_a_reader_that_is_switched_off_has_the_code_of_its_link(
    reader: tla_sim.SimulatedReader, tmp_path: Path, function: Function, link: str, code: int
) -> None:
    program = Program(reader.client(link), tmp_path / "ledger.db")
    reader.power_off()
    check(program, function, code)


@pytest.mark.parametrize("function", WITH_CARD, ids=names_of(WITH_CARD))
def test_a_reader_that_another_host_holds_is_0004(
    program: Program, reader: tla_sim.SimulatedReader, function: Function
) -> None:
    reader.insert_ps("PIQURE2969")
    reader.client().verify_code(reader.code)
    check(program, function, 0x0004)


def no_vitale(bench: Bench) -> None:
    bench.insert_ps()


def mixed(bench: Bench) -> None:
    bench.insert_ps()
    bench.insert_vitale(vitale_image(terms=REAL))


def expired_vitale(bench: Bench) -> None:
    bench.insert_ps()
    bench.insert_vitale(vitale_image(terms=EXPIRED))


def vitale_1(bench: Bench) -> None:
    bench.insert_ps()
    bench.insert_vitale(vitale_image(terms=CardTerms(model=CardModel.VITALE_1)))


def expired_ps(bench: Bench) -> None:
    bench.insert_chip(Slot.PS, ps_image(MAYA, terms=EXPIRED))
    bench.insert_vitale()


def no_ps_card_but_a_vitale(bench: Bench) -> None:
    bench.insert_chip(Slot.PS, vitale_image(MARTIN))
    bench.insert_vitale()


@pytest.mark.parametrize(
    ("cards", "code"),
    [
        (no_vitale, 0xF011),
        (mixed, 0xF026),
        (expired_vitale, 0xF014),
        (vitale_1, 0xF014),
        (expired_ps, 0xF004),
        (no_ps_card_but_a_vitale, 0xF004),
    ],
)
def test_cards_that_do_not_do_have_their_code(
    tmp_path: Path, cards: Callable[[Bench], None], code: int
) -> None:
    bench = Bench()
    cards(bench)
    check(Program(bench.client(), tmp_path / "ledger.db"), LIRE_DROITS_VITALE, code)


@pytest.mark.parametrize("function", WITH_LEDGER, ids=lambda function: function.name)
def test_a_ledger_that_cannot_be_used_has_its_code(
    reader: tla_sim.SimulatedReader, tmp_path: Path, function: Function
) -> None:
    reader.insert_ps("PIQURE2969")
    client = reader.client()
    check(Program(client, tmp_path / "no folder" / "ledger.db"), function, 0xF6F2)
    (tmp_path / "text.db").write_text("not a ledger")
    check(Program(client, tmp_path / "text.db"), function, 0xF0FF)


@pytest.mark.parametrize("function", [CHARGER_FACTURES_PDT, CHARGER_APPLI], ids=lambda each: each.name)
def test_an_opened_reader_takes_nothing_more(tmp_path: Path, function: Function) -> None:
    with tla_sim.SimulatedReader.in_memory(seed=1, profile="1.31") as reader:
        reader.reader.board.tamper.open_case()
        program = Program(reader.client(), tmp_path / "ledger.db")
        check(program, function, 0xF0FF)
        assert program.work.client.list_documents() == ()
