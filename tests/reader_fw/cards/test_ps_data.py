"""What PS cards hold for the field's middleware and open clients: data objects, labels, identifiers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from tests.reader_fw.cards.sample_cards import (
    NURSE,
    NURSE_SITUATIONS,
    VERIFY,
    fetch,
    image,
    insert,
    send,
)
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.groups.ps_card import PracticeMode, PsHolder, PsSituation
from tla_sim.protocol.tlv import Tlv, parse, parse_all
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import Access
from tla_sim.reader_fw.cards.issue import issue_cpf
from tla_sim.reader_fw.cards.models import MODELS, PS_MODELS
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.reader_fw.cards.ps_data import FREE_BYTES, MOST_ACTIVITIES, DataEntry, ps_data

AID = "E828BD080F8025000001FF0010"
KEYS = {CardModel.CPS3: ("02", "01", "03"), CardModel.CPS4: ("20", "10", "30")}
SERIAL = bytes.fromhex("80250000012900995235")
DAYS = date(2019, 1, 2), date(2024, 12, 31)

PUBLIC = ["CPS_DATA", "CPS_ID_CARD", "CPS_NAME_PS", "CPS_LANG_PS", "CPS_INFO_PS"]
MODEL = pytest.mark.parametrize("model", MODELS[CardProfile.CPS])

TEXTS = st.text(max_size=60)
ODD_HOLDERS = st.builds(
    PsHolder,
    card_type=st.just("0"),
    national_id=st.text(max_size=30),
    civility=st.text(max_size=10),
    last_name=TEXTS,
    first_name=TEXTS,
)
ODD_SITUATIONS = st.builds(
    PsSituation,
    logical_number=st.integers(0, 255),
    practice_mode=st.text(max_size=2),
    status=st.text(max_size=2),
    sector=st.text(max_size=3),
    structure_id_type=st.text(max_size=2),
    structure_id=st.text(max_size=20),
    structure_name=TEXTS,
    billing_number=st.text("0123456789", max_size=9),
    speciality=st.text(max_size=3),
    may_sign_invoice=st.booleans(),
    may_sign_lot=st.booleans(),
)


def read(card: Card, fid: str) -> bytes:
    """The content of a file of the application, by its whole path."""
    size = parse(fetch(card, f"00A40904063F000001{fid}")).find(0x80)
    assert size is not None
    left, content = int.from_bytes(size.value, "big"), b""
    while len(content) < left:
        count = min(0xE7, left - len(content))
        content += fetch(card, f"00B0{len(content):04X}{count:02X}")
    return content


def entries(card: Card, fid: str) -> dict[str, Tlv]:
    """A PKCS#15 directory by label."""
    return {entry.children[0].children[0].value.decode(): entry for entry in parse_all(read(card, fid))}


@cache
def entry(label: str, situations: tuple[PsSituation, ...] = NURSE_SITUATIONS, **holder: str) -> DataEntry:
    """A data object of a card of the nurse."""
    found = ps_data(CardKind.TEST, SERIAL, DAYS, replace(NURSE, **holder), situations)
    return next(each for each in found if each.label == label)


class TestDirectories:
    @MODEL
    def test_keys_and_certificates_have_the_labels_and_identifiers_of_the_field(
        self, model: CardModel
    ) -> None:
        card = insert(model=model)
        authentication, signature, technical = KEYS[model]
        keys = {label: each.children[1].children[0].value for label, each in entries(card, "7002").items()}
        assert keys == {
            "CPS_PRIV_AUT": bytes.fromhex(AID + authentication),
            "CPS_PRIV_SIG": bytes.fromhex(AID + signature),
        }
        certificates = entries(card, "7005")
        assert {label: each.children[1].children[0].value for label, each in certificates.items()} == {
            "Certificat d'Authentification CPS": bytes.fromhex(AID + authentication),
            "Certificat de Signature CPS": bytes.fromhex(AID + signature),
            "Certificat Technique CPS": bytes.fromhex(AID + technical),
        }
        for each in certificates.values():
            path = each.children[-1].children[0].children[0].children[0].value
            x509.load_der_x509_certificate(read(card, path.hex()))

    @MODEL
    def test_the_cards_label_tells_the_generation(self, model: CardModel) -> None:
        card = insert(model=model)
        label = parse(read(card, "5032")).find(0x80)
        assert label is not None
        assert label.value.decode() == {"CPS3": "CPS3v3-", "CPS4": "CPS4v1-"}[model.name] + card.serial[10:]

    def test_the_technical_certificate_names_nobody(self) -> None:
        card = insert()
        subject = x509.load_der_x509_certificate(read(card, "A003")).subject.rfc4514_string()
        assert card.serial in subject
        assert NURSE.last_name not in subject
        assert NURSE.national_id not in subject

    @MODEL
    def test_every_data_object_leads_to_a_file_with_its_rules(self, model: CardModel) -> None:
        card = insert(model=model)
        directory = entries(card, "7006")
        marked = ["CPS_DATA"] if PS_MODELS[model].marks_free_data else []
        assert list(directory) == [*PUBLIC, "CPS_ACTIVITY_01_PS", "CPS_ACTIVITY_02_PS", "CPS_SIT_FACT"]
        for label, each in directory.items():
            common = each.children[0]
            flags = common.find(0x03)
            fid = each.children[-1].children[0].children[0].value.hex()
            send(card, "0020FF01")
            fetch(card, f"00A40904063F000001{fid}")
            word = send(card, "00B0000000")[1]
            if label in PUBLIC:
                assert word != 0x6982
                assert common.find(0x04) is None
                assert flags == (Tlv(0x03, b"\x06\x40") if label in marked else None)
            else:
                assert word == 0x6982
                assert common.find(0x04) == Tlv(0x04, b"\x01"), "the code that gives access"
                assert flags == Tlv(0x03, b"\x07\x80")
            send(card, VERIFY)
            assert read(card, fid)

    def test_the_files_have_the_published_identifiers(self) -> None:
        fids = {
            label: each.children[-1].children[0].children[0].value.hex().upper()
            for label, each in entries(insert(), "7006").items()
        }
        assert fids["CPS_DATA"] == "D107"
        assert fids["CPS_ACTIVITY_01_PS"] == "D120"
        assert fids["CPS_ACTIVITY_02_PS"] == "D121"

    def test_the_file_of_updates_is_absent(self) -> None:
        assert send(insert(), "00A40904043F00D010") == (b"", 0x6A82)


class TestContents:
    def test_the_card_is_identified(self) -> None:
        content = parse(entry("CPS_ID_CARD").content)
        assert content.children == (
            Tlv(0x80, b"0"),
            Tlv(0x81, SERIAL),
            Tlv(0x82, bytes.fromhex("20190102")),
            Tlv(0x83, bytes.fromhex("20241231")),
            Tlv(0x84, b"T"),
        )

    @pytest.mark.parametrize(("profile", "type_code"), [(CardProfile.CPS, b"0"), (CardProfile.CPE, b"2")])
    def test_a_cards_type_is_that_of_its_profile(self, profile: CardProfile, type_code: bytes) -> None:
        assert parse(read(insert(profile), "D101")).find(0x80) == Tlv(0x80, type_code)

    def test_a_cpf_is_one_by_its_type(self) -> None:
        card = Card(issue_cpf(NURSE, NURSE_SITUATIONS, ShippedKeys()), SeededEntropy(1))
        card.power_on()
        assert parse(read(card, "D101")).find(0x80) == Tlv(0x80, b"1")
        assert b"CPF TLA-SIM TEST" in fetch(card, "00A40904043F002F00") + fetch(card, "00B0000029")

    def test_the_holder_is_named(self) -> None:
        content = parse(entry("CPS_NAME_PS", civility="MME").content)
        assert [each.value for each in content.children] == [b"MME", b"PIQURE2969", b"MAYA"]
        assert parse(entry("CPS_LANG_PS").content).children == (Tlv(0x80, b"fr"),)

    def test_the_information_ends_with_the_speciality(self) -> None:
        content = entry("CPS_INFO_PS").content
        assert content.endswith(b"0024")
        assert b"899700012345" in content
        assert entry("CPS_INFO_PS", ()).content.endswith(b"0000")

    def test_an_activity_tells_structure_and_sector(self) -> None:
        situation = PsSituation(
            logical_number=3,
            billing_number="1",
            practice_mode=PracticeMode.SALARIED,
            sector="01",
            structure_id="10B0307377",
            structure_name="HÔPITAL",
        )
        content = entry("CPS_ACTIVITY_01_PS", (situation,)).content
        assert content[0] == 0xEE
        assert content.endswith(b"SA01")
        known = {each.tag: each.value.decode() for each in parse(content).children}
        assert known == {0x80: "\x03", 0x81: "1", 0x84: "HÔPITAL", 0x85: "10B0307377", 0x86: "SA01"}

    def test_an_activity_without_a_structure_is_in_the_holders_practice(self) -> None:
        known = {each.tag: each.value for each in parse(entry("CPS_ACTIVITY_02_PS").content).children}
        assert known[0x84] == b"CABINET PIQURE2969"
        assert known[0x85] == b"499700012345002"
        assert known[0x86] == b"SA07"

    def test_salaried_activity_without_a_sector_is_in_a_hospital(self) -> None:
        salaried = replace(NURSE_SITUATIONS[0], practice_mode="1")
        assert entry("CPS_ACTIVITY_01_PS", (salaried,)).content.endswith(b"SA01")

    def test_billing_situations_have_numbers_and_rights(self) -> None:
        first, second = parse_all(entry("CPS_SIT_FACT").content)
        assert {each.tag: each.value for each in first.children} == {
            0x80: b"\x01",
            0x81: b"99123456",
            0x82: b"7",
            0x83: b"1",
            0x84: b"24",
            0x8C: b"\x03",
        }
        assert second.find(0x8C) == Tlv(0x8C, b"\0")

    def test_the_free_data_are_writable_and_empty(self) -> None:
        free = entry("CPS_DATA")
        assert (free.content, free.read, free.write) == (bytes(FREE_BYTES), Access.ALWAYS, Access.ALWAYS)
        parameters = parse(fetch(insert(), "00A40904063F000001D107"))
        assert parameters.build().endswith(bytes.fromhex("7BFFFFFFFF0000"))

    @MODEL
    def test_only_the_free_data_may_be_written(self, model: CardModel) -> None:
        files = image(CardProfile.CPS, model=model).contents.files
        assert [file.fid for file in files if file.write != Access.NEVER] == [0xD107]

    @given(ODD_HOLDERS, st.lists(ODD_SITUATIONS, max_size=MOST_ACTIVITIES + 4))
    def test_an_odd_holder_has_well_formed_objects(
        self, holder: PsHolder, situations: list[PsSituation]
    ) -> None:
        found = {each.label: each for each in ps_data(CardKind.REAL, SERIAL, DAYS, holder, situations)}
        activities = [each for label, each in found.items() if label.startswith("CPS_ACTIVITY")]
        assert len(activities) == min(len(situations), MOST_ACTIVITIES)
        assert len(parse_all(found["CPS_SIT_FACT"].content)) == len(situations)
        for each in activities:
            assert len(each.content) < 130, "clients take the length to be one byte"
            *_, sector = parse(each.content).children
            assert sector.tag == 0x86
        for label in ("CPS_NAME_PS", "CPS_INFO_PS", "CPS_LANG_PS", "CPS_ID_CARD"):
            parse(found[label].content)
