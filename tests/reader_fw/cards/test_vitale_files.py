"""The Vitale as programs read it that were never told of us: every file by every way, for any family."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reader_fw.cards.sample_cards import INSURED, beneficiary, fetch, image, insert, person, send
from tla_sim.protocol import tlv
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.groups.vitale import MAX_BENEFICIARIES
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.atr import Transmission
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardFile, FileKind
from tla_sim.reader_fw.cards.issue import BeneficiaryEntry, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.reader_fw.cards.vitale_files import NAME_BYTES, spell_in_latin_1, vitale_files

MF = "D2500000024D465F564954414C45"
VITALE = "D250000002564954414C45"
OURS = "F0544C4153494D56"
PATH = {0: "3F00", 2: "5600", 9: "5601"}
AID = {0: MF, 2: OURS, 9: VITALE}
PUBLIC = [
    place for place, file in enumerate(image(CardProfile.VITALE).files) if file.kind == FileKind.TRANSPARENT
]


def tlv_of_one_byte(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Tags and values of objects whose tag and length have one byte each, up to the filling."""
    at = 0
    while at + 2 <= len(raw) and raw[at]:
        size = raw[at + 1]
        assert size < 0x80, "BER would take it for the length of a length"
        assert at + 2 + size <= len(raw)
        yield raw[at], raw[at + 2 : at + 2 + size]
        at += 2 + size
    assert not any(raw[at:])


def issue(people: list[BeneficiaryEntry]) -> Card:
    card = Card(issue_vitale(INSURED, people, ShippedKeys(reuse=True)), SeededEntropy(1))
    card.power_on()
    return card


def read(card: Card, sfi: int | None = None) -> bytes:
    """A file as programs read it that follow 6Cxx and go on in steps of 256 bytes."""
    content = b""
    while True:
        offset = len(content)
        head = f"{0x80 | sfi:02X}00" if sfi is not None and not offset else f"{offset:04X}"
        data, word = send(card, f"00B0{head}00")
        if word >> 8 == 0x6C:
            data, word = send(card, f"00B0{head}{word & 0xFF:02X}")
        if offset and word == 0x6B00:
            return content
        assert word == 0x9000
        content += data
        if len(data) != 256:
            return content


@pytest.mark.parametrize("place", PUBLIC)
@pytest.mark.parametrize("p2", ["00", "04", "0C"])
@pytest.mark.parametrize("transmission", Transmission)
def test_every_file_is_found_by_every_form_of_select(place: int, p2: str, transmission: Transmission) -> None:
    card = insert(CardProfile.VITALE, transmission=transmission)
    file = card.image.files[place]
    fid, directory = f"{file.fid:04X}", file.parent
    below = PATH[directory][4:] if directory == 0 else PATH[directory]
    aid = AID[directory]
    by_name = f"00A404{p2}{len(aid) // 2:02X}{aid}"
    ways = [
        [by_name, f"00A402{p2}02{fid}"],
        [by_name, f"00A400{p2}02{fid}"],
        [by_name, f"00A409{p2}02{fid}"],
        [f"00A400{p2}023F00", *([f"00A401{p2}02{below}"] if below else []), f"00A402{p2}02{fid}"],
        [f"00A408{p2}{2 + len(below) // 2:02X}{below}{fid}"],
        [f"00A409{p2}{4 + len(below) // 2:02X}3F00{below}{fid}"],
    ]
    for way in ways:
        card.power_on()
        said = b""
        for apdu in way:
            said = fetch(card, apdu)
        assert read(card) == file.content
        if p2 == "0C":
            assert said == b""
            continue
        template = tlv.parse(said)
        assert template.tag == {"00": 0x6F, "04": 0x62}[p2]
        size = template.find(0x80)
        assert size is not None
        assert int.from_bytes(size.value, "big") == len(file.content)
    if file.sfi:
        card.power_on()
        fetch(card, by_name)
        assert read(card, file.sfi) == file.content


def test_the_root_and_its_applications_are_listed() -> None:
    card = insert(CardProfile.VITALE)
    fetch(card, f"00A404000E{MF}00")
    fetch(card, "00A40200022F0000")
    applications = tlv.parse_all(read(card))
    found = {
        each.children[0].value.hex().upper(): each.children[2].value.hex().upper() for each in applications
    }
    assert found == {VITALE: "3F005601", OURS: "3F005600"}
    fetch(card, "00A40200022F0200")
    assert read(card).hex() == "5a0a" + card.serial


def test_the_pointers_name_files_that_are_there() -> None:
    card = insert(CardProfile.VITALE)
    fetch(card, f"00A404000B{VITALE}")
    outer = tlv.parse(read(card, 1))
    assert outer.tag == 0xE0
    directories, *files = outer.children
    assert directories.tag == 0xA0
    names = {each.value[:2]: each.value[4:].hex().upper() for each in directories.children}
    assert set(names.values()) == {MF, VITALE}
    found = {}
    for pointer in files:
        assert (pointer.tag, len(pointer.value)) == (0x80, 12)
        aid = names[pointer.value[8:10]]
        fetch(card, f"00A40400{len(aid) // 2:02X}{aid}")
        fetch(card, f"00A4020002{pointer.value[10:].hex()}")
        found[pointer.value[:8].decode().strip()] = read(card)
    assert set(found) == {"IDENTITE", "NUMSERIE", "NIR"}
    assert found["NUMSERIE"].hex() == "5a0a" + card.serial


NAMES = st.text(st.sampled_from("AÉÈÇÿœŒæ’-' ŁőŠẾA\u0301\u00a0中\u0000"), min_size=1, max_size=60) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60
)
PEOPLE = st.lists(
    st.builds(
        person,
        NAMES,
        NAMES,
        st.sampled_from(["19550812", "19422000", "20080230", "19800100"]),
        st.sampled_from(["", "155089999900147", "269029999999947"]),
    ),
    min_size=1,
    max_size=MAX_BENEFICIARIES,
)


@settings(max_examples=60, deadline=None)
@given(people=PEOPLE)
def test_everybody_is_readable_in_objects_of_one_byte_lengths(people: list[BeneficiaryEntry]) -> None:
    files = {(file.parent, file.fid): file.content for file in _files(people)}
    identities, nirs = files[0, 0xD001], files[9, 0xD002]
    assert len(identities) >= 0x80
    for raw in (identities, nirs):
        assert [tag for tag, _ in tlv_of_one_byte(raw)] == [0x65] * len(people)
    for entry, (_, identity), (_, number) in zip(
        people, tlv_of_one_byte(identities), tlv_of_one_byte(nirs), strict=True
    ):
        who = entry.beneficiary
        assert dict(tlv_of_one_byte(identity)) == {
            0x80: spell_in_latin_1(who.usual_name)[:NAME_BYTES],
            0x81: spell_in_latin_1(who.first_name)[:NAME_BYTES],
            0x82: who.birth_date.encode(),
        }
        insured = f"{INSURED.nir}{INSURED.nir_key}"
        assert dict(tlv_of_one_byte(number)) == {
            0x90: b"FRA",
            0x93: (who.certified_nir + who.certified_nir_key or insured).encode(),
        }


def _files(people: list[BeneficiaryEntry]) -> tuple[CardFile, ...]:
    return vitale_files("8" * 20, INSURED, [each.beneficiary for each in people], b"certificate")


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("MARTIN", "MARTIN"),
        ("LE FLOC’H", "LE FLOC'H"),
        ("CŒUR", "COEUR"),
        ("Lætitia", "Lætitia"),
        ("E\u0301LODIE", "ÉLODIE"),
        ("ŠIMIĆ", "SIMIC"),
        ("NGUYỄN", "NGUYÊN"),
        ("Müller-Strauß", "Müller-Strauß"),
        ("王", "?"),
    ],
)
def test_names_are_in_latin_1(name: str, spelt: str) -> None:
    assert spell_in_latin_1(name) == spelt.encode("latin-1")


@pytest.mark.parametrize("count", [1, 3, 9, MAX_BENEFICIARIES])
def test_a_family_is_read_on_in_steps_of_256_bytes(count: int) -> None:
    card = issue([beneficiary(rank) for rank in range(1, count + 1)])
    fetch(card, "00A40000023F00")
    names = [dict(tlv_of_one_byte(person)) for _, person in tlv_of_one_byte(read(card, 2))]
    assert [each[0x81].decode("latin-1") for each in names] == [
        f"PAUL {rank}" for rank in range(1, count + 1)
    ]


@pytest.mark.parametrize("count", [1, 4, MAX_BENEFICIARIES])
@pytest.mark.parametrize("transmission", Transmission)
def test_a_program_that_reads_256_bytes_once_finds_whole_people(
    count: int, transmission: Transmission
) -> None:
    """As Rufus does: SELECT without Le, 00B0820000, 61xx and 6Cxx followed; an object cut short ends it."""
    card = insert(CardProfile.VITALE, beneficiaries=count, transmission=transmission)

    def said(apdu: str) -> bytes:
        data, word = send(card, apdu)
        if word >> 8 == 0x6C:
            return said(f"{apdu[:-2]}{word & 0xFF:02X}")
        if word >> 8 == 0x61:
            return said(f"00C00000{word & 0xFF:02X}")
        assert word == 0x9000
        return data

    def people(raw: bytes) -> list[bytes]:
        found, at = [], 0
        while at + 2 <= len(raw) and raw[at] and at + 2 + raw[at + 1] <= len(raw):
            found.append(raw[at + 2 : at + 2 + raw[at + 1]])
            at += 2 + raw[at + 1]
        return found

    said("00A40000023F00")
    identities = people(said("00B0820000"))
    said(f"00A404000B{VITALE}")
    nirs = people(said("00B0820000"))
    assert len(identities) == min(count, 256 // (16 + len("MARTIN") + len("PAUL 1")))
    assert len(nirs) == min(count, 256 // 24)
    assert dict(tlv_of_one_byte(identities[0])) == {0x80: b"MARTIN", 0x81: b"PAUL 1", 0x82: b"19550812"}
    assert dict(tlv_of_one_byte(nirs[0]))[0x93] == b"155089999900134"


def test_a_program_that_expects_a_real_cards_lengths_reads_the_first_person() -> None:
    """As a Node reader does: D001 described in 1E bytes, then 7C bytes of it, the tags as separators."""
    card = insert(CardProfile.VITALE)
    assert send(card, f"00A404000E{MF}00")[1] >> 8 == 0x61
    assert send(card, "00A4020002D00100") == (b"", 0x611E)
    assert send(card, "00C000001E")[1] == 0x9000
    data, word = send(card, "00B000007C")
    assert (len(data), word) == (0x7C, 0x9000)
    fields = data.decode("utf-8", "replace").split("\ufffd")[1:4]
    assert [field[1:] for field in fields][:2] == ["MARTIN", "PAUL 1"]


def test_a_program_that_tries_other_names_first_goes_on_to_the_next() -> None:
    """As a Python scanner does: payment directories, IAS names, then ours; and records that there are not."""
    card = insert(CardProfile.VITALE)
    for other in (b"1PAY.SYS.DDF01".hex(), "E828BD080FD2500000044164E86C65", "D2500000044164E86C650101"):
        assert send(card, f"00A40400{len(other) // 2:02X}{other}00") == (b"", 0x6A82)
    fetch(card, f"00A404000B{VITALE}00")
    assert send(card, "00B2010C00") == (b"", 0x6D00)
