"""The reader as a whole: commands in and out of order, who may do what, power, several hosts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reader_kit import Bench, raw
from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.card_kind import CardKind, CardModel
from tla_sim.protocol.commands.cards import VERIFY_CODE
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import Command
from tla_sim.protocol.commands.identity import IDENTIFY
from tla_sim.protocol.commands.loading import LoadedBatch, LoadOpening
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Fse, Role, SecurityMode, SignatureBlock
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.load import batch_digest
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.protocol.errors import ReaderHeld, StatusError
from tla_sim.protocol.groups.vitale import RightsPeriod
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.handlers.dispatch import handlers
from tla_sim.reader_fw.app.session import AUTHENTICATION_IDLE_MS, HOLD_IDLE_MS
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.reader_fw.reader import ReaderOff
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import documents, invoices
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import CODE, DESMAUX, DOCTOR, LEA, MAYA, NURSE, PAUL, SECRETARY
from tla_sim.tools.testing.strategies import requests

ANCHORS = TrustAnchors.shipped()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def refused(status: Status) -> pytest.RaisesExc[StatusError]:
    return pytest.raises(StatusError, match=status.en)


def certified_at_home(bench: Bench) -> None:
    """Two owners' invoices loaded, certified with the nurse's card."""
    client = bench.client()
    load(client, documents(NURSE, 2))
    load(client, documents(DOCTOR, 2))
    bench.unplug()
    bench.insert_ps(MAYA)
    bench.insert_vitale()
    bench.press("VAL")
    bench.type_code()


def test_every_declared_command_has_its_handler() -> None:
    assert sorted(handlers()) == [command.ins for command in COMMANDS]


def test_identity_configuration_and_diagnostics(bench: Bench) -> None:
    client = bench.client()
    identity = client.identify()
    assert (identity.major, identity.minor) == (1, 40)
    assert identity.max_owners >= 16
    assert identity.max_invoices >= 1000
    component, tables = client.configuration()
    assert (component.component_name, tables.component_name) == ("Log_SV", "Tables")
    assert component.component_version == "1.40"
    assert component.serial_number == identity.serial_number
    assert len(component.component_checksum) == 8
    health = client.diagnostics()
    assert not health.ps_card
    bench.insert_ps()
    assert client.diagnostics().ps_card
    assert client.diagnostics().boots == 1


def test_the_clock_is_set_and_kept_across_power_cycles(bench: Bench) -> None:
    client = bench.client()
    before = client.clock()
    assert client.set_clock(before + 3_600_000) == before
    bench.replace_reader()
    assert bench.client().clock() == before + 3_600_000


def test_a_reader_keeps_its_serial_number_and_counts_its_starts(bench: Bench) -> None:
    serial = bench.client().identify().serial_number
    bench.replace_reader()
    client = bench.client()
    assert client.identify().serial_number == serial
    assert client.diagnostics().boots == 2


def test_a_load_counts_whole_or_not_at_all(bench: Bench) -> None:
    client = bench.client()
    sent = documents(NURSE, 3)
    contents = tuple(each.content for each in sent)
    client.open_load(LoadOpening(NURSE, bytes(16), 3, 999))
    client.load_batch(
        LoadedBatch(0, DocumentKind.FSE, SecurityMode.SECURED, batch_digest(contents[:2]), contents[:2])
    )
    assert client.list_documents() == ()
    with refused(Status.CONDITIONS_NOT_SATISFIED):
        client.commit_load(bytes(16), 3)
    assert client.list_documents() == ()
    bench.replace_reader()
    client = bench.client()
    assert client.list_documents() == ()
    opened = client.open_load(LoadOpening(NURSE, bytes(16), 3, 999))
    assert opened.present == b"\x03"
    client.load_batch(
        LoadedBatch(2, DocumentKind.FSE, SecurityMode.SECURED, batch_digest(contents[2:]), contents[2:])
    )
    assert client.commit_load(bytes(16), 3) == 3
    listed = client.list_documents()
    assert [(each.id, each.state, each.fingerprint) for each in listed] == [
        (each.id, InvoiceState.LOADED, each.fingerprint) for each in sent
    ]


def test_loading_the_same_again_stores_it_once(bench: Bench) -> None:
    client = bench.client()
    sent = documents(NURSE, 3)
    assert load(client, sent) == 3
    assert load(client, sent) == 3
    assert load(client, sent[:2]) == 2
    assert len(client.list_documents()) == 3


def test_another_content_under_the_same_number_is_refused(bench: Bench) -> None:
    client = bench.client()
    load(client, documents(NURSE, 2))
    other = invoices(NURSE, 1)[0]
    other = replace(other, patient=replace(other.patient, last_name="AUTRE"))
    content = other.build()
    client.open_load(LoadOpening(NURSE, b"x" * 16, 1, len(content)))
    with refused(Status.INVOICE_CONFLICT):
        client.load_batch(
            LoadedBatch(0, DocumentKind.FSE, SecurityMode.SECURED, batch_digest([content]), (content,))
        )


def test_what_a_load_may_not_be(bench: Bench) -> None:
    client = bench.client()
    (sent,) = documents(NURSE, 1)
    batch = LoadedBatch(
        0, DocumentKind.FSE, SecurityMode.SECURED, batch_digest([sent.content]), (sent.content,)
    )
    with refused(Status.CONDITIONS_NOT_SATISFIED):
        client.load_batch(batch)
    client.open_load(LoadOpening(DOCTOR, bytes(16), 1, 999))
    with refused(Status.NOT_OWNER):
        client.load_batch(batch)
    with refused(Status.DIGEST_MISMATCH):
        client.load_batch(replace(batch, digest=bytes(32)))
    with refused(Status.CONDITIONS_NOT_SATISFIED):
        client.load_batch(replace(batch, first=1))
    garbage = b"garbage"
    with refused(Status.WRONG_DATA):
        client.load_batch(
            LoadedBatch(0, DocumentKind.FSE, SecurityMode.SECURED, batch_digest([garbage]), (garbage,))
        )
    with refused(Status.CONDITIONS_NOT_SATISFIED):
        client.commit_load(b"y" * 16, 1)
    with refused(Status.WRONG_DATA):
        client.open_load(LoadOpening("not digits", bytes(16), 1, 1))
    assert client.list_documents() == ()


def test_unloading_and_erasing_need_a_card_and_its_code(bench: Bench) -> None:
    certified_at_home(bench)
    client = bench.client()
    names = [DocumentId(NURSE, "190305001", DocumentKind.FSE)]
    with refused(Status.NOT_AUTHENTICATED):
        client.unload(names)
    with refused(Status.NOT_AUTHENTICATED):
        client.erase(NURSE)
    bench.reader.remove(Slot.PS)
    with refused(Status.PS_CARD_ABSENT):
        client.unload(names)
    with refused(Status.PS_CARD_ABSENT):
        client.beneficiaries(NURSE)


def test_the_round_at_home_makes_the_owners_complete_and_the_others_partial(bench: Bench) -> None:
    certified_at_home(bench)
    assert "4 FACTURES SIGNEES" in bench.text
    client = bench.client()
    client.verify_code(CODE)
    listed = client.list_documents()
    states = {(each.id.owner, each.state) for each in listed}
    assert states == {(NURSE, InvoiceState.COMPLETE), (DOCTOR, InvoiceState.PARTIAL)}
    answers = client.unload([each.id for each in listed])
    counters = []
    for entry, answer in zip(listed, answers, strict=True):
        assert answer.status == Status.OK
        assert digest(answer.content)[:8] == entry.fingerprint
        verified = verify_fse(Document(answer.content), ANCHORS)
        assert verified.signers[1].name == "PIQURE2969 MAYA"
        assert verified.fse.invoice_bytes in [each.content for each in documents(entry.id.owner, 2)]
        counters += [block.context.counter for block in verified.fse.blocks]
    assert sorted(counters) == sorted(frozenset(counters))


def test_only_the_owner_or_a_signer_takes_documents_out(bench: Bench) -> None:
    certified_at_home(bench)
    bench.insert_ps(LEA)
    client = bench.client()
    client.verify_code(CODE)
    (answer,) = client.unload([DocumentId(DOCTOR, "190305001", DocumentKind.FSE)])
    assert answer.status == Status.NOT_OWNER
    assert answer.content == b""
    with refused(Status.NOT_OWNER):
        entry = client.list_documents(DOCTOR)[0]
        client.acknowledge({entry.id: entry.fingerprint})
    with refused(Status.NOT_OWNER):
        client.beneficiaries(DOCTOR)
    with refused(Status.NOT_ACKNOWLEDGED):
        client.erase(DOCTOR)
    bench.insert_ps(PAUL)
    client.verify_code(CODE)
    (answer,) = client.unload([DocumentId(DOCTOR, "190305001", DocumentKind.FSE)])
    assert answer.status == Status.OK
    assert client.erase(DOCTOR) == 2


def test_acknowledging_needs_the_right_digest_and_may_be_repeated(bench: Bench) -> None:
    certified_at_home(bench)
    client = bench.client()
    client.verify_code(CODE)
    entry = client.list_documents(NURSE)[0]
    with refused(Status.DIGEST_MISMATCH):
        client.acknowledge({entry.id: bytes(8)})
    assert client.acknowledge({entry.id: entry.fingerprint}) == 1
    assert client.acknowledge({entry.id: entry.fingerprint}) == 0
    assert len(client.list_documents(NURSE)) == 1
    load(client, documents("75600009", 1))
    loaded = client.list_documents("75600009")[0]
    with refused(Status.INVOICE_STATE):
        client.acknowledge({loaded.id: loaded.fingerprint})


def test_a_pushed_pulled_and_pushed_again_invoice_is_loaded_again(bench: Bench) -> None:
    client = bench.client()
    sent = documents(NURSE, 1)
    load(client, sent)
    bench.insert_ps()
    client.verify_code(CODE)
    assert client.erase(NURSE) == 1
    assert load(client, sent) == 1
    assert len(client.list_documents()) == 1
    bench.unplug()
    bench.insert_vitale()
    bench.press("DOWN", "MENU", "MENU", "VAL")
    assert "FACTURE ANNULEE" in bench.text
    client = bench.client()
    client.verify_code(CODE)
    (entry,) = client.list_documents()
    assert entry.state == InvoiceState.CANCELLED
    client.acknowledge({entry.id: entry.fingerprint})
    assert client.list_documents() == ()
    assert load(client, sent) == 1
    assert len(client.list_documents()) == 1


def test_beneficiaries_met_on_the_round_come_back(bench: Bench) -> None:
    certified_at_home(bench)
    client = bench.client()
    client.verify_code(CODE)
    groups = client.beneficiaries(DOCTOR)
    assert [group.DECLARATION.number for group in groups] == [101, 104, 105]
    client.erase(NURSE)
    assert client.beneficiaries(NURSE) == ()


def test_desk_certification_with_a_cpe_and_the_final_signature(bench: Bench) -> None:
    bench.insert_ps(SECRETARY, cpe=True)
    bench.insert_vitale()
    client = bench.client()
    client.verify_code(CODE)
    content = invoices(DOCTOR, 1)[0].build()
    first = client.certify(DocumentKind.FSE, SecurityMode.SECURED, content)
    assert client.certify(DocumentKind.FSE, SecurityMode.SECURED, content) == first
    fse = Fse.parse(first)
    assert [block.role for block in fse.blocks] == [Role.VITALE, Role.PARTIAL]
    (answer,) = client.sign_final([first])
    assert answer.status == Status.NOT_OWNER
    bench.insert_ps(MAYA)
    client.verify_code(CODE)
    (answer,) = client.sign_final([first])
    assert answer.status == Status.NOT_OWNER
    bench.insert_ps(PAUL)
    client.verify_code(CODE)
    (answer,) = client.sign_final([first])
    assert answer.status == Status.OK
    final = fse.with_blocks(SignatureBlock.parse(answer.block))
    verified = verify_fse(Document.of(final), ANCHORS)
    assert verified.state is InvoiceState.FINAL
    assert verified.signers[-1].name == "TOUBIB PAUL"
    (again,) = client.sign_final([final.build()])
    assert again.status == Status.INVOICE_STATE


def test_an_altered_document_gets_no_final_signature(bench: Bench) -> None:
    bench.insert_ps(SECRETARY, cpe=True)
    bench.insert_vitale()
    client = bench.client()
    client.verify_code(CODE)
    good = client.certify(DocumentKind.FSE, SecurityMode.SECURED, invoices(DOCTOR, 1)[0].build())
    bench.insert_ps(PAUL)
    client.verify_code(CODE)
    for position in (len(good) - 1, good.index(b"MARTIN"), len(good) // 2):
        bad = good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :]
        (answer,) = client.sign_final([bad])
        assert answer.status in (Status.SIGNATURE_INVALID, Status.WRONG_DATA)
        assert answer.block == b""


@pytest.mark.parametrize(
    ("vitale", "status"),
    [
        (vitale_image(DESMAUX), Status.BENEFICIARY_MISMATCH),
        (
            vitale_image(rights=RightsPeriod(start=date(2018, 1, 1), end=date(2018, 12, 31))),
            Status.NO_RIGHTS,
        ),
        (vitale_image(terms=CardTerms(kind=CardKind.REAL)), Status.CARDS_MIXED),
        (vitale_image(terms=CardTerms(valid_until=date(2019, 3, 4))), Status.VITALE_UNUSABLE),
        (vitale_image(terms=CardTerms(model=CardModel.VITALE_1)), Status.VITALE_NOT_READ),
    ],
)
def test_a_vitale_that_does_not_fit_certifies_nothing(bench: Bench, vitale: object, status: Status) -> None:
    bench.insert_ps(MAYA)
    bench.insert_vitale(vitale)  # type: ignore[arg-type]
    client = bench.client()
    client.verify_code(CODE)
    with refused(status):
        client.certify(DocumentKind.FSE, SecurityMode.SECURED, invoices(NURSE, 1)[0].build())
    assert client.list_documents() == ()


def test_rights_hold_on_their_last_day_at_the_readers_date(bench: Bench) -> None:
    bench.insert_ps(MAYA)
    ending = vitale_image(rights=RightsPeriod(start=date(2018, 1, 1), end=date(2019, 3, 5)))
    bench.insert_vitale(ending)
    client = bench.client()
    client.verify_code(CODE)
    first, second = (invoice.build() for invoice in invoices(NURSE, 2))
    assert client.certify(DocumentKind.FSE, SecurityMode.SECURED, first)
    client.set_clock(client.clock() + 24 * 3_600_000)
    with refused(Status.NO_RIGHTS):
        client.certify(DocumentKind.FSE, SecurityMode.SECURED, second)


def test_a_card_without_the_right_or_expired_signs_nothing(bench: Bench) -> None:
    bench.insert_ps(MAYA, may_sign=False)
    bench.insert_vitale()
    client = bench.client()
    client.verify_code(CODE)
    content = invoices(NURSE, 1)[0].build()
    with refused(Status.NOT_ENTITLED):
        client.certify(DocumentKind.FSE, SecurityMode.SECURED, content)
    bench.reader.remove(Slot.PS)
    bench.reader.insert(Slot.PS, bench.card(ps_image(MAYA, terms=CardTerms(valid_until=date(2019, 3, 4)))))
    with refused(Status.PS_CARD_EXPIRED):
        client.verify_code(CODE)


def test_without_a_vitale_nothing_is_certified(bench: Bench) -> None:
    bench.insert_ps(MAYA)
    client = bench.client()
    client.verify_code(CODE)
    with refused(Status.VITALE_ABSENT):
        client.certify(DocumentKind.FSE, SecurityMode.SECURED, invoices(NURSE, 1)[0].build())


def test_three_wrong_codes_block_the_card_across_power_cycles(bench: Bench) -> None:
    card = bench.insert_ps(MAYA)
    client = bench.client()
    for left in (2, 1, 0):
        with pytest.raises(StatusError, match=f"{left} (try|tries) left|blocked"):
            client.verify_code("9999")
    with refused(Status.CODE_BLOCKED):
        client.verify_code(CODE)
    bench.reader.remove(Slot.PS)
    bench.reader.insert(Slot.PS, card)
    bench.replace_reader()
    bench.reader.insert(Slot.PS, card)
    with refused(Status.CODE_BLOCKED):
        bench.client().verify_code(CODE)


def test_taking_the_card_out_forgets_its_code(bench: Bench) -> None:
    card = bench.insert_ps(MAYA)
    client = bench.client()
    client.verify_code(CODE)
    assert client.read_ps_card().verified
    bench.reader.remove(Slot.PS)
    bench.reader.insert(Slot.PS, card)
    assert not client.read_ps_card().verified
    with refused(Status.NOT_AUTHENTICATED):
        client.erase(NURSE)


def test_an_idle_authentication_dies(bench: Bench) -> None:
    bench.insert_ps(MAYA)
    client = bench.client()
    client.verify_code(CODE)
    bench.reader.tick(AUTHENTICATION_IDLE_MS - 1_000)
    client.erase(NURSE)
    bench.reader.tick(AUTHENTICATION_IDLE_MS + 1)
    with refused(Status.NOT_AUTHENTICATED):
        client.erase(NURSE)


def test_a_code_lost_by_the_card_is_told_as_such(bench: Bench) -> None:
    card = bench.insert_ps(MAYA)
    bench.insert_vitale()
    client = bench.client()
    client.verify_code(CODE)
    card.power_on()
    with refused(Status.CODE_LOST):
        client.certify(DocumentKind.FSE, SecurityMode.SECURED, invoices(NURSE, 1)[0].build())
    assert client.list_documents() == ()


def test_a_recorded_code_opens_nothing(bench: Bench) -> None:
    bench.insert_ps(MAYA)
    port = bench.reader.attach("host")
    sent: list[bytes] = []

    class Recorder(InProcessTransport):
        def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
            sent.append(apdu)
            return super().transmit(apdu, lad)

    ReaderClient(Recorder(port.exchange), bench.entropy.take).verify_code(CODE)
    assert all(CODE.encode() not in apdu for apdu in sent)
    port.reset()
    answers = {apdu[1]: raw(port, apdu).word for apdu in sent}
    assert answers[VERIFY_CODE.ins] in (Status.WRONG_DATA, Status.CONDITIONS_NOT_SATISFIED)
    with refused(Status.NOT_AUTHENTICATED):
        ReaderClient(InProcessTransport(port.exchange), bench.entropy.take).erase(NURSE)
    assert ReaderClient(InProcessTransport(port.exchange), bench.entropy.take).read_ps_card().tries_left == 3


def test_a_code_typed_at_the_reader(bench: Bench) -> None:
    bench.insert_ps(MAYA)
    port = bench.reader.attach("host")
    presentation = bytes.fromhex("8024000003000000")
    port.begin(Lad.LOG_SV, presentation)
    assert bench.text.startswith("CODE PORTEUR")
    bench.press("9", "COR", *CODE)
    assert "****" in bench.text
    assert CODE not in bench.text
    bench.press("VAL")
    assert bench.reader.finish(port) == b"\x90\x00"
    assert bench.text == "ATTENTE ORDRE"
    port.begin(Lad.LOG_SV, presentation)
    answer = bench.reader.finish(port)
    assert answer == int(Status.EXCHANGE_ABANDONED).to_bytes(2, "big")
    assert bench.text == "ATTENTE ORDRE"


@pytest.mark.parametrize("typed", ["", CODE])
def test_a_card_taken_out_while_its_code_is_typed_is_answered_at_once(bench: Bench, typed: str) -> None:
    bench.insert_ps(MAYA)
    bench.insert_vitale()
    port = bench.reader.attach("host")
    port.begin(Lad.LOG_SV, bytes.fromhex("8024000003000000"))
    bench.press(*typed)
    bench.reader.remove(Slot.VITALE)
    assert bench.text.startswith("CODE PORTEUR"), "the code is not the Vitale's"
    bench.reader.remove(Slot.PS)
    assert bench.text == "ATTENTE ORDRE"
    assert port.due_ms == bench.reader.board.clock.now_ms
    assert port.poll() == int(Status.PS_CARD_ABSENT).to_bytes(2, "big")
    bench.press("VAL")
    bench.insert_ps(MAYA)
    assert ReaderClient(InProcessTransport(port.exchange), bench.entropy.take).read_ps_card().tries_left == 3


def test_a_second_host_in_between_is_told_that_the_reader_is_held(bench: Bench) -> None:
    first, second = bench.client(), bench.client()
    first.open_load(LoadOpening(NURSE, bytes(16), 1, 999))
    with pytest.raises(ReaderHeld):
        second.identify()
    sent = documents(NURSE, 1)
    load(first, sent)
    assert len(second.list_documents()) == 1
    bench.insert_ps(MAYA)
    second.verify_code(CODE)
    with pytest.raises(ReaderHeld):
        first.list_documents()
    bench.reader.tick(HOLD_IDLE_MS + 1)
    assert len(first.list_documents()) == 1


def test_a_reset_link_loses_its_session_and_frees_the_reader(bench: Bench) -> None:
    bench.insert_ps(MAYA)
    port = bench.reader.attach("first")
    client = ReaderClient(InProcessTransport(port.exchange), bench.entropy.take)
    client.verify_code(CODE)
    port.reset()
    assert bench.client().identify()
    with refused(Status.NOT_AUTHENTICATED):
        client.erase(NURSE)


def test_the_signature_counter_never_goes_back(bench: Bench) -> None:
    bench.insert_ps(MAYA)
    bench.insert_vitale()
    seen: list[int] = []
    cards = [bench.reader.remove(slot) for slot in Slot]
    for number, invoice in enumerate(invoices(NURSE, 5)):
        for slot, card in zip(Slot, cards, strict=True):
            assert card is not None
            bench.reader.insert(slot, card)
        client = bench.client()
        client.verify_code(CODE)
        fse = Fse.parse(client.certify(DocumentKind.FSE, SecurityMode.SECURED, invoice.build()))
        seen += [block.context.counter for block in fse.blocks]
        assert client.diagnostics().signature_counter >= seen[-1]
        bench.replace_reader()
        assert bench.client().diagnostics().boots == number + 2
    assert seen == sorted(frozenset(seen))


def test_an_opened_reader_takes_and_signs_nothing_but_gives_back(bench: Bench) -> None:
    certified_at_home(bench)
    bench.reader.board.tamper.open_case()
    client = bench.client()
    client.verify_code(CODE)
    assert client.diagnostics().tamper
    with refused(Status.TAMPERED):
        client.open_load(LoadOpening(NURSE, bytes(16), 1, 9))
    with refused(Status.TAMPERED):
        client.certify(DocumentKind.FSE, SecurityMode.SECURED, invoices(LEA.number, 1)[0].build())
    (answer,) = client.unload([DocumentId(NURSE, "190305001", DocumentKind.FSE)])
    assert answer.status == Status.OK


def test_a_full_reader_says_so_and_still_gives_back() -> None:
    bench = Bench(profile=replace(Bench().profile, max_documents=3))
    client = bench.client()
    load(client, documents(NURSE, 3))
    with refused(Status.NO_FREE_SLOT):
        client.open_load(LoadOpening(DOCTOR, bytes(16), 1, 300))
    assert len(client.list_documents()) == 3


def test_off_means_off(bench: Bench) -> None:
    port = bench.reader.attach("host")
    bench.reader.power_off()
    assert bench.text == ""
    with pytest.raises(ReaderOff):
        port.begin(Lad.LOG_SV, bytes.fromhex("8010000000"))
    bench.press("VAL")
    bench.reader.power_on()
    assert bench.text == "ATTENTE ORDRE"


def test_raw_apdus_reach_the_cards(bench: Bench) -> None:
    port = bench.reader.attach("host")
    assert raw(port, b"\0\xb0\x9c\0\0", Lad.PS).word == Status.PS_CARD_ABSENT
    bench.insert_ps(MAYA)
    card = bench.reader.board.slots.card(Slot.PS)
    assert isinstance(card, Card)
    assert raw(port, bytes.fromhex("00B09C000C"), Lad.PS).data.hex() == f"5a0a{card.serial}"
    assert raw(port, bytes.fromhex("00A4040C043F002F01"), Lad.PS).word == 0x6A82


def test_what_a_host_does_to_the_card_itself_keeps_nobody_from_certifying(bench: Bench) -> None:
    port = bench.reader.attach("host")
    bench.insert_ps(MAYA)
    bench.insert_vitale()
    client = ReaderClient(InProcessTransport(port.exchange), bench.entropy.take)
    client.verify_code(CODE)
    assert raw(port, bytes.fromhex("00A4000C023F00"), Lad.PS).word == Status.OK
    fse = client.certify(DocumentKind.FSE, SecurityMode.SECURED, invoices(NURSE, 1)[0].build())
    assert verify_fse(Document(fse), ANCHORS).state is InvoiceState.COMPLETE


_SHARED = Bench(flash_size=512 * 1024)
_SHARED.reader.attach("fuzz")


@settings(max_examples=100)
@given(st.binary(max_size=64))
def test_any_bytes_answer_a_status_and_change_nothing_when_refused(apdu: bytes) -> None:
    before = bytes(_SHARED.image)
    status = raw(_SHARED.reader.ports[0], apdu).status
    assert status is not None
    assert status is Status.OK or bytes(_SHARED.image) == before


@settings(max_examples=100)
@given(st.sampled_from(list(COMMANDS)), st.sampled_from([0, 0, 0, 1]), st.data())
def test_a_command_answers_what_it_declares_and_changes_nothing_when_refused(
    command: Command[Any, Any], p1: int, data: st.DataObject
) -> None:
    bench = Bench(flash_size=512 * 1024)
    bench.insert_ps(MAYA)
    client = bench.client()
    client.verify_code(CODE)
    body = data.draw(requests(command).map(command.request.build) | st.binary(max_size=64))
    before = bytes(bench.image)
    status = raw(bench.reader.ports[0], CommandApdu(0x80, command.ins, p1, 0, body)).status
    assert status in command.statuses
    assert status is Status.OK or bytes(bench.image) == before


def test_a_command_that_changes_something_is_seen_in_the_flash(bench: Bench) -> None:
    before = bytes(bench.image)
    client = bench.client()
    client.set_clock(client.clock() + 1)
    assert bytes(bench.image) != before


def test_a_truncated_or_unknown_command(bench: Bench) -> None:
    port = bench.reader.attach("host")
    assert raw(port, b"\x80").word == Status.WRONG_LENGTH
    assert raw(port, b"\x80\x10\0\0\x05ab").word == Status.WRONG_LENGTH
    assert raw(port, CommandApdu(0x80, 0x99)).word == Status.INSTRUCTION_NOT_SUPPORTED
    assert raw(port, CommandApdu(0x00, IDENTIFY.ins)).word == Status.CLASS_NOT_SUPPORTED
    assert raw(port, CommandApdu(0x80, IDENTIFY.ins, 1)).word == Status.WRONG_PARAMETERS
    assert raw(port, CommandApdu(0x80, IDENTIFY.ins, data=b"x")).word == Status.WRONG_DATA
