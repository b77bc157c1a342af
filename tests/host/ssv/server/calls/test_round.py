"""The whole round by calls alone: identify, load, visit, unload, sign finally."""

from __future__ import annotations

from pathlib import Path

import pytest

import tla_sim
from tests.ssv_kit import Program, zone
from tla_sim.host.ssv.functions import (
    CHARGER_FACTURES_PDT,
    DECHARGER_BENEFICIAIRES,
    DECHARGER_FACTURES_PDT,
    DECHARGER_FSE_TLA,
    EFFACER_TLA,
    IDENTIFIER_TLA,
    LIRE_CARTE_PS,
    LIRE_CONFIG,
    MAJ_DATE_LECTEUR,
    SECURISER_FACTURE,
)
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.protocol.groups.ssv_calls import HeldDocument

OWNERS = {"PIQURE2969": "75629690", "TOUBIB": "75112040", "MASSEUR3107": "75712040"}


@pytest.mark.parametrize("link", ["memory", "serial", "ccid"])
def test_the_whole_round_by_calls_alone(tmp_path: Path, link: str) -> None:
    with tla_sim.SimulatedReader.in_memory(seed=1) as reader:
        path = tmp_path / "ledger.db"
        program = Program(reader.client(link), path)
        assert program.call(LIRE_CONFIG).code == 0
        assert program.call(IDENTIFIER_TLA, cdc_version="1.40").code == 0
        assert program.call(MAJ_DATE_LECTEUR, moment="201903050800").code == 0
        prepared = tla_sim.prepared_invoices(reader.practice)
        zones = [zone(*each.groups()) for each in prepared]
        assert len(program.call(CHARGER_FACTURES_PDT, zones=zones).zones) == len(prepared)

        reader.unplug()
        for patient in ("MARTIN", "DESMAUX"):
            reader.insert_ps("PIQURE2969")
            reader.insert_vitale(patient)
            reader.press("VAL", reader.code, "VAL")
        reader.remove_cards()

        program = Program(reader.client(link), path)
        final: dict[tuple[str, str], bytes] = {}
        for card, owner in OWNERS.items():
            reader.insert_ps(card)
            assert program.call(LIRE_CARTE_PS).code == 0
            for each in program.call(DECHARGER_FSE_TLA).groups:
                assert isinstance(each, HeldDocument)
                if each.owner != owner:
                    continue
                if each.state == "PARTIAL":
                    secured = program.call(SECURISER_FACTURE, invoice=each.number, zone=zone(each))
                    assert secured.code == 0
                    (each,) = secured.groups
                    assert isinstance(each, HeldDocument)
                final[each.owner, each.number] = each.content
            assert program.call(DECHARGER_BENEFICIAIRES).code == 0
            assert {
                each.state
                for each in program.call(DECHARGER_FACTURES_PDT).groups
                if isinstance(each, HeldDocument)
            } <= {"LOADED", "PARTIAL", "COMPLETE"}
            assert program.call(EFFACER_TLA).code == 0
        assert program.work.client.list_documents() == ()

        signed = {(each.owner, each.number) for each in prepared if each.patient.last_name != "LANTIER"}
        assert set(final) == signed
        for content in final.values():
            assert verify_fse(Document(content), program.work.anchors).state.name in ("COMPLETE", "FINAL")
        with program.work.ledger() as ledger:
            held = {
                each.id[:2]: ledger.fse(each.id)
                for each in ledger.documents()
                if each.state.name != "PREPARED"
            }
        assert held == final
