"""Debian's cardpeek reads Vitales behind stock pcscd, with the script that it comes with.

The tree that it would show is compared with the card's files and with what the card was issued with.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from tests.integration.pcsc_kit import said, slots_show
from tests.integration.pcsc_page import Terminal, terminal_at_desk
from tests.integration.serving import wait_for
from tests.reader_fw.cards.sample_cards import person
from tla_sim.protocol import tlv
from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.groups.vitale import MAX_BENEFICIARIES, Insured
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.atr import ATRS, VITALE_1_ATR
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import BeneficiaryEntry, CardTerms, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cast.images import vitale_image

MF = "#D2500000024D465F564954414C45"
VITALE = "#D250000002564954414C45"
FILES = {
    (MF, "IDENTITE"): (0, 0xD001),
    (MF, "NUMSERIE"): (0, 0xD003),
    (MF, "DIR"): (0, 0x2F00),
    (MF, "PAN"): (0, 0x2F02),
    (VITALE, "NIR"): (9, 0xD002),
    (VITALE, "POINTERS"): (9, 0x2001),
}
"""What the script shows, and where the card has it: place of the directory, identifier."""

INSURED = Insured(card_type="T", card_serial="", nir="2550899999001", nir_key="15")


class Person(NamedTuple):
    """A person as cardpeek shows one, in Latin-1."""

    name: str
    first_name: str
    born: str
    nir: str


class Member(NamedTuple):
    """A beneficiary, and how a program that knows Latin-1 alone sees him or her."""

    entry: BeneficiaryEntry
    seen: Person


def member(name: str, first: str, born: str, nir: str = "", spelt: str = "") -> Member:
    return Member(
        person(name, first, born, nir), Person(spelt or name, first, born, nir or "255089999900115")
    )


FAMILY = (
    member("D’ARTAGNAN", "ÉLODIE", "19550812", spelt="D'ARTAGNAN"),
    member("CŒUR-LEFÈVRE", "Noël", "20081224", "108129999900243", spelt="COEUR-LEFÈVRE"),
    member("N" * 56, "F" * 56, "19422000"),
)
NINETEEN = tuple(
    member(f"MARTIN {rank}", f"Zoë {rank}", f"19{rank + 60}0101") for rank in range(MAX_BENEFICIARIES)
)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with terminal_at_desk(tmp_path_factory.mktemp("cardpeek")) as terminal:
        yield terminal


def insert(terminal: Terminal, image: CardImage) -> None:
    """Have another Vitale in the slot."""
    reader, card = terminal.bench.reader, terminal.bench.card(image)
    terminal.serving.do(lambda: reader.remove(Slot.VITALE))
    wait_for(slots_show(s1=b""))
    terminal.serving.do(lambda: reader.insert(Slot.VITALE, card))
    wait_for(slots_show(s1=image.contents.atr))


def look(terminal: Terminal) -> ElementTree.Element:
    """Type the page's lines; the tree that cardpeek wrote."""
    assert shutil.which("cardpeek"), "these tests need cardpeek: make test installs it"
    view = terminal.folder / "vitale.xml"
    view.unlink(missing_ok=True)
    terminal.try_to_paste("cardpeek")
    # Its declaration names the encoding "type", which is no XML.
    return ElementTree.fromstring(view.read_text("utf-8").partition("\n")[2])


def attribute(node: ElementTree.Element, name: str) -> str:
    return next((each.text or "" for each in node.findall("attr") if each.get("name") == name), "")


def value(node: ElementTree.Element) -> bytes:
    return bytes.fromhex(attribute(node, "val").removeprefix("8:"))


def nodes(tree: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return [each for each in tree.iter("node") if attribute(each, "classname") == kind]


def rows_of(node: ElementTree.Element) -> list[tuple[int, bytes]]:
    """Tags and values of the primitive objects that cardpeek shows below a node, in order."""
    return [
        (int(attribute(each, "id"), 16), value(each))
        for each in node.iter("node")
        if attribute(each, "classname") == "item" and each.find("node") is None
    ]


def rows_in(objects: tuple[tlv.Tlv, ...]) -> list[tuple[int, bytes]]:
    """The same of data objects."""
    found: list[tuple[int, bytes]] = []
    for each in objects:
        found += [(each.tag, each.content)] if isinstance(each.content, bytes) else rows_in(each.children)
    return found


def contents(tree: ElementTree.Element) -> dict[tuple[str, str], ElementTree.Element]:
    """What cardpeek shows of each file that it read, by application and name."""
    return {
        (attribute(application, "id"), attribute(file, "label").strip()): nodes(file, "body")[0]
        for application in nodes(tree, "application")
        for file in nodes(application, "file")
    }


@pytest.mark.parametrize("family", [FAMILY[:1], FAMILY, NINETEEN], ids=["one", "family", "nineteen"])
def test_the_tree_shows_what_is_on_the_card(terminal: Terminal, family: tuple[Member, ...]) -> None:
    image = issue_vitale(INSURED, [each.entry for each in family], ShippedKeys(reuse=True))
    insert(terminal, image)
    tree = look(terminal)
    assert value(nodes(tree, "atr")[0]) == image.contents.atr
    found = contents(tree)
    assert set(found) == set(FILES)
    on_card = {(file.parent, file.fid): file.content for file in image.files}
    for shown, place in FILES.items():
        content = on_card[place]
        assert attribute(found[shown], "size") == str(len(content))
        filling = b"".join(
            value(each) for each in found[shown].iter("node") if attribute(each, "alt") == "(error)"
        )
        assert filling == bytes(len(filling))
        assert rows_of(found[shown]) == rows_in(tlv.parse_all(content[: len(content) - len(filling)]))
    fields = [
        [text.decode("latin-1") for _, text in rows_of(found[MF, "IDENTITE"])][at::3] for at in range(3)
    ]
    nirs = [text.decode() for tag, text in rows_of(found[VITALE, "NIR"]) if tag == 0x93]
    assert [Person(*each) for each in zip(*fields, nirs, strict=True)] == [each.seen for each in family]
    assert rows_of(found[MF, "PAN"]) == [(0x5A, bytes.fromhex(image.contents.serial))]


def test_the_pages_lines_print_the_first_person(terminal: Terminal) -> None:
    insert(terminal, vitale_image())
    printed = terminal.paste("cardpeek")
    assert ">MARTIN<" in printed
    assert ">PAUL<" in printed


def test_a_vitale_1_has_nothing_to_show(terminal: Terminal) -> None:
    insert(terminal, vitale_image(terms=CardTerms(model=CardModel.VITALE_1)))
    tree = look(terminal)
    (reset,) = nodes(tree, "atr")
    assert value(reset) == VITALE_1_ATR
    assert contents(tree) == {}


@pytest.mark.parametrize("atr", [*ATRS[CardModel.VITALE_2], *ATRS[CardModel.VITALE_1]])
def test_every_answer_to_reset_of_a_vitale_is_known_to_pcsc_scan(atr: bytes) -> None:
    known = said("ATR_analysis", *atr.hex(" ").upper().split())
    assert "vitale" in known.lower() or "Carte VItate" in known


@pytest.mark.parametrize("atr", [ATRS[CardModel.VITALE_2][3], ATRS[CardModel.VITALE_1][-1]])
def test_pcsc_scan_shows_another_answer_to_reset(terminal: Terminal, atr: bytes) -> None:
    model = CardModel.VITALE_1 if atr in ATRS[CardModel.VITALE_1] else CardModel.VITALE_2
    insert(terminal, vitale_image(terms=CardTerms(model=model, atr=atr)))
    assert f"ATR: {atr.hex(' ').upper()}" in said("pcsc_scan", "-c")
