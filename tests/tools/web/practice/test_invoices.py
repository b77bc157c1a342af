"""Invoices over HTTP: the list, the summary beside the first document's screen, choices, and billing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.tools.web.bench_kit import TestClient
from tests.tools.web.surgery.bench_kit import (
    NURSE,
    PATIENCE,
    PRACTICE,
    at_once,
    do,
    insert_ps,
    plug,
    press,
    wait_for_code,
)
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import CODE, WRONG_CODE
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.bench import Bench

ROOT = "/v1/practice/invoices"
NUMBER = "190305028"
ONE = f"{ROOT}/{NURSE}/{NUMBER}"
FRENCH = {"Accept-Language": "fr"}

SCREEN = {
    "Prescription": [
        ("Patient", "MARTIN PAUL"),
        ("Prescrit par", "TOUBIB PAUL le 01/01/2019"),
    ],
    "Entente préalable": [("Code", "du 00/00/0000"), ("Motif", "")],
    "Facture Complémentaire Actes NGAP": [
        ("N°", "190305028"),
        ("Du", "05/03/2019"),
        ("Catégorie", "Facture Sesam-Vitale"),
    ],
    "Remboursements": [
        ("Nature d'assurance", "10 Maladie"),
        ("Date évènement", ""),
        ("N° A.T.", ""),
        ("Exonération", "5 Assuré ou bénéficiaire exonéré"),
        ("Cadre de remboursement", "Tiers payant sur part obligatoire"),
        ("Caisse", "CPAM - DEMONSTRATION"),
        ("%", "100"),
    ],
    "Parcours de soins": [
        ("Déclaration du médecin traitant", "Sans objet"),
        ("La facture est élaborée", "Sans objet (facture non concernée par le parcours de soins)"),
    ],
    "Montants Remboursables": [
        ("Total", "156,20"),
        ("Caisse", "156,20"),
        ("Complémentaire", "0,00"),
        ("Assuré", "0,00"),
        ("A payer", "0,00 (hors règlements perçus)"),
    ],
    "Pièce justificative": [
        ("Attestation de la caisse", "non"),
        ("Impression du bon d'examen", "non"),
        ("A.M.E. de base", "non"),
    ],
}
"""The screen of the first document, line by line; it ticks none of the three pieces."""

ADDED = {
    "Actes": [("Actes NGAP", "4 x AMI 4, 4 x AIS 3, 8 x IFA 1, 4 x MCI 1, 4 x IK 17 : 156,20")],
    "Droits": [("Origine des droits", "Carte Vitale")],
    "Documents et pièces": [("Documents", "FSE"), ("Pièce 1", "Ordonnance : sur papier")],
}
"""What the page adds to it."""


@pytest.fixture
def reader(reader: RunningReader) -> RunningReader:
    plug(reader)
    return reader


def insert_vitale(reader: RunningReader, name: str = "MARTIN") -> None:
    do(reader, lambda control: control.insert(Slot.VITALE, name))


def bill(client: TestClient, **more: Any) -> Any:
    return client.post(f"{ONE}/bill", json={"reader": "reader-1", "code": CODE} | more)


def ways(client: TestClient, reader: str = "reader-1", **headers: str) -> Any:
    return client.get(f"{ONE}/billing", params={"reader": reader}, headers=headers).json()


def choice(told: Any, name: str) -> Any:
    return next(each for each in told["choices"] if each["name"] == name)


def lines(client: TestClient, **asked: Any) -> list[Any]:
    found: list[Any] = client.get(ROOT, params=asked).json()["lines"]
    return found


def test_the_list_is_by_owner_and_patient(client: TestClient) -> None:
    told = client.get(ROOT, params={"limit": 3}).json()
    assert (told["count"], told["total"], told["start"]) == (10, 137_546, 0)
    assert [(each["patient"], each["number"]) for each in told["lines"]] == [
        ("DESMAUX NATHALIE", "190220006"),
        ("LANTIER ROSE", "190304017"),
        ("MARTIN PAUL", NUMBER),
    ]
    assert [(each["name"], each["count"]) for each in told["owners"]] == [
        ("PIQURE2969 MAYA", 5),
        ("TOUBIB PAUL", 3),
        ("MASSEUR3107 LUC", 2),
    ]
    assert told["lines"][2] == {
        "owner": NURSE,
        "owner_name": "PIQURE2969 MAYA",
        "number": NUMBER,
        "patient": "MARTIN PAUL",
        "recipient": "CPAM - DEMONSTRATION",
        "date": "2019-03-05",
        "total": 15_620,
        "mode": "secured",
        "to_load": True,
        "documents": [{"kind": "fse", "state": None}],
        "stands": "Prepared, to be billed or loaded",
    }
    assert lines(client, start=9)[0]["number"] == "190301201"
    assert {each["owner"] for each in lines(client, owner=NURSE)} == {NURSE}
    assert {each["patient"] for each in lines(client, patient="lantier")} == {"LANTIER ROSE"}


@pytest.mark.parametrize("asked", [{"limit": 501}, {"start": -1}, {"owner": "x"}, {"patient": "x" * 61}])
def test_what_cannot_be_asked_of_the_list(client: TestClient, asked: dict[str, Any]) -> None:
    assert client.get(ROOT, params=asked).status_code == 400


def test_the_summary_is_the_screen_of_the_first_document(client: TestClient) -> None:
    told = client.get(ONE, headers=FRENCH).json()
    for expected, added in ((SCREEN, False), (ADDED, True)):
        shown = {
            section["title"]: [(line["label"], line["value"]) for row in section["rows"] for line in row]
            for section in told["sections"]
            if section["added"] is added
        }
        assert shown == expected
        assert list(shown) == list(expected)
    assert (told["dre_columns"], told["dres"]) == (["N° DRE", "Date", "Etat", "Type"], [])
    assert [each["label"] for each in told["choices"]] == [
        "Facturer",
        "Facturer en dégradé",
        "Préparer la facture pour chargement dans TLA",
        "Imprimer la feuille de soins",
        "Utilisation des informations issues d'ADR pour facturation",
    ]
    assert choice(told, "on_paper") == {
        "name": "on_paper",
        "label": "Imprimer la feuille de soins",
        "chosen": True,
        "possible": False,
        "reason": "PIQURE2969 MAYA n'a pas de signature numérisée",
    }


def test_the_summary_is_said_in_english(client: TestClient) -> None:
    told = client.get(ONE).json()
    assert told["sections"][0]["rows"][1] == [
        {"label": "Prescribed by", "value": "TOUBIB PAUL on 01/01/2019"}
    ]
    amounts = next(each for each in told["sections"] if each["title"] == "Reimbursable amounts")
    assert amounts["rows"][0] == [{"label": "Total", "value": "€156.20"}]
    assert amounts["rows"][-1][0]["value"] == "€0.00 (payments received not deducted)"
    assert (told["stands"], told["mode"], told["care_sheet"]) == (
        "Prepared, to be billed or loaded",
        "secured",
        False,
    )


def test_choices_change_the_summary(client: TestClient) -> None:
    told = client.put(f"{ONE}/choices", json={"degraded": True, "rights": "adr", "to_load": True}).json()
    assert (told["mode"], told["stands"], told["care_sheet"]) == (
        "degraded",
        "Prepared without Vitale, for loading",
        True,
    )
    assert [each["name"] for each in told["choices"] if each["chosen"]] == [
        "degraded",
        "to_load",
        "on_paper",
        "rights_adr",
    ]
    told = client.put(f"{ONE}/choices", json={"to_load": False}).json()
    assert told["stands"] == "Prepared without Vitale, to be signed by PIQURE2969 MAYA"
    told = client.put(f"{ONE}/choices", json={"degraded": False}).json()
    assert (told["mode"], told["stands"]) == ("secured", "Prepared, to be billed or loaded")
    refused = client.put(f"{ONE}/choices", json={"rights": "adr"})
    assert (refused.status_code, refused.json()["code"]) == (409, "desk-refused")


def test_a_degraded_invoice_is_signed_by_its_owner_alone(client: TestClient, reader: RunningReader) -> None:
    client.put(f"{ONE}/choices", json={"degraded": True})
    insert_ps(reader, "ACCUEIL4242")
    refused = bill(client, partially=True)
    assert refused.status_code == 409
    assert refused.json()["action"] == "Insert the CPS of PIQURE2969 MAYA"
    insert_ps(reader, "PIQURE2969")
    assert bill(client).json() == {
        "billed": True,
        "number": NUMBER,
        "state": "complete",
        "kinds": ["fse"],
        "signers": ["PIQURE2969 MAYA"],
        "waits_for": "",
    }
    told = client.get(ONE).json()
    assert (told["stands"], told["mode"]) == ("Ready to be sent", "degraded")
    assert not choice(told, "bill")["possible"]
    again = bill(client)
    assert (again.status_code, again.json()["code"]) == (409, "already-certified")


def test_with_the_owners_card_an_invoice_is_complete(client: TestClient, reader: RunningReader) -> None:
    insert_ps(reader, "PIQURE2969")
    insert_vitale(reader)
    assert ways(client) == {
        "secured": {"way": "complete", "holder": "PIQURE2969 MAYA", "problem": None},
        "degraded": {"way": "degraded", "holder": "PIQURE2969 MAYA", "problem": None},
    }
    done = bill(client).json()
    assert (done["state"], done["waits_for"]) == ("complete", "")
    assert done["signers"] == ["Vitale", "PIQURE2969 MAYA"]


@pytest.mark.parametrize("card", ["ACCUEIL4242", "TOUBIB"])
def test_another_card_certifies_partially_once_that_was_answered(
    client: TestClient, reader: RunningReader, card: str
) -> None:
    insert_ps(reader, card)
    insert_vitale(reader)
    way = ways(client)["secured"]
    assert (way["way"], way["holder"].split()[0]) == ("partial", card)
    asked = bill(client)
    assert (asked.status_code, asked.json()["code"]) == (409, "partial-security-asked")
    no = bill(client, partially=False).json()
    assert (no["billed"], no["state"]) == (False, None)
    assert client.get(ONE).json()["stands"] == "Prepared, to be billed or loaded", (
        "nothing is done until it is answered"
    )
    yes = bill(client, partially=True).json()
    assert (yes["state"], yes["waits_for"]) == ("partial", "PIQURE2969 MAYA")
    assert client.get(ONE).json()["stands"] == "Partially secured, to be signed by PIQURE2969 MAYA"


@pytest.mark.parametrize(
    "marked", [None, {"degraded": True, "rights": "adr", "to_load": True}], ids=["new", "adr"]
)
def test_choices_are_made_only_with_what_is_billed(
    client: TestClient, reader: RunningReader, marked: dict[str, Any] | None
) -> None:
    if marked is not None:
        client.put(f"{ONE}/choices", json=marked)
    before = client.get(ONE).json()
    wanted = {"degraded": False} if marked else {"degraded": True, "rights": "adr", "to_load": False}
    insert_ps(reader, "ACCUEIL4242")
    insert_vitale(reader, "DESMAUX")
    answers = [bill(client, choices=wanted).status_code]
    insert_ps(reader, "PIQURE2969")
    answers += [bill(client, choices=wanted, code=WRONG_CODE).status_code]
    answers += [bill(client, choices={"degraded": False, "rights": "adr"}).status_code]
    assert client.get(ONE).json() == before
    if marked:
        answers += [bill(client, choices=wanted).status_code]
        assert client.get(ONE).json() == before, "refused by the reader: the Vitale is another patient's"
        insert_vitale(reader)
    assert set(answers) == {409}
    assert bill(client, choices=wanted).json()["state"] == "complete"
    told = client.get(ONE).json()
    assert (told["mode"], choice(told, "rights_adr")["chosen"]) == (
        ("secured", False) if marked else ("degraded", True)
    )
    again = bill(client, choices=wanted)
    assert (again.status_code, again.json()["code"]) == (409, "already-certified")


def test_the_question_costs_no_try_of_the_code(client: TestClient, reader: RunningReader) -> None:
    insert_ps(reader, "ACCUEIL4242")
    insert_vitale(reader)
    bill(client, code=WRONG_CODE)
    wrong = bill(client, code=WRONG_CODE, partially=True)
    assert "2 tries left" in wrong.json()["detail"]


def test_the_code_may_be_typed_at_the_reader(client: TestClient, reader: RunningReader) -> None:
    insert_ps(reader, "PIQURE2969")
    insert_vitale(reader)
    seq = reader.events.last
    order = {"reader": "reader-1", "code_at_reader": True}
    billing = at_once(lambda: client.post(f"{ONE}/bill", json=order))
    assert wait_for_code(reader.events, seq) == "PIQURE2969 MAYA"
    press(reader, CODE, "VAL")
    assert billing.result(PATIENCE).json()["state"] == "complete"


def test_an_invoice_is_billed_at_one_reader_at_a_time(
    client: TestClient, bench: Bench, reader: RunningReader
) -> None:
    bench.add("second", ReaderControl.in_memory(PRACTICE, seed=2, name="second"))
    for each in (reader, bench.running("second")):
        plug(each)
        insert_ps(each, "PIQURE2969")
    seq = reader.events.last
    order = {"reader": "reader-1", "code_at_reader": True, "choices": {"degraded": True, "rights": "adr"}}
    billing = at_once(lambda: client.post(f"{ONE}/bill", json=order))
    wait_for_code(reader.events, seq)
    others = (
        bill(client, reader="second", choices={"degraded": True, "rights": "practice"}),
        client.put(f"{ONE}/choices", json={"degraded": True, "rights": "practice"}),
        client.post("/v1/surgery/load", json={"reader": "second", "owners": [NURSE]}),
    )
    for each in others:
        assert (each.status_code, each.json()["detail"]) == (
            409,
            f"Invoice {NUMBER} is being billed or loaded just now",
        )
    press(reader, CODE, "VAL")
    assert billing.result(PATIENCE).json()["state"] == "complete"
    assert choice(client.get(ONE).json(), "rights_adr")["chosen"]


def test_why_it_cannot_be_billed_now(client: TestClient, reader: RunningReader) -> None:
    def why(mode: str = "secured") -> Any:
        return ways(client, **FRENCH)[mode]["problem"]["detail"]

    plug(reader, False)
    assert why() == "Aucun câble n'est branché au lecteur"
    plug(reader)
    assert why() == "Carte PS absente"
    insert_ps(reader, "PIQURE2969")
    assert why() == "Carte Vitale absente"
    insert_ps(reader, "ACCUEIL4242")
    assert ways(client)["secured"]["problem"]["code"] == "status-error"
    assert why("degraded") == (
        "Une facture dégradée est signée avec la CPS de son titulaire ; dans le lecteur se trouve la CPE de"
        " ACCUEIL4242 ANNE"
    )


def test_the_vitale_must_be_the_patients(client: TestClient, reader: RunningReader) -> None:
    insert_ps(reader, "PIQURE2969")
    insert_vitale(reader, "DESMAUX")
    refused = bill(client)
    assert refused.status_code == 409
    assert client.get(ONE).json()["stands"] == "Prepared, to be billed or loaded"


def test_a_reader_that_takes_no_invoice_at_the_desk_says_its_version(
    client: TestClient, bench: Bench
) -> None:
    bench.add("old", ReaderControl.in_memory(PRACTICE, seed=2, name="old", profile="1.31"))
    plug(bench.running("old"))
    for told in ways(client, "old").values():
        assert told["problem"]["detail"] == "This reader (version 1.31) does not certify at the desk"


def test_the_care_sheet_is_that_of_a_degraded_invoice(client: TestClient) -> None:
    assert client.get(f"{ONE}/sheet.pdf").status_code == 404, "the ledger does not have it"
    client.put(f"{ONE}/choices", json={"degraded": True})
    sheet = client.get(f"{ONE}/sheet.pdf")
    assert sheet.content.startswith(b"%PDF")
    assert sheet.headers["content-disposition"] == f'inline; filename="feuille-de-soins-{NUMBER}.pdf"'
    client.put(f"{ONE}/choices", json={"degraded": False})
    assert client.get(f"{ONE}/sheet.pdf").json()["detail"] == f"Invoice {NUMBER} is secured"


def test_an_invoice_that_nobody_has_is_not_found(client: TestClient) -> None:
    for answer in (
        client.get(f"{ROOT}/{NURSE}/999999999"),
        client.put(f"{ROOT}/{NURSE}/999999999/choices", json={"degraded": True}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-invoice")
    assert client.get(f"{ROOT}/{NURSE}/..%2F1").status_code in (400, 404)
    assert client.get(f"{ROOT}/x/{NUMBER}").status_code == 400


def test_another_invoice_under_the_same_number_is_told_apart(client: TestClient, bench: Bench) -> None:
    client.put(f"{ONE}/choices", json={"degraded": True})
    first, *others = bench.surgery.prepared
    last_year = replace(first.identification, made_on=first.made_on.replace(year=2018))
    vars(bench.surgery.now)["prepared"] = (replace(first, identification=last_year), *others)
    refused = client.get(ONE)
    assert (refused.status_code, refused.json()["code"]) == (409, "content-differs")
    assert len(lines(client)) == 10


def test_no_answer_holds_a_code(client: TestClient, reader: RunningReader) -> None:
    insert_ps(reader, "PIQURE2969")
    answers = [bill(client, code="98765432"), bill(client, code=["98765432"]), bill(client, more=1)]
    assert [each.status_code for each in answers] == [409, 400, 400]
    assert all("98765432" not in each.text and CODE not in each.text for each in answers)
