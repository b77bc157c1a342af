"""Every odd card of the library: where it shows, at the reader and in the SSV functions, as its page says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.named_places import ROOT
from tests.reader_kit import Bench
from tests.ssv_kit import Program
from tla_sim.host.documents import outgoing
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.functions import LIRE_CARTE_PS, LIRE_DROITS_VITALE
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.protocol.documents.lot import Lot
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.groups.lot import LotDocument, LotHeader
from tla_sim.reader_fw.app.card_access import VitaleCard
from tla_sim.reader_fw.app.screens.visit import fold_status
from tla_sim.reader_fw.board.display import fold
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import TEST_CODE
from tla_sim.reader_fw.cards.pki import FreshKeys, ShippedKeys
from tla_sim.tools.cards.issue import card_orders
from tla_sim.tools.cards.models import as_models
from tla_sim.tools.cards.odd.library import ODD_CARDS
from tla_sim.tools.cards.odd.orders import OddCardsHidden, OddCardUnknown, OddCardWithoutHolder, odd_orders
from tla_sim.tools.cards.text.export import card_text
from tla_sim.tools.cards.text.layout import laid_out
from tla_sim.tools.cards.text.reading import read_card_text
from tla_sim.tools.cards.view import view_card
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.loading import load

PAGE = ROOT / "docs" / "how-to" / "odd-cards.md"
PRACTICE = demo_practice()
OWNER = PRACTICE.practitioners[0].situations[0].billing_number
INVOICE = next(each for each in prepared_invoices(PRACTICE, OWNER) if each.patient.last_name == "MARTIN")
LOT = Lot.of(
    LotHeader(number=7, owner=OWNER, recipient="CPAM", kind=1, mode=2),
    [LotDocument(number="190305028", total=15_620, digest="ab" * 32)],
)
LAST = ("certifying", "signing a lot")
"""The steps that do not rest on each other."""

SILENT = "nowhere: it works"
NAMES = {CardProfile.VITALE: "Vitale"}


@cache
def ordinary() -> dict[CardProfile, CardImage]:
    """The first card of each profile."""
    keys = ShippedKeys(reuse=True)
    made: dict[CardProfile, CardImage] = {}
    for order in card_orders(PRACTICE):
        made.setdefault(order.profile, order.make(keys))
    return made


@cache
def odd(name: str) -> dict[CardProfile, CardImage]:
    """The odd card of each profile that it is made for."""
    keys = ShippedKeys(reuse=True)
    return {order.profile: order.make(keys) for order in odd_orders(PRACTICE, [name])}


class Desk:
    """A desk with two cards in the reader: what is done there, in order."""

    def __init__(self, ps: CardImage, vitale: CardImage, folder: Path) -> None:
        self._bench = Bench()
        self._client = self._bench.client()
        self._program = Program(self._client, folder / "ledger.db")
        self._bench.insert_chip(Slot.PS, ps)
        self._bench.insert_vitale(vitale)
        self.status: Status | None = None
        """The first refusal before the lot."""

    def troubles(self) -> dict[str, str]:
        """What fails, by step: sentence and SSV code."""
        return dict(self._troubles())

    def _troubles(self) -> Iterator[tuple[str, str]]:
        steps: dict[str, Callable[[], object]] = {
            "reading the PS card": self._client.read_ps_card,
            "the code": lambda: self._client.verify_code(TEST_CODE),
            "reading the Vitale": self._client.read_vitale,
            "certifying": self._certify,
            "signing a lot": self._sign_lot,
        }
        for step, do in steps.items():
            refused = _refusal(do)
            if refused is not None:
                if step != "signing a lot":
                    self.status = self.status or refused.status
                yield step, _said(refused.message, refused.ssv)
            function = {"the code": LIRE_CARTE_PS, "reading the Vitale": LIRE_DROITS_VITALE}.get(step)
            if function is not None:
                code = self._program.call(function, code=TEST_CODE).code
                if refused is not None:
                    assert code == refused.ssv
                elif code:
                    meaning = next(each.en for each in SsvCode if each == code)
                    yield f"`{function.name}`", _said(meaning, code)
            if refused is not None and step not in LAST:
                break

    def _certify(self) -> None:
        raw = self._client.certify(DocumentKind.FSE, SecurityMode.SECURED, INVOICE.build())
        verify_fse(Document(raw), TrustAnchors.shipped())

    def _sign_lot(self) -> None:
        (signature,) = self._client.sign_lots([LOT.header_bytes()])
        if signature.status != Status.OK:
            raise StatusError(signature.status)


def _refusal(do: Callable[[], object]) -> StatusError | None:
    try:
        do()
    except StatusError as error:
        return error
    return None


def _said(sentence: str, ssv: int | None) -> str:
    return f"{sentence} ({ssv:04X})" if ssv else sentence


def desk(profile: CardProfile, image: CardImage, folder: Path) -> Desk:
    """A desk with this card, and an ordinary one of the other kind."""
    if profile is CardProfile.VITALE:
        return Desk(ordinary()[CardProfile.CPS], image, folder)
    return Desk(image, ordinary()[CardProfile.VITALE], folder)


@cache
def usual(profile: CardProfile, folder: Path) -> dict[str, str]:
    """What fails with an ordinary card of a profile: a CPE signs no lots."""
    return desk(profile, ordinary()[profile], folder).troubles()


def where_it_shows(name: str, folder: Path) -> str:
    """The last cell of the odd card's row on the page."""
    told: dict[str, list[str]] = {}
    for profile, image in odd(name).items():
        expected = usual(profile, folder)
        found = desk(profile, image, folder).troubles()
        news = {step: said for step, said in found.items() if expected.get(step) != said}
        cell = "; ".join(f"{step}: {said}" for step, said in news.items()) or SILENT
        told.setdefault(cell, []).append(NAMES.get(profile, profile.name))
    if len(told) == 1:
        return next(iter(told))
    return "<br>".join(f"{', '.join(profiles)}: {cell}" for cell, profiles in told.items())


def rows() -> dict[str, list[str]]:
    """The rows of the page's table of odd cards, by name."""
    lines = PAGE.read_text("utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| `")
    ]
    return {row[0].strip("`"): row[1:] for row in cells if len(row) == 4}


def test_the_page_lists_the_library_and_no_more() -> None:
    assert list(rows()) == list(ODD_CARDS)


@pytest.mark.parametrize("name", ODD_CARDS)
def test_an_odd_card_shows_where_its_page_says(name: str, tmp_path: Path) -> None:
    card = ODD_CARDS[name]
    profiles = ", ".join(NAMES.get(profile, profile.name) for profile in card.profiles)
    assert rows()[name] == [profiles, card.said, where_it_shows(name, tmp_path)]


def visited(profile: CardProfile, image: CardImage) -> list[str]:
    """The screens of a visit with this card, and an ordinary one of the other kind."""
    vitale = profile is CardProfile.VITALE
    bench = Bench()
    load(bench.client(), outgoing([INVOICE])[:1])
    bench.unplug()
    bench.insert_chip(Slot.PS, ordinary()[CardProfile.CPS] if vitale else image)
    bench.insert_vitale(image if vitale else ordinary()[CardProfile.VITALE])
    screens = [bench.text]
    bench.press("VAL")
    screens.append(bench.text)
    bench.type_code(TEST_CODE)
    return [*screens, bench.text]


@pytest.mark.parametrize("name", ODD_CARDS)
def test_an_odd_card_is_told_on_the_readers_screen(name: str, tmp_path: Path) -> None:
    for profile, image in odd(name).items():
        table = desk(profile, image, tmp_path)
        table.troubles()
        if table.status is None:
            wanted = "1 FACTURE SIGNEE"
        elif table.status is Status.BENEFICIARY_MISMATCH:
            wanted = "AUCUNE FACTURE"
        else:
            wanted = fold(fold_status(table.status)[0])
        assert any(wanted in screen for screen in visited(profile, image))


def test_an_ordinary_card_shows_nowhere(tmp_path: Path) -> None:
    assert usual(CardProfile.CPS, tmp_path) == usual(CardProfile.VITALE, tmp_path) == {}
    assert list(usual(CardProfile.CPE, tmp_path)) == ["signing a lot"]


@pytest.mark.parametrize("name", ODD_CARDS)
def test_an_odd_card_is_a_card_with_a_serial_number_of_its_own(name: str) -> None:
    for profile, image in odd(name).items():
        assert image.contents.profile == profile
        assert image.contents.serial != ordinary()[profile].contents.serial
        assert read_card_text(laid_out(card_text(image)).encode()) == image, "its text is a whole card too"


@pytest.mark.parametrize("name", ODD_CARDS)
def test_an_odd_card_can_be_looked_at(name: str) -> None:
    for image in odd(name).values():
        view = view_card(image)
        assert view.facts["serial"] == image.contents.serial


def test_no_two_odd_cards_of_one_issue_share_a_serial_number() -> None:
    keys = ShippedKeys(reuse=True)
    serials = [order.make(keys).contents.serial for order in odd_orders(PRACTICE, ODD_CARDS)]
    assert len(set(serials)) == len(serials)


def test_an_odd_card_has_the_name_of_its_holder_and_its_own() -> None:
    orders = odd_orders(PRACTICE, ["expired", "long-names", "expired"])
    assert [order.file for order in orders] == [
        "cps-piqure2969-maya-expired.card",
        "cpe-accueil4242-anne-expired.card",
        "vitale-martin-paul-expired.card",
        "cps-piqure2969-maya-long-names.card",
        "cpe-accueil4242-anne-long-names.card",
        "vitale-martin-paul-long-names.card",
    ]


def test_an_odd_card_takes_no_other_holders_file() -> None:
    first, *others = PRACTICE.practitioners
    namesake = others[0].model_copy(
        update={"last_name": first.last_name, "first_name": f"{first.first_name} EXPIRED"}
    )
    practice = PRACTICE.model_copy(update={"practitioners": [first, namesake]})
    orders = (*card_orders(practice), *odd_orders(practice, ["expired"]))
    files = [order.file for order in orders if order.profile is CardProfile.CPS]
    assert files[1:] == ["cps-piqure2969-maya-expired.card", "cps-piqure2969-maya-expired-2.card"]


def test_an_odd_card_of_a_person_in_training_is_a_cpf() -> None:
    staff = tuple(each.model_copy(update={"card": "cpf"}) for each in PRACTICE.staff)
    in_training = PRACTICE.model_copy(update={"staff": staff})
    orders = [order for order in odd_orders(in_training, ["one-try-left"]) if order.card == "CPF"]
    assert [order.file for order in orders] == ["cpf-accueil4242-anne-one-try-left.card"]
    facts = view_card(orders[0].make(ShippedKeys())).facts
    assert (facts["card type"], facts["tries left"]) == ("CPF", 1)


def test_odd_cards_are_of_the_model_that_was_asked_for() -> None:
    alter = as_models([CardModel.CPS4])
    (card,) = (order.make(ShippedKeys()) for order in odd_orders(PRACTICE, ["no-lot-right"], alter))
    assert card.contents.model == CardModel.CPS4


def test_an_odd_card_that_could_not_show_on_a_vitale_1_is_refused() -> None:
    alter = as_models([CardModel.VITALE_1])
    with pytest.raises(OddCardsHidden, match=r"nothing would show of expired, past-rights\."):
        odd_orders(PRACTICE, ["expired", "no-lot-right", "past-rights", "t1", "vitale-1"], alter)
    without_patients = PRACTICE.model_copy(update={"patients": (), "invoices": ()})
    assert len(odd_orders(without_patients, ["expired"], alter)) == 2


def test_an_odd_card_that_shows_on_a_vitale_1_is_issued_as_one() -> None:
    alter = as_models([CardModel.VITALE_1])
    usual, _ = (
        order.make(ShippedKeys(reuse=True)).contents
        for order in odd_orders(PRACTICE, ["vitale-1", "no-lot-right"], alter)
    )
    (t1,) = (
        order.make(ShippedKeys(reuse=True)).contents
        for order in odd_orders(PRACTICE, ["t1"], alter)
        if order.profile is CardProfile.VITALE
    )
    assert t1.model == usual.model == CardModel.VITALE_1
    assert t1.atr != usual.atr


def test_fresh_keys_are_certified_on_odd_cards_as_well(tmp_path: Path) -> None:
    (order,) = odd_orders(PRACTICE, ["no-lot-right"])
    troubles = desk(CardProfile.CPS, order.make(FreshKeys()), tmp_path).troubles()
    assert list(troubles) == ["signing a lot"]


def test_a_name_that_is_not_in_the_library_is_refused_with_those_that_are() -> None:
    with pytest.raises(OddCardUnknown, match=r"no odd card called mouldy.*expired, not-yet-valid"):
        odd_orders(PRACTICE, ["expired", "mouldy"])


def test_an_odd_card_needs_somebody_to_hold_it() -> None:
    alone = PRACTICE.model_copy(update={"patients": (), "staff": (), "invoices": ()})
    assert [order.profile for order in odd_orders(alone, ["expired"])] == [CardProfile.CPS]
    with pytest.raises(OddCardWithoutHolder, match="could be past-rights"):
        odd_orders(alone, ["past-rights"])


@pytest.mark.parametrize(("name", "people"), [("no-beneficiary", 0), ("nineteen-beneficiaries", 19)])
def test_public_programs_find_as_many_people(name: str, people: int) -> None:
    files = {file["path"]: file for file in card_text(odd(name)[CardProfile.VITALE])["files"]}
    for path in ("3F00/D001", "3F00/5601/D002"):
        objects = files[path]["content"].get("objects", ())
        assert [each["tag"] for each in objects] == ["65"] * people


def test_nineteen_beneficiaries_are_nineteen_wherever_they_stand() -> None:
    image = odd("nineteen-beneficiaries")[CardProfile.VITALE]
    card = Card(image, SeededEntropy(1))
    card.power_on()
    groups = VitaleCard(card.transmit).beneficiaries
    assert sum(group.DECLARATION.number == 104 for group in groups) == 19
    told = [file["content"]["objects"] for file in card_text(image)["files"] if file["path"] == "3F00/D001"]
    assert [len(objects) for objects in told] == [19]


def test_a_real_card_says_so_itself() -> None:
    for image in odd("real-kind").values():
        assert image.contents.kind == CardKind.REAL
        assert view_card(image).facts["kind"] == "simulated real"


def test_a_card_in_training_is_what_issuing_one_gives() -> None:
    (image,) = odd("cpf").values()
    assert view_card(image).facts["card type"] == "CPF"
    (usual_card,) = (image for profile, image in ordinary().items() if profile is CardProfile.CPE)
    assert view_card(usual_card).facts["card type"] == "CPE"
    texts = laid_out(card_text(image))
    assert '"text": "CPF TLA-SIM TEST"' in texts
    assert '"note": "type", "hex": "31"' in texts
