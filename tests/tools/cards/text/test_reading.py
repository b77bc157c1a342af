"""An edited text: what was edited is on the card, and what cannot be is refused with its place and line."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.groups.declaration import decode_typed
from tla_sim.protocol.groups.ps_card import PsSituation
from tla_sim.reader_fw.app.card_access import PsCard, VitaleCard
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import Access, CardImage
from tla_sim.reader_fw.cards.pki import load_private_key
from tla_sim.tools.cards.text.export import card_text
from tla_sim.tools.cards.text.layout import laid_out
from tla_sim.tools.cards.text.reading import CardTextError, read_card_text
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import MAYA

Edit = Callable[[Any], object]

CPS = card_text(ps_image(MAYA))
VITALE = card_text(vitale_image())


def edited(edit: Edit, told: dict[str, Any] = CPS) -> CardImage:
    """The card of a text that was edited."""
    tree = deepcopy(told)
    edit(tree)
    return read_card_text(laid_out(tree).encode("utf-8", "backslashreplace"), "card.json")


def problems(edit: Edit, told: dict[str, Any] = CPS) -> list[str]:
    """What the refusal of an edited text lists."""
    with pytest.raises(CardTextError) as refused:
        edited(edit, told)
    return [str(each) for each in refused.value.problems]


def file(tree: Any, path: str) -> Any:
    """The file at a path."""
    return next(each for each in tree["files"] if each["path"] == path)


def inserted(image: CardImage) -> Card:
    card = Card(image, SeededEntropy(1))
    card.power_on()
    return card


def test_an_edited_field_is_what_the_reader_reads() -> None:
    def rename(tree: Any) -> None:
        file(tree, "3F00/0001/D001")["content"]["groups"][0]["last_name"] = "DUPÂQUIER"

    assert PsCard(inserted(edited(rename)).transmit).holder.last_name == "DUPÂQUIER"


def test_a_group_is_added_and_one_taken_away() -> None:
    def add(tree: Any) -> None:
        groups = file(tree, "3F00/0001/D002")["content"]["groups"]
        groups.append({"group": 2, "logical_number": 2, "billing_number": "75600099"})
        del groups[0]

    (situation,) = PsCard(inserted(edited(add)).transmit).situations
    assert situation == PsSituation(logical_number=2, billing_number="75600099")


def test_a_certificate_that_the_text_describes_is_issued_anew() -> None:
    def shorten(tree: Any) -> None:
        certificate = file(tree, "3F00/0001/A002")["content"]["certificate"]
        certificate |= {"valid_until": "2016-12-31", "billing_numbers": []}

    identity = TrustAnchors.shipped().verify(PsCard(inserted(edited(shorten)).transmit).certificate)
    assert identity.billing_numbers == ()
    assert date.fromtimestamp(identity.valid_until_ms / 1000) == date(2016, 12, 31)


def test_a_certificate_given_as_bytes_is_taken_as_it_is() -> None:
    der = next(f.content for f in ps_image(MAYA).contents.files if f.fid == 0xA002)
    pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()

    def paste(tree: Any) -> None:
        file(tree, "3F00/0001/A001")["content"] = {"pem": pem}

    image = edited(paste)
    assert {f.content for f in image.contents.files if f.fid in (0xA001, 0xA002)} == {der}


def test_a_new_key_is_certified() -> None:
    def renew(tree: Any) -> None:
        for key in tree["keys"]:
            key["key"] = "NEW"

    image = edited(renew)
    (key,) = (load_private_key(each.pkcs8) for each in image.contents.keys if each.reference == 0x81)
    certificate = x509.load_der_x509_certificate(PsCard(inserted(image).transmit).certificate)
    assert certificate.public_key() == key.public_key()
    assert image.contents.keys != ps_image(MAYA).contents.keys


def test_access_tries_and_answer_to_reset_are_edited() -> None:
    def change(tree: Any) -> None:
        file(tree, "3F00/0001/D002").update(read="CODE")
        tree["code"]["tries_left"] = 1
        tree["atr"] = "3B 00"

    image = edited(change)
    assert next(f.read for f in image.contents.files if f.fid == 0xD002) is Access.CODE
    assert image.code is not None
    assert (image.code.tries_left, image.contents.atr) == (1, b"\x3b\x00")


def test_odd_values_that_a_card_can_hold_are_taken() -> None:
    def distort(tree: Any) -> None:
        (insured,) = file(tree, "3F00/5600/0101")["content"]["groups"]
        insured |= {"nir_key": "00", "card_end": ""}
        groups = file(tree, "3F00/5600/0104")["content"]["groups"]
        groups[1] |= {"start": "2031-01-01", "end": "2030-12-31"}
        groups[0]["birth_date"] = "1955-99-00"

    card = VitaleCard(inserted(edited(distort, VITALE)).transmit)
    assert (card.insured.nir_key, card.insured.card_end) == ("00", None)
    assert card.beneficiaries[0].birth_date == "19559900"  # type: ignore[attr-defined]


def test_a_group_may_be_given_by_its_texts() -> None:
    def damage(tree: Any) -> None:
        file(tree, "3F00/5600/0104")["content"]["groups"][1] = {"group": 105, "fields": ["2019", ""]}

    content = next(f.content for f in edited(damage, VITALE).contents.files if f.fid == 0x0104)
    assert b"105\x1f2019\x1f\x1f\x1d" in content


def test_what_is_empty_may_be_left_out() -> None:
    def prune(tree: Any) -> None:
        for each in tree["files"]:
            for group in each.get("content", {}).get("groups", ()):
                for name in [name for name, value in group.items() if value in ("", None)]:
                    del group[name]

    assert edited(prune) == ps_image(MAYA)
    assert edited(prune, VITALE) == vitale_image()


def at(path: str, /, **changes: Any) -> Edit:
    """An edit of a file's members."""
    return lambda tree: file(tree, path).update(changes)


def holder(**changes: Any) -> Edit:
    """An edit of the holder's group."""
    return lambda tree: file(tree, "3F00/0001/D001")["content"]["groups"][0].update(changes)


def certificate(**changes: Any) -> Edit:
    """An edit of the signature certificate."""
    return lambda tree: file(tree, "3F00/0001/A002")["content"]["certificate"].update(changes)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda tree: tree.update(form=2), "form (line 2): found 2, expected a whole number from 1 to 1"),
        (lambda tree: tree.update(profile="CPA"), "profile (line 3): found 'CPA', expected one of CPS, CPE,"),
        (
            lambda tree: tree.update(model="VITALE_2"),
            "found 'VITALE_2', expected one of CPS3",
        ),
        (lambda tree: tree.update(serial="12"), "serial (line 6): found '12', expected 20 digits"),
        (lambda tree: tree.update(atr="3B10"), "expected an answer to reset: 3B or 3F"),
        (lambda tree: tree.update(atr="3BF0000000"), "expected an answer to reset: 3B or 3F"),
        (lambda tree: tree.update(atr="xy"), "expected 2 to 33 bytes in hexadecimal"),
        (lambda tree: tree.update(atr=7), "atr (line 8): found 7, expected text"),
        (lambda tree: tree.pop("keys"), "keys (line 1): found nothing, expected this key"),
        (lambda tree: tree.update(keyz=1), "): found an unknown key, expected only the keys form, profile,"),
        (lambda tree: tree.update(files=[]), "expected the MF, and the files in it"),
        (lambda tree: tree["code"].update(tries_left=16), "expected a whole number from 0 to 15"),
        (lambda tree: tree["code"].update(tries_left=True), "found true, expected a whole number"),
        (lambda tree: tree["code"].update(code="1234"), "expected TEST, or BASE for the code of the card"),
        (
            lambda tree: tree["code"].update(code="BASE"),
            "expected a card with a code given as --base, or TEST",
        ),
        (
            lambda tree: tree["keys"][0].update(key={"sha256": "00" * 32}),
            "a key of the card given as --base",
        ),
        (lambda tree: tree["keys"][0].update(key={"shipped": 10**6}), "keys[0].key.shipped"),
        (
            lambda tree: tree["keys"][0].update(key={}),
            "expected NEW, a shipped key's number",
        ),
        (lambda tree: tree["keys"][0].update(operations=["FLY"]), "keys[0].operations[0]"),
        (at("3F00/D003", read="MAYBE"), "files[3].read (line"),
        (at("3F00/D003", sfi=31), "found 31, expected a whole number from 0 to 30"),
        (at("3F00/D003", path="3F01/D003"), "expected a file in a directory that stands before it"),
        (at("3F00/D003", path="3F00/D3"), "expected identifiers of four hexadecimal digits"),
        (at("3F00/D003", content={"hex": "0"}), "expected 0 to 65535 bytes in hexadecimal"),
        (at("3F00/D003", content={"hex": "", "text": ""}), "files[3].content (line"),
        (at("3F00/D003", content={"latin-1": "€"}), "found '€', expected letters of Latin-1"),
        (at("3F00/D003", content={"text": "\ud800"}), "expected whole characters"),
        (at("3F00/D003", content={"hex": "0102", "size": 1, "filler": "00"}), "expected 2 bytes or more"),
        (at("3F00/D003", content={"hex": "0102", "size": 9}), "content.filler (line"),
        (at("3F00/D003", content={"text": "x" * 70_000}), "expected at most 65535 bytes"),
        (at("3F00/D003", content={"objects": [{"tag": "61", "hex": ""}]}), "expected a tag of a value"),
        (at("3F00/D003", content={"objects": [{"tag": "5A", "objects": []}]}), "expected a tag of objects"),
        (at("3F00/D003", content={"objects": [{"tag": "5A"}]}), "expected objects, or a value in hex"),
        (at("3F00/D003", content={"groups": [{"group": 9}]}), "found 9, expected a group of the dictionary"),
        (at("3F00/D003", content={"groups": [[]]}), "expected an object with the number of its group"),
        (at("3F00/D003", content={"groups": [{"group": 9, "fields": ["\x1d"]}]}), "fields[0]"),
        (at("3F00/D003", content={"pem": "-----BEGIN"}), "expected lines from -----BEGIN CERTIFICATE-----"),
        (at("3F00/0001", written={"hex": ""}), "expected nothing, since a directory has no content"),
        (holder(last_name="X" * 61), "groups[0].last_name (line"),
        (holder(last_name="A\x1fB"), "expected text without the control characters 1D and 1F"),
        (holder(shoe_size=44), "groups[0].shoe_size (line"),
        (certificate(valid_until="2014-01-01"), "expected a day that is not before valid_from"),
        (certificate(valid_until="2045-02-30"), "found '2045-02-30', expected a day such as 2019-03-05"),
        (certificate(valid_from="1915-01-01"), "expected a day from 1950 on, which a certificate can hold"),
        (certificate(key="99"), "expected the reference of a key of the card (81, 82)"),
        (certificate(billing_numbers=["é"]), "expected what a certificate can hold"),
        (certificate(authority="ELSEWHERE"), "expected one of TEST_PS, TEST_VITALE, REAL_PS, REAL_VITALE"),
    ],
)
def test_what_no_card_can_hold_is_refused_where_it_stands(edit: Edit, said: str) -> None:
    (found,) = problems(edit)
    assert said in found


def test_what_does_not_show_is_written_as_an_escape() -> None:
    name = "A\u202eB\u009b31mC\u00a0D\U000e0001E\x7f"

    def rename(tree: Any) -> None:
        file(tree, "3F00/0001/D001")["content"]["groups"][0]["last_name"] = name

    image = edited(rename)
    text = laid_out(card_text(image))
    assert r'"A\u202eB\u009b31mC\u00a0D\udb40\udc01E\u007f"' in text
    assert all(line.isprintable() for line in text.splitlines())
    assert read_card_text(text.encode()) == image


@pytest.mark.parametrize(
    ("edit", "secret"),
    [
        (lambda tree: tree["code"].update(code="4321"), "4321"),
        (lambda tree: tree["code"].update(unblocking_code=87654321), "87654321"),
        (lambda tree: tree["keys"][0].update(key="-----BEGIN PRIVATE KEY-----"), "PRIVATE"),
    ],
)
def test_a_secret_typed_into_the_text_is_not_shown(edit: Edit, secret: str) -> None:
    (found,) = problems(edit)
    assert "found something else, which is not shown, expected " in found
    assert secret not in found


def test_a_text_makes_no_more_keys_than_a_card_can_name() -> None:
    new = {"reference": "01", "operations": [], "needs_code": False, "key": "NEW"}
    assert problems(lambda tree: tree.update(keys=[new] * 257)) == [
        "keys (line 10): found a list of 257, expected at most 256 keys"
    ]


def test_errors_in_the_head_are_all_listed() -> None:
    head: dict[str, Any] = dict.fromkeys(("form", "profile", "kind", "serial", "transmission", "atr"), "?")
    found = problems(lambda tree: tree.update(head))
    assert [each.partition(" ")[0] for each in found] == list(head)
    found = problems(lambda tree: (tree.update(kind="?"), tree["keys"][0].update(key="OLD")))
    assert [each.partition(" ")[0] for each in found] == ["kind", "keys[0].key"]


def test_every_error_is_listed_in_the_order_of_the_text() -> None:
    def spoil(tree: Any) -> None:
        file(tree, "3F00/0001")["read"] = "?"
        file(tree, "3F00/0001/D001")["content"]["groups"][0]["last_name"] = 5
        file(tree, "3F00/2F00")["sfi"] = -1

    found = problems(spoil)
    assert [each.partition(" ")[0] for each in found] == [
        "files[1].sfi",
        "files[4].read",
        f"files[{next(i for i, f in enumerate(CPS['files']) if f['path'] == '3F00/0001/D001')}]"
        ".content.groups[0].last_name",
    ]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "the card text has 1 error"),
        (b"{", "line 1: found"),
        (ps_image(MAYA).build(), "found a card itself, expected its text, as tla cards export writes it"),
        (b"[1, 2]", "found a list of 2, expected an object with the keys form"),
        (b'{"form": 1, "form": 1}', "found the key 'form' twice"),
        (b"\xff\xd8\xff", "expected text in UTF-8"),
        (b"[" * 100_000, "found too many nested brackets"),
    ],
)
def test_what_is_no_card_text_is_told(raw: bytes, said: str) -> None:
    with pytest.raises(CardTextError) as refused:
        read_card_text(raw)
    assert said in str(refused.value)


def test_more_than_a_card_can_hold_in_all_is_refused() -> None:
    def swell(tree: Any) -> None:
        for fid in range(17):
            tree["files"].append(
                {
                    "path": f"3F00/{fid:04X}",
                    "kind": "TRANSPARENT",
                    "read": "ALWAYS",
                    "write": "NEVER",
                    "content": {"hex": "", "size": 65_535, "filler": "00"},
                }
            )

    assert "expected files that fit on a card" in problems(swell)[0]


def test_notes_are_passed_over_wherever_they_stand() -> None:
    def annotate(tree: Any) -> None:
        def visit(value: Any) -> None:
            if isinstance(value, dict):
                value["note"] = ["anything", 1]
                for each in value.values():
                    visit(each)
            elif isinstance(value, list):
                for each in value:
                    visit(each)

        visit(tree)

    assert edited(annotate) == ps_image(MAYA)


def test_the_order_of_keys_is_free() -> None:
    shuffled = json.loads(json.dumps(CPS), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert read_card_text(json.dumps(shuffled).encode()) == ps_image(MAYA)


def test_groups_in_any_file_are_read() -> None:
    def move(tree: Any) -> None:
        file(tree, "3F00/D003")["content"] = file(tree, "3F00/0001/D001")["content"]

    (content,) = (f.content for f in edited(move).contents.files if f.fid == 0xD003)
    assert decode_typed(content)[0].DECLARATION.number == 1
