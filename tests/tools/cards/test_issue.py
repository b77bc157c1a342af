"""The cards of a practice: who gets one, how its file is called, and what may be shown of it."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.named_places import ROOT
from tests.samples import make_practice_tree
from tla_sim.host.practice.file import parse_practice
from tla_sim.host.practice.model import Practice
from tla_sim.host.progress import Progress
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.groups.complementary import Amc, Mutuelle, MutuellePeriod
from tla_sim.protocol.groups.declaration import Group
from tla_sim.reader_fw.app.card_access import PsCard, VitaleCard
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.issue import TEST_CODE
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cards.file import load_image, open_card
from tla_sim.tools.cards.issue import CardsExist, card_orders, issue_cards, issue_orders
from tla_sim.tools.cards.view import view_card

Bend = Callable[[dict[str, Any]], None]


def practice(bend: Bend | None = None) -> Practice:
    tree = make_practice_tree()
    if bend is not None:
        bend(tree)
    return parse_practice(json.dumps(tree).encode())


def issued(out: Path, of: Practice | None = None) -> dict[str, Path]:
    files = issue_cards(of or practice(), out, ShippedKeys(reuse=True))
    return {file.name: file for file in files}


def test_everyone_of_the_practice_gets_a_card(tmp_path: Path) -> None:
    files = issued(tmp_path / "my cards")

    assert list(files) == [
        "cps-piqure2969-maya.card",
        "cps-toubib-paul.card",
        "cpe-accueil-anne.card",
        "vitale-martin-paul.card",
    ]
    profiles = [load_image(file).contents.profile for file in files.values()]
    assert profiles == [CardProfile.CPS, CardProfile.CPS, CardProfile.CPE, CardProfile.VITALE]


def test_cards_and_certificates_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    issued(tmp_path)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"ca-root.pem", "ca-ps.pem", "ca-vitale.pem", "ca-all.pem"} <= set(modes)


def test_a_cps_takes_the_test_code_and_is_trusted(tmp_path: Path) -> None:
    file = issued(tmp_path)["cps-piqure2969-maya.card"]
    card = open_card(file, SeededEntropy(1))
    card.power_on()
    reading = PsCard(card.transmit)

    assert reading.verify_code(TEST_CODE.encode())
    identity = TrustAnchors.shipped().verify(reading.certificate)
    assert identity.name == "PIQURE2969 MAYA"
    assert identity.national_id == "10100000001"
    assert identity.billing_numbers == ("75600001",)


def test_a_cpe_may_take_part_in_a_certification_and_owns_nothing(tmp_path: Path) -> None:
    card = open_card(issued(tmp_path)["cpe-accueil-anne.card"], SeededEntropy(1))
    card.power_on()
    reading = PsCard(card.transmit)

    assert [situation.may_sign_invoice for situation in reading.situations] == [True]
    assert [situation.may_sign_lot for situation in reading.situations] == [False]
    assert TrustAnchors.shipped().verify(reading.certificate).billing_numbers == ()


def with_a_trainee(tree: dict[str, Any]) -> None:
    tree["staff"].append({"national_id": "4", "last_name": "STAGE", "first_name": "NOÉ", "card": "cpf"})


def test_a_person_in_training_gets_a_cpf_which_says_so(tmp_path: Path) -> None:
    files = issued(tmp_path, practice(with_a_trainee))
    assert list(files)[2:4] == ["cpe-accueil-anne.card", "cpf-stage-noe.card"]
    cpe, cpf = (view_card(load_image(files[name])).facts for name in list(files)[2:4])
    assert (cpe["card type"], cpf["card type"]) == ("CPE", "CPF")
    assert cpf["holder"] == "STAGE NOÉ"
    assert [order.card for order in card_orders(practice(with_a_trainee))] == [
        *("CPS", "CPS", "CPE", "CPF", "VITALE")
    ]


def test_the_staff_of_the_page_get_the_files_that_it_names() -> None:
    page = (ROOT / "docs" / "how-to" / "practice-file.md").read_text("utf-8").partition("## Acts")[0]
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    orders = card_orders(practice(lambda tree: tree.update(staff=json.loads(example))))
    assert [order.file for order in orders[2:4]] == re.findall(r"`(\S+\.card)`", page)


def test_a_cpf_may_take_part_in_a_certification_and_owns_nothing(tmp_path: Path) -> None:
    card = open_card(issued(tmp_path, practice(with_a_trainee))["cpf-stage-noe.card"], SeededEntropy(1))
    card.power_on()
    reading = PsCard(card.transmit)

    assert [situation.may_sign_invoice for situation in reading.situations] == [True]
    assert [situation.may_sign_lot for situation in reading.situations] == [False]
    assert TrustAnchors.shipped().verify(reading.certificate).billing_numbers == ()


def test_a_vitale_carries_the_beneficiaries_and_their_rights(tmp_path: Path) -> None:
    card = open_card(issued(tmp_path)["vitale-martin-paul.card"], SeededEntropy(1))
    card.power_on()
    reading = VitaleCard(card.transmit)

    assert (reading.insured.nir, reading.insured.card_end) == ("1550899999001", date(2035, 12, 31))
    numbers = [group.DECLARATION.number for group in reading.beneficiaries]
    assert numbers == [104, 105, 104]


@pytest.mark.parametrize(
    ("mutuelle", "on_card"),
    [
        ({"identifier": "77777777"}, (Mutuelle(identifier="77777777"),)),
        (
            {"identifier": "77777777", "guarantees": "A", "routing_code": "M", "start": "2019-01-01"},
            (
                Mutuelle(identifier="77777777", guarantees="A", sts_switch="M"),
                MutuellePeriod(start=date(2019, 1, 1)),
            ),
        ),
        (
            {"identifier": "99999997", "contract": "DEMO22", "guarantees": "A", "end": "2035-12-31"},
            (Amc(identifier="99999997", member="DEMO22", end=date(2035, 12, 31), services="A"),),
        ),
    ],
)
def test_a_vitale_carries_a_mutuelle_or_an_amc_and_never_both(
    tmp_path: Path, mutuelle: dict[str, str], on_card: tuple[Group, ...]
) -> None:
    def bend(tree: dict[str, Any]) -> None:
        tree["patients"][0]["beneficiaries"][1]["mutuelle"] = mutuelle

    card = open_card(issued(tmp_path, practice(bend))["vitale-martin-paul.card"], SeededEntropy(1))
    card.power_on()
    assert VitaleCard(card.transmit).beneficiaries[3:] == on_card


@pytest.mark.parametrize(
    ("written", "on_card"),
    [("9000000001", "00000000009000000001"), ("1" * 20, "1" * 20), ("V0000001", None)],
)
def test_the_serial_number_of_the_practice_file_is_kept_where_it_has_digits(
    tmp_path: Path, written: str, on_card: str | None
) -> None:
    def bend(tree: dict[str, Any]) -> None:
        tree["patients"][0]["card_serial"] = written

    serials = set()
    for run in ("first", "second"):
        card = open_card(issued(tmp_path / run, practice(bend))["vitale-martin-paul.card"], SeededEntropy(1))
        card.power_on()
        serials.add(VitaleCard(card.transmit).serial)
    assert len(serials) == 1, "the serial number is the same at every issue"
    serial = serials.pop()
    assert len(serial) == 20
    assert serial.isdigit()
    assert on_card in (None, serial)


def test_no_two_issues_of_a_practice_share_what_middleware_keeps_of_a_serial_number(tmp_path: Path) -> None:
    def bend(tree: dict[str, Any]) -> None:
        tree["staff"] = [
            {"national_id": str(number), "last_name": "ACCUEIL", "first_name": f"N {number}"}
            for number in range(20)
        ]

    many = practice(bend)
    kept = []
    for run in range(3):
        files = issue_cards(many, tmp_path / str(run), ShippedKeys(run, reuse=True))
        kept += [load_image(file).contents.serial[:18] for file in files]
    assert len(kept) > 3 * 19
    assert len(set(kept)) == len(kept)


def test_an_expiry_date_of_the_practice_file_is_the_certificates(tmp_path: Path) -> None:
    def bend(tree: dict[str, Any]) -> None:
        tree["practitioners"][0]["card_end"] = "2014-06-30"

    file = issued(tmp_path, practice(bend))["cps-piqure2969-maya.card"]
    assert str(view_card(load_image(file)).facts["valid"]).endswith("2014-06-30")


def test_people_of_the_same_name_are_numbered() -> None:
    def bend(tree: dict[str, Any]) -> None:
        tree["practitioners"][1] |= {"last_name": "PIQURE2969", "first_name": "Mäya"}
        tree["staff"].append({"national_id": "1", "last_name": "../../etc", "first_name": "passwd"})
        tree["staff"].append({"national_id": "2", "last_name": "&", "first_name": "…"})

    names = [order.file for order in card_orders(practice(bend))]
    assert names[:2] == ["cps-piqure2969-maya.card", "cps-piqure2969-maya-2.card"]
    assert names[3:5] == ["cpe-etc-passwd.card", "cpe-nn.card"]


def test_a_name_that_looks_numbered_does_not_collide() -> None:
    def bend(tree: dict[str, Any]) -> None:
        person = {"last_name": "PIQURE2969", "first_name": "MAYA"}
        tree["staff"] = [
            {"national_id": "1", **person},
            {"national_id": "2", **person, "first_name": "MAYA 2"},
            {"national_id": "3", **person},
        ]

    names = [order.file for order in card_orders(practice(bend))]
    assert len(set(names)) == len(names)


def test_cards_that_exist_are_not_replaced_unasked(tmp_path: Path) -> None:
    files = issued(tmp_path)
    before = {file: file.read_bytes() for file in files.values()}
    files["cps-toubib-paul.card"].unlink()
    orders = card_orders(practice())

    with pytest.raises(CardsExist, match="3 of the cards are already in"):
        issue_orders(orders, tmp_path, ShippedKeys(3, reuse=True))
    assert not (tmp_path / "cps-toubib-paul.card").exists(), "nothing was written"

    issue_orders(orders, tmp_path, ShippedKeys(3, reuse=True), replace=True)
    assert all(file.read_bytes() != before[file] for file in files.values())


def test_with_the_shipped_keys_two_issues_are_the_same_to_the_byte(tmp_path: Path) -> None:
    first, second = issued(tmp_path / "1"), issued(tmp_path / "2")
    assert [file.read_bytes() for file in first.values()] == [file.read_bytes() for file in second.values()]


def test_progress_counts_cards_and_bytes(tmp_path: Path) -> None:
    steps: list[Progress] = []
    issue_cards(practice(), tmp_path, ShippedKeys(), on_progress=steps.append)
    assert [step.done for step in steps] == [0, 1, 2, 3, 4]
    size = sum(file.stat().st_size for file in tmp_path.glob("*.card"))
    assert steps[-1].bytes_done == size


def test_openssl_accepts_a_cards_certificate_under_the_issued_authorities(tmp_path: Path) -> None:
    card = open_card(issued(tmp_path)["vitale-martin-paul.card"], SeededEntropy(1))
    card.power_on()
    leaf = tmp_path / "leaf.der"
    leaf.write_bytes(VitaleCard(card.transmit).certificate)
    root, authority = tmp_path / "ca-root.pem", tmp_path / "ca-vitale.pem"
    command: list[str | Path] = ["openssl", "verify", "-CAfile", root, "-untrusted", authority, leaf]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_shown_of_a_card_has_no_key(tmp_path: Path) -> None:
    file = issued(tmp_path)["cps-piqure2969-maya.card"]
    image = load_image(file)
    view = view_card(image)

    assert view.facts["holder"] == "PIQURE2969 MAYA"
    assert view.facts["tries left"] == 3
    assert view.parts[0]["billing number"] == "75600001"
    shown = repr(view) + repr(image) + repr(image.contents)
    for key in image.contents.keys:
        assert key.pkcs8.hex() not in shown
        assert repr(key.pkcs8)[2:-1] not in shown


def test_rights_of_a_patient_are_shown(tmp_path: Path) -> None:
    view = view_card(load_image(issued(tmp_path)["vitale-martin-paul.card"]))
    assert [(part["name"], part["rights"]) for part in view.parts] == [
        ("MARTIN PAUL", ["2019-01-01 – 2035-12-31"]),
        ("MARTIN ZOÉ", []),
    ]
