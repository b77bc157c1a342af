"""The whole way by SSV: loaded, visited, unloaded, signed, in lots and files, answered, as by the verbs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import tla_sim
from tests.ssv_kit import Program, Returned, zone
from tla_sim.host.ledger.desk_model import GONE_FILES
from tla_sim.host.ledger.files import file_lines
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.sending.arl import compose
from tla_sim.host.sending.lots import make_lots
from tla_sim.host.ssv.functions import (
    CHARGER_FACTURES_PDT,
    DECHARGER_FSE_TLA,
    FORMATER_FICHIER,
    FORMATER_LOT,
    SECURISER_FACTURE,
    TRADUIRE_ARL,
)
from tla_sim.protocol.groups.ssv_calls import FileAnswer, HeldDocument, HeldLot, LotFileHeader
from tla_sim.tools.cast.people import CODE

CARDS: Final = {"75629690": "PIQURE2969", "75112040": "TOUBIB", "75712040": "MASSEUR3107"}


def documents(returned: Returned) -> list[HeldDocument]:
    """The documents of an answer."""
    assert returned.code == 0
    return [each for each in returned.groups if isinstance(each, HeldDocument)]


def lots_by_the_verb(reader: tla_sim.SimulatedReader, book: Path) -> set[str]:
    """The identities of the files that the verb makes with the card in the slot, in this ledger."""
    client = reader.client()
    with Ledger.open(book) as ledger:
        return {each.identity for each in make_lots(client, ledger, card=client.verify_code(CODE)).files}


def test_a_practices_round_by_calls_alone(reader: tla_sim.SimulatedReader, tmp_path: Path) -> None:
    book = tmp_path / "book" / "ledger.db"
    book.parent.mkdir()
    prepared = tla_sim.prepared_invoices(tla_sim.demo_practice())
    loading = Program(reader.client(), book)
    zones = [zone(*each.groups()) for each in prepared]
    assert loading.call(CHARGER_FACTURES_PDT, zones=zones).code == 0

    reader.unplug()
    reader.insert_ps("PIQURE2969")
    for patient in ("MARTIN", "DESMAUX", "LANTIER"):
        reader.insert_vitale(patient)
        reader.press("VAL", CODE, "VAL")
    reader.remove_cards()
    reader.insert_ps("PIQURE2969")

    unloaded = documents(Program(reader.client(), book).call(DECHARGER_FSE_TLA))
    assert {(each.owner == "75629690", each.state) for each in unloaded} == {
        (True, "COMPLETE"),
        (False, "PARTIAL"),
    }
    reader.unplug()
    headers: list[LotFileHeader] = []
    for owner, card in CARDS.items():
        reader.insert_ps(card)
        held = [each for each in unloaded if each.owner == owner]
        program = Program(reader.client(), book)
        partial = [each for each in held if each.state == "PARTIAL"]
        if partial:
            held = documents(program.call(SECURISER_FACTURE, situation=1, zone=zone(*partial)))
            assert {each.state for each in held} == {"FINAL"}
        reader.unplug()

        copy = tmp_path / f"copy for {owner}"
        shutil.copytree(book.parent, copy)
        by_verb = lots_by_the_verb(reader, copy / book.name)
        reader.unplug()

        program = Program(reader.client(), book)
        lots = program.call(FORMATER_LOT, zones=[zone(each) for each in held])
        named = [each for each in lots.groups if isinstance(each, HeldLot)]
        assert {each.content.decode() for each in named} == by_verb, "the same lots, numbers and digests"
        files = program.call(FORMATER_FICHIER, zone=b"".join(lots.zones))
        headers += [each for each in files.groups if isinstance(each, LotFileHeader)]
        reader.unplug()

    answers = [compose(each.identity, bytes.fromhex(each.digest)) for each in headers]
    told = Program(reader.client(), book).call(TRADUIRE_ARL, zones=answers)
    assert [each.accepted for each in told.groups if isinstance(each, FileAnswer)] == [True] * len(headers)
    with Ledger.open(book) as ledger:
        gone = {each.id for each in ledger.documents() if each.state is LedgerState.TRANSMITTED}
        assert {(each.owner, each.number, each.kind) for each in unloaded} == gone
        assert {each.identity for each in file_lines(ledger, states=GONE_FILES)} == {
            each.identity for each in headers
        }
