"""A card that is written as text and read again is the same to the byte, whatever it holds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.named_places import ROOT
from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.tlv import Tlv, build_all
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import Access, CardFile, CardImage, FileKind
from tla_sim.reader_fw.cards.issue import CardTerms, issue_cpf
from tla_sim.reader_fw.cards.models import MODELS
from tla_sim.reader_fw.cards.pki import FreshKeys, ShippedKeys, private_key_bytes
from tla_sim.tools.cards.file import load_image
from tla_sim.tools.cards.issue import card_orders
from tla_sim.tools.cards.text.content import Surroundings, content_given, content_told
from tla_sim.tools.cards.text.export import card_text
from tla_sim.tools.cards.text.given import NOTE, Given
from tla_sim.tools.cards.text.keys import named_keys
from tla_sim.tools.cards.text.layout import laid_out
from tla_sim.tools.cards.text.object_names import Names
from tla_sim.tools.cards.text.reading import read_card_text
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import LEA, MARTIN, MAYA


def again(image: CardImage, base: CardImage | None = None) -> CardImage:
    """The card that the image's text describes."""
    return read_card_text(laid_out(card_text(image)).encode(), base=base)


@cache
def issued() -> dict[str, CardImage]:
    """Everybody's card, and a card of every model and kind."""
    keys = ShippedKeys(reuse=True)
    cards = {order.file: order.make(keys) for order in card_orders(demo_practice())}
    for kind in CardKind:
        for profile, models in MODELS.items():
            for model in models:
                terms = CardTerms(kind=kind, model=model)
                name = f"{profile.name} {model.name} {kind.name}"
                cards[name] = (
                    vitale_image(terms=terms)
                    if profile is CardProfile.VITALE
                    else ps_image(MAYA, cpe=profile is CardProfile.CPE, terms=terms)
                )
    holder = PsHolder(card_type="", national_id="899700000099", last_name="INTERNE", first_name="LUC")
    cards["CPF"] = issue_cpf(
        holder, [PsSituation(logical_number=1, billing_number="75600001")], ShippedKeys()
    )
    return cards


@pytest.mark.parametrize("name", issued())
def test_a_card_as_issued_comes_back_to_the_byte(name: str) -> None:
    image = issued()[name]
    assert again(image).build() == image.build()


@pytest.mark.parametrize("name", issued())
def test_what_the_declarations_know_is_decoded(name: str) -> None:
    told = card_text(issued()[name])
    forms = {file["path"]: file["content"] for file in told["files"] if "content" in file}
    kinds = [next(iter(key for key in content if key != NOTE)) for content in forms.values()]
    assert "pem" not in kinds, "a certificate is told by what it says"
    groups = [group for content in forms.values() for group in content.get("groups", ())]
    assert groups
    assert all("fields" not in group for group in groups)


@pytest.mark.parametrize("name", ["cpe-before-0.2.card", "vitale-before-0.2.card"])
def test_a_card_of_an_earlier_version_comes_back(name: str) -> None:
    path = ROOT / "tests" / "cases" / name
    image = load_image(path)
    assert again(image, base=image) == image


def test_neither_keys_nor_codes_are_in_the_text() -> None:
    image = ps_image(MAYA)
    card = Card(image, SeededEntropy(1))
    card.power_on()
    block = b"4321".ljust(8, b"\xff")
    assert card.transmit(bytes.fromhex("0024000110") + b"1234".ljust(8, b"\xff") + block) == b"\x90\x00"
    changed = card.image
    text = laid_out(card_text(changed))

    assert changed.code is not None
    for secret in (
        *(key.pkcs8 for key in changed.contents.keys),
        changed.code.salt,
        changed.code.digest,
        changed.code.unblock_digest,
    ):
        assert secret.hex().upper() not in text
    told = card_text(changed)["code"]
    assert (told["code"], told["unblocking_code"]) == ("BASE", "TEST")
    assert again(changed, base=changed) == changed


def test_a_key_that_is_not_shipped_comes_from_the_base_card() -> None:
    image = ps_image(MAYA)
    fresh = private_key_bytes(FreshKeys().take())
    keys = tuple(replace(key, pkcs8=fresh) for key in image.contents.keys)
    image = CardImage(replace(image.contents, keys=keys), image.code)
    told = card_text(image)

    assert fresh.hex().upper() not in laid_out(told)
    assert set(told["keys"][0]["key"]) == {"sha256"}
    assert again(image, base=image).build() == image.build()


@given(st.data())
def test_an_odd_card_comes_back(data: st.DataObject) -> None:
    image = data.draw(st.sampled_from(list(issued().values())))
    files = list(image.contents.files)
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(files) - 1))
        if files[at].kind == FileKind.TRANSPARENT:
            files[at] = replace(
                files[at],
                content=data.draw(contents()),
                read=data.draw(st.sampled_from(Access)),
                write=data.draw(st.sampled_from(Access)),
                sfi=data.draw(st.integers(0, 30)),
            )
    directories = [at for at, file in enumerate(files) if file.kind == FileKind.DIRECTORY]
    for kind in data.draw(st.lists(st.sampled_from(FileKind), max_size=3)):
        directory = kind is FileKind.DIRECTORY
        fid = data.draw(st.sampled_from([0x0001, 0x5600, 0xD001, 0x3F00]))
        parent = data.draw(st.sampled_from(directories))
        content = b"" if directory else data.draw(contents())
        aid = data.draw(st.binary(max_size=16)) if directory else b""
        files.append(CardFile(parent, kind, fid, 0, Access.ALWAYS, Access.NEVER, aid, content))
        if directory:
            directories.append(len(files) - 1)
    odd = CardImage(replace(image.contents, files=tuple(files)), image.code)
    transparent = [at for at, file in enumerate(files) if file.kind == FileKind.TRANSPARENT]
    for place in data.draw(st.lists(st.sampled_from(transparent), max_size=2)):
        odd = odd.with_written(place, data.draw(contents()))
    if odd.code is not None:
        odd = odd.with_code(replace(odd.code, tries_left=data.draw(st.integers(0, 3))))

    assert again(odd, base=odd).build() == odd.build()


def contents() -> st.SearchStrategy[bytes]:
    """Bytes of a file: anything, text, data objects, groups, certificates, each perhaps filled up."""
    whole = [
        file.content
        for image in issued().values()
        for file in image.contents.files
        if file.kind == FileKind.TRANSPARENT
    ]
    certificates = [file.content for file in ps_image(LEA).contents.files if file.content[:2] == b"\x30\x82"]
    some = st.one_of(
        st.binary(max_size=80),
        st.text(max_size=40).map(str.encode),
        st.text(max_size=20).map(lambda text: text.encode("latin-1", "ignore")),
        objects().map(build_all),
        st.sampled_from(whole),
        st.sampled_from(certificates),
        st.lists(groups(), max_size=3).map(_message),
    )
    filler = st.tuples(st.sampled_from([b"\0", b"\xff"]), st.integers(0, 40))
    return st.tuples(some, st.one_of(st.none(), filler)).map(
        lambda both: both[0] if both[1] is None else both[0] + both[1][0] * both[1][1]
    )


def objects() -> st.SearchStrategy[list[Tlv]]:
    """Trees of data objects."""
    leaf = st.tuples(st.sampled_from([0x04, 0x0C, 0x50, 0x5A, 0x9F21]), st.binary(max_size=12)).map(
        lambda pair: Tlv(*pair)
    )
    return st.lists(
        st.recursive(
            leaf,
            lambda inner: st.tuples(st.sampled_from([0x30, 0x61, 0x7F21]), st.lists(inner, max_size=3)).map(
                lambda pair: Tlv(pair[0], tuple(pair[1]))
            ),
            max_leaves=6,
        ),
        min_size=1,
        max_size=3,
    )


def groups() -> st.SearchStrategy[str]:
    """Groups as they travel: of the dictionary or not, their fields fitting or not."""
    texts = st.one_of(
        st.sampled_from(["", "0", "1", "2", "20190305", "20190231", "255", "256", "007", "-3", "0102AB"]),
        st.text(st.characters(exclude_characters="\x1d\x1f", exclude_categories=["Cs"]), max_size=8),
    )
    number = st.sampled_from([*DICTIONARY, 0, 9, 65_535])
    return st.tuples(number, st.lists(texts, max_size=22)).map(
        lambda pair: "".join(f"{each}\x1f" for each in (pair[0], *pair[1])) + "\x1d"
    )


def _message(parts: list[str]) -> bytes:
    return len(parts).to_bytes(2, "big") + "".join(parts).encode()


@given(contents())
def test_a_content_comes_back(raw: bytes) -> None:
    around = Surroundings(named_keys(ps_image(MAYA).contents.keys))
    assert content_given(Given(content_told(raw, Names(), around)), around) == raw


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", {"hex": ""}),
        (bytes(64), {"hex": "", "size": 64, "filler": "00"}),
        (b"\xff" * 16, {"hex": "", "size": 16, "filler": "FF"}),
        (b"FR", {"text": "FR"}),
        ("Zoé".encode(), {"text": "Zoé"}),
        ("Zoé".encode("latin-1"), {"latin-1": "Zoé"}),
        (b"\x01\x02", {"hex": "0102"}),
        (
            bytes.fromhex("650980024D419301005F0000") + bytes(8),
            {"hex": "650980024D419301005F00", "size": 20, "filler": "00"},
        ),
        (
            bytes.fromhex("65078002 4D41 930100") + bytes(8),
            {
                "objects": [
                    {"tag": "65", "objects": [{"tag": "80", "hex": "4D41"}, {"tag": "93", "hex": "00"}]}
                ],
                "size": 17,
                "filler": "00",
            },
        ),
        (b"\0\0", {"groups": []}),
    ],
)
def test_contents_are_told_by_what_they_are(raw: bytes, told: dict[str, Any]) -> None:
    assert content_told(raw, Names(), Surroundings()) == told


def test_the_patients_card_is_told_field_by_field() -> None:
    told = card_text(vitale_image(MARTIN))
    (insured,) = next(file for file in told["files"] if file["path"] == "3F00/5600/0101")["content"]["groups"]
    assert insured["group"] == 101
    assert insured["nir"] == MARTIN.nir
    assert insured["card_end"] == "2045-12-31"


def test_no_field_is_called_as_what_the_text_itself_has() -> None:
    names = {field.name for declaration in DICTIONARY.values() for field in declaration.fields}
    assert not names & {"group", "fields", NOTE}
