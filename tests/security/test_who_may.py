"""Nobody certifies, unloads or erases without the right card and its code, and the code does not last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.reader_kit import Bench, raw
from tla_sim.host.client import ReaderClient
from tla_sim.protocol.apdu import MAX_NE, CommandApdu
from tla_sim.protocol.card_kind import CardKind
from tla_sim.protocol.commands.certifying import CERTIFY, CertifyRequest
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA, Authentication, Command
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import StatusError
from tla_sim.reader_fw.app.session import AUTHENTICATION_IDLE_MS
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards import addresses as at
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import documents, invoices
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import CODE, LEA, MAYA, NURSE

GUARDED = [command for command in COMMANDS if command.needs is Authentication.PS_CODE]


def power_cycle(bench: Bench) -> None:
    bench.reader.power_off()
    bench.reader.power_on()


def swap_for_itself(bench: Bench) -> None:
    card = bench.reader.remove(Slot.PS)
    assert card is not None
    bench.reader.insert(Slot.PS, card)


def new_host(bench: Bench) -> None:
    for port in bench.reader.ports:
        port.reset()


ENDS: dict[str, Callable[[Bench], object]] = {
    "no card": lambda bench: bench.reader.remove(Slot.PS),
    "card out and in": swap_for_itself,
    "reader off and on": power_cycle,
    "a new host on the link": new_host,
    "ten idle minutes": lambda bench: bench.reader.tick(AUTHENTICATION_IDLE_MS + 1),
    "another card": lambda bench: bench.insert_ps(LEA),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("command", GUARDED, ids=lambda command: command.name)
def test_what_needs_the_code_is_refused_once_the_code_is_forgotten(
    command: Command[Any, Any], end: str
) -> None:
    bench = Bench()
    client = bench.client()
    load(client, documents(NURSE, 2))
    bench.insert_ps(MAYA)
    bench.insert_vitale()
    client.verify_code(CODE)
    before = bench.reader.app.store.entries(), bench.reader.app.store.counter
    ENDS[end](bench)
    request, _ = command.vectors[0][:2]
    data = command.request.build(request)
    answer = raw(bench.reader.ports[0], CommandApdu(CLA, command.ins, 0, 0, data, MAX_NE))
    assert answer.word in (Status.NOT_AUTHENTICATED, Status.PS_CARD_ABSENT)
    assert answer.data == b""
    assert (bench.reader.app.store.entries(), bench.reader.app.store.counter) == before


def test_the_guarded_commands_are_those_that_sign_and_let_go() -> None:
    names = {command.name for command in GUARDED}
    assert {"certify", "sign_final", "unload_fse", "acknowledge_fse", "erase"} <= names


def present_and_certify(client: ReaderClient, request: CertifyRequest) -> None:
    client.verify_code(CODE)
    client.call(CERTIFY, request)


def with_certificate_of(image: CardImage, fid: int, other: CardImage, its_fid: int) -> CardImage:
    """A card that shows the certificate of another one of the same serial number as its own."""
    (theirs,) = (each.content for each in other.contents.files if each.fid == its_fid)
    files = tuple(replace(each, content=theirs) if each.fid == fid else each for each in image.contents.files)
    return CardImage(replace(image.contents, files=files), image.code)


PS_OK, VITALE_OK = ps_image(MAYA), vitale_image()
SAME = CardTerms(serial=PS_OK.contents.serial)
PS_AS_VITALE = with_certificate_of(
    ps_image(MAYA), at.PS_SIGNATURE_CERTIFICATE, vitale_image(terms=SAME), at.VITALE_CERTIFICATE
)
VITALE_AS_PS = with_certificate_of(
    vitale_image(terms=SAME), at.VITALE_CERTIFICATE, PS_OK, at.PS_SIGNATURE_CERTIFICATE
)
PAST = date(2019, 3, 4)


@pytest.mark.parametrize(
    ("ps", "vitale", "kinds", "status"),
    [
        (
            ps_image(MAYA, terms=CardTerms(valid_until=PAST)),
            VITALE_OK,
            tuple(CardKind),
            Status.PS_CARD_EXPIRED,
        ),
        (PS_OK, vitale_image(terms=CardTerms(valid_until=PAST)), tuple(CardKind), Status.VITALE_UNUSABLE),
        (PS_OK, VITALE_OK, (CardKind.REAL,), Status.PS_CARD_UNUSABLE),
        (PS_OK, vitale_image(terms=CardTerms(kind=CardKind.REAL)), tuple(CardKind), Status.CARDS_MIXED),
        (PS_OK, PS_OK, tuple(CardKind), Status.VITALE_UNUSABLE),
        (VITALE_OK, VITALE_OK, tuple(CardKind), Status.PS_CARD_UNUSABLE),
        (PS_AS_VITALE, VITALE_OK, tuple(CardKind), Status.PS_CARD_UNUSABLE),
        (PS_OK, VITALE_AS_PS, tuple(CardKind), Status.VITALE_UNUSABLE),
        (ps_image(MAYA, may_sign=False), VITALE_OK, tuple(CardKind), Status.NOT_ENTITLED),
    ],
    ids=[
        "CPS expired",
        "Vitale expired",
        "other CA",
        "mixed",
        "CPS as Vitale",
        "Vitale as CPS",
        "CPS with a Vitale's certificate",
        "Vitale with a CPS's",
        "no right",
    ],
)
def test_cards_that_may_not_sign_do_not(
    ps: CardImage, vitale: CardImage, kinds: tuple[CardKind, ...], status: Status
) -> None:
    bench = Bench()
    bench.reader.power_off()
    bench.reader = Reader(bench.reader.board, bench.profile, TrustAnchors.shipped(kinds))
    bench.reader.power_on()
    bench.reader.insert(Slot.PS, bench.card(ps))
    bench.reader.insert(Slot.VITALE, bench.card(vitale))
    client = bench.client()
    content = invoices(NURSE, 1)[0].build()
    request = CertifyRequest(DocumentKind.FSE, SecurityMode.SECURED, content)
    with pytest.raises(StatusError) as refusal:
        present_and_certify(client, request)
    assert refusal.value.status is status
    assert not bench.reader.app.store.entries()
    assert bench.reader.app.store.counter == 0


@pytest.mark.parametrize("code", ["0000", "12345678", "1235"])
def test_a_wrong_code_signs_nothing_on_the_visit(code: str) -> None:
    bench = Bench()
    load(bench.client(), documents(NURSE, 2))
    bench.unplug()
    bench.insert_ps()
    bench.insert_vitale()
    bench.press("VAL")
    bench.type_code(code)
    assert "CODE PORTEUR FAUX" in bench.text
    assert {entry.state for entry in bench.reader.app.store.entries()} == {InvoiceState.LOADED}


class SignsOther(Card):
    """A card that signs something else than it was given."""

    def transmit(self, apdu: bytes) -> bytes:
        if apdu[1:4] == bytes.fromhex("2A9E9A"):
            apdu = apdu[:-1] + bytes((apdu[-1] ^ 1,))
        return super().transmit(apdu)


@pytest.mark.parametrize(
    ("slot", "status"), [(Slot.PS, Status.PS_CARD_UNUSABLE), (Slot.VITALE, Status.VITALE_UNUSABLE)]
)
def test_a_signature_that_does_not_hold_is_not_kept(slot: Slot, status: Status) -> None:
    bench = Bench()
    images = {Slot.PS: PS_OK, Slot.VITALE: VITALE_OK}
    for each, image in images.items():
        made = SignsOther if each is slot else Card
        bench.reader.insert(each, made(image, bench.entropy))
    client = bench.client()
    content = invoices(NURSE, 1)[0].build()
    request = CertifyRequest(DocumentKind.FSE, SecurityMode.SECURED, content)
    with pytest.raises(StatusError) as refusal:
        present_and_certify(client, request)
    assert refusal.value.status is status
    assert not bench.reader.app.store.entries()
    sound = bench.card(images[slot])
    bench.reader.remove(slot)
    bench.reader.insert(slot, sound)
    present_and_certify(client, request)
    assert len(bench.reader.app.store.entries()) == 1
