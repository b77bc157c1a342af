"""Certification: who may sign what with which cards, and that what comes out holds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from tests.reader_fw.app.chips import ANCHORS, Chip, inserted_ps, inserted_vitale
from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.card_kind import CardKind, CardModel
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import Fse, Role
from tla_sim.protocol.documents.invoice import BeneficiaryKey
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.protocol.documents.lot import Lot, verify_lot
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.protocol.groups.lot import LotDocument, LotHeader
from tla_sim.protocol.groups.vitale import RightsPeriod
from tla_sim.reader_fw.app.card_dialogue import CardWithdrawn
from tla_sim.reader_fw.app.certification import Candidate, Certifier, certify_each
from tla_sim.reader_fw.app.refusal import Refusal
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import DESMAUX, LEA, MAYA, MORNING, NURSE, SECRETARY

SERIAL = "TLA0001"
REAL = CardTerms(kind=CardKind.REAL)
ENDED = RightsPeriod(start=date(2018, 1, 1), end=date(2019, 3, 4))
CPS4 = CardTerms(model=CardModel.CPS4)
PAST = CardTerms(valid_until=date(2019, 3, 4))
LOT = Lot.of(
    LotHeader(number=7, owner=NURSE, recipient="CPAM - DEMONSTRATION", kind=1, mode=2),
    [LotDocument(number="190305028", total=15_620, digest="ab" * 32)],
)


@dataclass
class Desk:
    """A certifier whose counters are seen."""

    partial: bool = True
    counters: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.certifier = Certifier(SERIAL, ANCHORS, lambda: MORNING, self._next, self.partial)

    def _next(self) -> int:
        self.counters.append(len(self.counters) + 1)
        return self.counters[-1]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def candidate(number: int = 190_305_001, *, mode: SecurityMode = SecurityMode.SECURED) -> Candidate:
    """An invoice of the nurse for MARTIN."""
    invoice = make_invoice(number)
    fse = Fse(DocumentKind.FSE, mode, invoice.build())
    return Candidate(DocumentId(NURSE, invoice.number, DocumentKind.FSE), fse, invoice.beneficiary_key)


def partial(desk: Desk, number: int = 190_305_001) -> bytes:
    """A document that the secretary signed with the Vitale."""
    ps = inserted_ps(ps_image(SECRETARY, cpe=True), verified=True)
    return desk.certifier.certify(candidate(number), ps, inserted_vitale(vitale_image())).content


def refusal_of(refused: pytest.ExceptionInfo[Refusal]) -> Status | None:
    return refused.value.status


@pytest.mark.parametrize(
    ("image", "role", "state"),
    [
        (ps_image(MAYA), Role.TITULAIRE, InvoiceState.COMPLETE),
        (ps_image(SECRETARY, cpe=True), Role.PARTIAL, InvoiceState.PARTIAL),
        (ps_image(LEA), Role.PARTIAL, InvoiceState.PARTIAL),
        (ps_image(MAYA, may_sign=False), Role.PARTIAL, InvoiceState.PARTIAL),
        (ps_image(MAYA, terms=CPS4), Role.TITULAIRE, InvoiceState.COMPLETE),
        (ps_image(SECRETARY, cpe=True, terms=CPS4), Role.PARTIAL, InvoiceState.PARTIAL),
        (ps_image(SECRETARY, cpf=True), Role.PARTIAL, InvoiceState.PARTIAL),
    ],
    ids=["owner", "CPE", "colleague", "owner without the right", "owner, CPS4", "CPE, CPS4", "CPF"],
)
def test_what_a_card_makes_of_an_invoice(
    desk: Desk, image: CardImage, role: Role, state: InvoiceState
) -> None:
    ps, vitale = inserted_ps(image, verified=True), inserted_vitale(vitale_image())
    signed = desk.certifier.certify(candidate(), ps, vitale)
    fse = Fse.parse(signed.content)
    assert signed.state is fse.state is state
    assert [block.role for block in fse.blocks] == [Role.VITALE, role]
    contexts = [block.context for block in fse.blocks]
    assert [context.counter for context in contexts] == [1, 2] == desk.counters
    assert {(context.reader_serial, context.moment) for context in contexts} == {(SERIAL, MORNING)}
    assert {(context.vitale_serial, context.ps_serial) for context in contexts} == {
        (vitale.serial, ps.serial)
    }
    verify_fse(Document.of(fse), ANCHORS)


def test_a_reader_that_knows_no_partial_signature_takes_the_owners_card_alone() -> None:
    desk = Desk(partial=False)
    vitale = inserted_vitale(vitale_image())
    with pytest.raises(Refusal) as refused:
        desk.certifier.certify(candidate(), inserted_ps(ps_image(LEA), verified=True), vitale)
    assert refusal_of(refused) is Status.NOT_OWNER
    assert desk.counters == []
    signed = desk.certifier.certify(candidate(), inserted_ps(ps_image(MAYA), verified=True), vitale)
    assert signed.state is InvoiceState.COMPLETE


@pytest.mark.parametrize(
    ("ps", "vitale", "status"),
    [
        (ps_image(MAYA, terms=REAL), vitale_image(), Status.CARDS_MIXED),
        (ps_image(MAYA), vitale_image(terms=REAL), Status.CARDS_MIXED),
        (ps_image(MAYA, terms=PAST), vitale_image(), Status.PS_CARD_EXPIRED),
        (ps_image(MAYA), vitale_image(terms=PAST), Status.VITALE_UNUSABLE),
        (ps_image(MAYA, may_sign=False), vitale_image(), Status.NOT_ENTITLED),
    ],
    ids=["real CPS", "real Vitale", "CPS expired", "Vitale expired", "no right to sign"],
)
def test_cards_that_may_not_certify_together(
    desk: Desk, ps: CardImage, vitale: CardImage, status: Status
) -> None:
    with pytest.raises(Refusal) as refused:
        desk.certifier.check_pair(inserted_ps(ps), inserted_vitale(vitale))
    assert refusal_of(refused) is status


@pytest.mark.parametrize(
    ("vitale", "status"),
    [
        (vitale_image(DESMAUX), Status.BENEFICIARY_MISMATCH),
        (vitale_image(rights=ENDED), Status.NO_RIGHTS),
    ],
    ids=["another patient", "rights ended"],
)
def test_a_vitale_signs_for_its_own_patient_while_there_are_rights(
    desk: Desk, vitale: CardImage, status: Status
) -> None:
    with pytest.raises(Refusal) as refused:
        desk.certifier.certify(
            candidate(), inserted_ps(ps_image(MAYA), verified=True), inserted_vitale(vitale)
        )
    assert refusal_of(refused) is status
    assert desk.counters == []


def test_a_beneficiary_is_known_by_number_birth_and_rank_together(desk: Desk) -> None:
    vitale = inserted_vitale(vitale_image())
    (known,) = vitale.beneficiaries
    desk.certifier.check_beneficiary(known, vitale)
    for other in (
        replace(known, nir=DESMAUX.nir),
        replace(known, birth_date=BirthDate("19550813")),
        replace(known, birth_rank="2"),
    ):
        with pytest.raises(Refusal) as refused:
            desk.certifier.check_beneficiary(other, vitale)
        assert refusal_of(refused) is Status.BENEFICIARY_MISMATCH


def test_what_is_signed_or_degraded_is_not_certified_with_a_vitale(desk: Desk) -> None:
    ps, vitale = inserted_ps(ps_image(MAYA), verified=True), inserted_vitale(vitale_image())
    signed = Fse.parse(partial(desk))
    for wrong in (replace(candidate(), fse=signed), candidate(mode=SecurityMode.DEGRADED)):
        with pytest.raises(Refusal) as refused:
            desk.certifier.certify(wrong, ps, vitale)
        assert refusal_of(refused) is Status.INVOICE_STATE


def test_a_degraded_document_is_signed_by_its_owner_alone(desk: Desk) -> None:
    degraded = candidate(mode=SecurityMode.DEGRADED)
    signed = desk.certifier.certify_degraded(degraded, inserted_ps(ps_image(MAYA), verified=True))
    fse = Fse.parse(signed.content)
    assert [block.role for block in fse.blocks] == [Role.TITULAIRE]
    assert fse.blocks[0].context.vitale_serial == ""
    verify_fse(Document.of(fse), ANCHORS)
    for image, status in (
        (ps_image(LEA), Status.NOT_OWNER),
        (ps_image(SECRETARY, cpe=True), Status.NOT_OWNER),
        (ps_image(SECRETARY, cpf=True), Status.NOT_OWNER),
        (ps_image(MAYA, may_sign=False), Status.NOT_ENTITLED),
    ):
        with pytest.raises(Refusal) as refused:
            desk.certifier.certify_degraded(degraded, inserted_ps(image, verified=True))
        assert refusal_of(refused) is status
    with pytest.raises(Refusal) as refused:
        desk.certifier.certify_degraded(candidate(), inserted_ps(ps_image(MAYA), verified=True))
    assert refusal_of(refused) is Status.INVOICE_STATE


def test_the_owner_makes_a_partial_document_final(desk: Desk) -> None:
    raw = partial(desk)
    block = desk.certifier.sign_final(raw, inserted_ps(ps_image(MAYA), verified=True))
    fse = Fse.parse(raw + block.build())
    assert [each.role for each in fse.blocks] == [Role.VITALE, Role.PARTIAL, Role.TITULAIRE]
    assert block.context.counter == 3
    verify_fse(Document.of(fse), ANCHORS)


@pytest.mark.parametrize(
    ("image", "status"),
    [
        (ps_image(LEA), Status.NOT_OWNER),
        (ps_image(SECRETARY, cpe=True), Status.NOT_OWNER),
        (ps_image(SECRETARY, cpf=True), Status.NOT_OWNER),
        (ps_image(MAYA, may_sign=False), Status.NOT_ENTITLED),
        (ps_image(MAYA, terms=REAL), Status.CARDS_MIXED),
    ],
    ids=["colleague", "CPE", "CPF", "no right", "real card"],
)
def test_nobody_else_gives_the_final_signature(desk: Desk, image: CardImage, status: Status) -> None:
    raw = partial(desk)
    before = list(desk.counters)
    with pytest.raises(Refusal) as refused:
        desk.certifier.sign_final(raw, inserted_ps(image, verified=True))
    assert refusal_of(refused) is status
    assert desk.counters == before


def test_a_final_signature_goes_under_nothing_but_a_sound_partial_document(desk: Desk) -> None:
    ps = inserted_ps(ps_image(MAYA), verified=True)
    raw = partial(desk)
    altered = bytearray(raw)
    altered[-1] ^= 1
    complete = desk.certifier.certify(candidate(), ps, inserted_vitale(vitale_image())).content
    for content, status in (
        (bytes(altered), Status.SIGNATURE_INVALID),
        (raw[:-1], Status.WRONG_DATA),
        (b"", Status.WRONG_DATA),
        (complete, Status.INVOICE_STATE),
        (candidate().fse.build(), Status.INVOICE_STATE),
    ):
        with pytest.raises(Refusal) as refused:
            desk.certifier.sign_final(content, ps)
        assert refusal_of(refused) is status


def test_a_lot_is_signed_by_its_owner_with_the_right_to_sign_lots(desk: Desk) -> None:
    header = LOT.header_bytes()
    block = desk.certifier.sign_lot(header, inserted_ps(ps_image(MAYA), verified=True))
    assert block.role is Role.LOT
    verify_lot(header, block, ANCHORS)
    for image, content, status in (
        (ps_image(LEA), header, Status.NOT_OWNER),
        (ps_image(SECRETARY, cpe=True), header, Status.NOT_OWNER),
        (ps_image(SECRETARY, cpf=True), header, Status.NOT_OWNER),
        (ps_image(MAYA, may_sign=False), header, Status.NOT_ENTITLED),
        (ps_image(MAYA), header[:-1], Status.WRONG_DATA),
    ):
        with pytest.raises(Refusal) as refused:
            desk.certifier.sign_lot(content, inserted_ps(image, verified=True))
        assert refusal_of(refused) is status


def test_a_signature_that_does_not_hold_is_not_kept(desk: Desk) -> None:
    def spoilt(of: CardImage) -> Chip:
        """A chip whose signatures have one wrong bit: they are fetched by GET RESPONSE."""
        chip = Chip(of)

        def answer(apdu: bytes) -> bytes | None:
            if apdu[1] != 0xC0:
                return None
            said = chip.card.transmit(apdu)
            return bytes((said[0] ^ 1,)) + said[1:]

        chip.answer = answer
        return chip

    ps, vitale = inserted_ps(ps_image(MAYA), verified=True), inserted_vitale(vitale_image())
    bad_ps, bad_vitale = spoilt(ps_image(MAYA)), spoilt(vitale_image())
    for pair, status in (
        ((inserted_ps(bad_ps, verified=True), vitale), Status.PS_CARD_UNUSABLE),
        ((ps, inserted_vitale(bad_vitale)), Status.VITALE_UNUSABLE),
    ):
        with pytest.raises(Refusal) as refused:
            desk.certifier.certify(candidate(), *pair)
        assert refusal_of(refused) is status
    assert desk.counters == [1, 2, 3], "a counter that was taken is never given again"


def test_each_that_can_be_is_certified_and_the_others_say_why(desk: Desk) -> None:
    ps, vitale = inserted_ps(ps_image(MAYA), verified=True), inserted_vitale(vitale_image())
    stranger = replace(candidate(190_305_002), beneficiary=BeneficiaryKey(DESMAUX.nir, "19550812", "1"))
    signed, refused = certify_each(
        desk.certifier, [candidate(), stranger, candidate(190_305_003)], ps, vitale
    )
    assert [each.candidate.key.number for each in signed] == ["190305001", "190305003"]
    assert [(each.candidate, each.status) for each in refused] == [(stranger, Status.BENEFICIARY_MISMATCH)]


def test_a_card_that_leaves_ends_it_and_what_was_signed_counts(desk: Desk) -> None:
    signatures = 0

    def answer(apdu: bytes) -> bytes | None:
        nonlocal signatures
        signatures += apdu[1] == 0x2A
        if signatures > 1:
            raise CardWithdrawn("The card was taken out", "Insert it again")
        return None

    ps, vitale = inserted_ps(ps_image(MAYA), verified=True), inserted_vitale(Chip(vitale_image(), answer))
    three = [candidate(190_305_001 + at) for at in range(3)]
    signed, refused = certify_each(desk.certifier, three, ps, vitale)
    assert [each.candidate for each in signed] == three[:1]
    assert [(each.candidate, each.status) for each in refused] == [
        (each, Status.VITALE_WITHDRAWN) for each in three[1:]
    ]
    assert desk.counters == [1, 2, 3], "nothing is begun any more once a card is gone"


def test_without_a_vitale_what_is_certified_is_degraded(desk: Desk) -> None:
    ps = inserted_ps(ps_image(MAYA), verified=True)
    signed, refused = certify_each(desk.certifier, [candidate(mode=SecurityMode.DEGRADED)], ps, None)
    assert len(signed) == 1
    assert refused == []
