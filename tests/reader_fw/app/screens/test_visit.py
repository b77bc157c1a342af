"""The screens of a visit: what the person sees, and what the keys do."""

from __future__ import annotations

from datetime import date

import pytest

from tests.reader_kit import Bench
from tla_sim.host.documents import OutgoingDocument
from tla_sim.protocol.card_kind import CardKind, CardModel
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.groups.vitale import RightsPeriod
from tla_sim.reader_fw.app.screens.code_entry import TIMEOUT_MS, CodeEntry, Entry
from tla_sim.reader_fw.app.screens.visit import fold_status
from tla_sim.reader_fw.app.store.sealing import RecordDamaged
from tla_sim.reader_fw.board.display import COLUMNS, fold
from tla_sim.reader_fw.board.flash import FlashOperation, NorFlash, Operation, SectorFailed
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import documents, invoices, make_ccam_act, with_acts
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import CODE, DESMAUX, DOCTOR, MAYA, NURSE, SECRETARY


@pytest.fixture
def visit() -> Bench:
    """Off the cable, with two invoices of the nurse and one of the doctor for MARTIN PAUL."""
    bench = Bench()
    client = bench.client()
    load(client, documents(NURSE, 2))
    load(client, documents(DOCTOR, 1))
    bench.unplug()
    return bench


def states(bench: Bench) -> list[InvoiceState]:
    return [entry.state for entry in bench.reader.app.store.entries()]


def test_on_the_cable_the_reader_waits_for_orders(visit: Bench) -> None:
    visit.client()
    assert visit.text == "ATTENTE ORDRE"
    visit.unplug()
    assert "INSEREZ LA CARTE\nVITALE DU PATIENT" in visit.text


def test_home_shows_version_clock_and_what_waits(visit: Bench) -> None:
    assert visit.reader.display[0] == "TLA 1.40 05/03 08:00"
    assert visit.reader.display[3] == "A CERTIFIER        3"
    visit.reader.tick(60_000)
    assert visit.reader.display[0].endswith("08:01")


def test_every_screen_is_four_lines_of_twenty(visit: Bench) -> None:
    visit.insert_vitale()
    visit.insert_ps()
    for key in ("DOWN", "MENU", "DOWN", "MENU", "ANN", "ANN", "DOWN", "UP", "UP", "VAL", "1", "VAL", "ANN"):
        visit.press(key)
        assert [len(line) for line in visit.reader.display] == [20] * 4


def test_a_vitale_lists_its_patients_invoices_by_owner(visit: Bench) -> None:
    visit.insert_vitale()
    assert visit.text.splitlines()[:3] == ["MARTIN PAUL", "TOUTES LES FACTURES", "3 A CERTIFIER 468,61"]
    seen = []
    for _ in range(3):
        visit.press("DOWN")
        seen.append(visit.reader.display)
    assert [screen[1] for screen in seen] == ["190305001   05/03/19"] * 2 + ["190305002   05/03/19"]
    assert seen[0][2] == "MARTIN PAUL   156,20"
    assert [screen[3][:3] for screen in seen] == ["1/3", "2/3", "3/3"]
    visit.press("DOWN")
    assert "TOUTES LES FACTURES" in visit.text


def test_a_patient_without_invoices_is_told(visit: Bench) -> None:
    visit.insert_vitale(vitale_image(DESMAUX))
    assert "AUCUNE FACTURE" in visit.text
    assert "DESMAUX" in visit.text
    visit.reader.remove(Slot.VITALE)
    assert "INSEREZ LA CARTE" in visit.text


def test_one_invoice_alone_can_be_certified(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("DOWN", "VAL")
    visit.type_code()
    assert visit.text.startswith("1 FACTURE SIGNEE")
    assert sorted(states(visit)) == [InvoiceState.LOADED, InvoiceState.LOADED, InvoiceState.PARTIAL]
    visit.press("VAL")
    assert "2 A CERTIFIER" in visit.text
    visit.press("DOWN")
    assert "PARTIELLE" in visit.text
    visit.press("VAL")
    assert "RIEN A CERTIFIER" in visit.text


def test_a_wrong_code_says_how_many_tries_are_left_and_asks_again(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("VAL")
    visit.type_code("9999")
    assert "CODE PORTEUR FAUX\nRESTE 2 ESSAIS" in visit.text
    visit.press("VAL")
    visit.type_code("8888")
    assert "RESTE 1 ESSAI" in visit.text
    assert states(visit) == [InvoiceState.LOADED] * 3
    visit.press("VAL")
    visit.type_code()
    assert "3 FACTURES SIGNEES" in visit.text


def test_the_third_wrong_code_blocks_the_card(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("VAL")
    for _ in range(2):
        visit.type_code("9999")
        visit.press("VAL")
    visit.type_code("9999")
    assert "CARTE PS BLOQUEE" in visit.text
    visit.press("VAL")
    assert "3 A CERTIFIER" in visit.text
    visit.press("VAL")
    assert "CARTE BLOQUEE" in visit.text
    assert states(visit) == [InvoiceState.LOADED] * 3


def test_the_code_shows_as_stars_and_can_be_corrected(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("VAL", "1", "2", "9", "COR")
    assert visit.reader.display[2].rstrip() == "**"
    visit.press("3", "4", "VAL")
    assert "3 FACTURES SIGNEES" in visit.text


def test_ann_leaves_without_signing_and_a_silent_person_too(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("VAL", "1", "ANN")
    assert "TOUTES LES FACTURES" in visit.text
    visit.press("VAL", "1", "2", "3", "4")
    visit.reader.tick(TIMEOUT_MS)
    assert "TOUTES LES FACTURES" in visit.text
    assert states(visit) == [InvoiceState.LOADED] * 3


def test_every_certification_asks_for_the_code_again(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("DOWN", "VAL")
    visit.type_code()
    visit.press("VAL", "VAL")
    assert visit.text.startswith("CODE PORTEUR")


def test_a_flash_without_room_is_told_in_french_and_nothing_changes(visit: Bench) -> None:
    class Worn:
        def before(self, _flash: NorFlash, operation: FlashOperation) -> None:
            if operation.kind is Operation.ERASE:
                raise SectorFailed("worn out")

    flash = visit.reader.board.flash
    before = states(visit)
    flash.hooks.append(Worn())
    visit.insert_ps()
    visit.insert_vitale()
    for _ in range(4):
        visit.press("VAL")
        visit.type_code()
        if "OPERATION REFUSEE" in visit.text:
            break
        visit.press("VAL")
    assert visit.text.startswith("OPERATION REFUSEE\nMEMOIRE DU LECTEUR\nPLEINE")
    flash.hooks.clear()
    assert states(visit) == before


def test_without_a_ps_card_the_reader_asks_for_one(visit: Bench) -> None:
    visit.insert_vitale()
    visit.press("VAL")
    assert "INSEREZ LA CARTE\nDU PROFESSIONNEL" in visit.text
    visit.insert_ps(MAYA)
    assert "TOUTES LES FACTURES" in visit.text


@pytest.mark.parametrize("kind", ["cpe", "cpf"])
def test_a_cpe_or_cpf_certifies_partially(visit: Bench, kind: str) -> None:
    visit.insert_ps(SECRETARY, cpe=kind == "cpe", cpf=kind == "cpf")
    visit.insert_vitale()
    visit.press("VAL")
    visit.type_code()
    assert states(visit) == [InvoiceState.PARTIAL] * 3


@pytest.mark.parametrize(
    ("vitale", "told"),
    [
        (
            vitale_image(rights=RightsPeriod(start=date(2018, 1, 1), end=date(2018, 12, 31))),
            "DROITS NON OUVERTS A\nLA DATE DU LECTEUR",
        ),
        (vitale_image(terms=CardTerms(kind=CardKind.REAL)), "CARTE DE TEST"),
        (vitale_image(terms=CardTerms(valid_until=date(2019, 3, 4))), "CARTE VITALE"),
    ],
)
def test_what_cannot_be_certified_is_told_on_the_screen(visit: Bench, vitale: object, told: str) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale(vitale)  # type: ignore[arg-type]
    visit.press("VAL")
    if visit.text.startswith("CODE PORTEUR"):
        visit.type_code()
    assert told in visit.text
    assert states(visit) == [InvoiceState.LOADED] * 3


@pytest.mark.parametrize("slot", Slot)
def test_a_card_taken_out_while_the_code_is_typed_ends_its_entry(visit: Bench, slot: Slot) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("VAL", *CODE)
    assert visit.text.startswith("CODE PORTEUR")
    card = visit.reader.remove(slot)
    assert not visit.text.startswith("CODE PORTEUR")
    assert card is not None
    visit.reader.insert(slot, card)
    visit.press("VAL")
    assert "****" not in visit.text
    assert states(visit) == [InvoiceState.LOADED] * 3


def test_another_card_in_the_vitale_slot_is_told_at_once(visit: Bench) -> None:
    visit.insert_vitale(ps_image(MAYA))
    assert visit.text.startswith("CARTE VITALE\nINVALIDE OU PERIMEE")


def test_an_invoice_can_be_read_act_by_act_and_given_up(visit: Bench) -> None:
    visit.insert_vitale()
    visit.press("DOWN", "MENU")
    assert visit.reader.display[0] == "190305001     156,20"
    assert visit.reader.display[1].startswith("1XAMI 4")
    visit.press("DOWN")
    assert visit.reader.display[2].endswith("2/2")
    visit.press("MENU", "ANN")
    assert states(visit) == [InvoiceState.LOADED] * 3
    visit.press("MENU")
    assert "ANNULER LA FACTURE ?" in visit.text
    visit.press("VAL")
    assert "FACTURE ANNULEE" in visit.text
    visit.press("VAL")
    assert "2 A CERTIFIER" in visit.text
    assert sorted(states(visit)) == [InvoiceState.LOADED, InvoiceState.LOADED, InvoiceState.CANCELLED]


def test_taking_the_vitale_out_goes_home_at_once(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("VAL", "1", "2")
    visit.reader.remove(Slot.VITALE)
    assert "INSEREZ LA CARTE" in visit.text
    visit.insert_vitale()
    visit.press("VAL")
    assert visit.reader.display[2].strip() == ""


def test_taking_the_ps_card_out_while_typing_forgets_what_was_typed(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("VAL", "1", "2")
    visit.reader.remove(Slot.PS)
    visit.press("3", "4", "VAL")
    assert states(visit) == [InvoiceState.LOADED] * 3
    assert "SIGNEE" not in visit.text


def test_what_was_certified_survives_the_power_switch(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("VAL")
    visit.type_code()
    visit.reader.power_off()
    assert visit.text == ""
    visit.replace_reader()
    visit.insert_vitale()
    assert visit.text.splitlines()[2:] == ["0 A CERTIFIER   0,00", "HAUT/BAS=CONSULTER"]


def test_a_code_entry_takes_four_to_eight_digits_and_hides_them() -> None:
    entry = CodeEntry(0)
    for digit in "123":
        entry.press(Key(digit), 0)
    entry.press(Key.VAL, 0)
    assert entry.state is Entry.OPEN
    for digit in "456789":
        entry.press(Key(digit), 0)
    assert entry.stars == "*" * 8
    assert "123" not in repr(entry)
    entry.press(Key.VAL, 0)
    assert (entry.state, entry.take(), entry.take()) == (Entry.DONE, "12345678", "")


def test_the_display_of_a_code_never_holds_its_digits(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale()
    visit.press("VAL", *CODE)
    assert CODE not in visit.text.replace("\n", "")


class Refuses(Card):
    """A card that answers one status word to everything."""

    word = b"\x6f\x00"

    def transmit(self, apdu: bytes) -> bytes:  # noqa: ARG002 - the card's interface
        return self.word


@pytest.mark.parametrize("word", ["6F00", "6982", "6A82", "9000", "FFFF"])
@pytest.mark.parametrize("slot", Slot)
def test_a_card_that_refuses_to_be_read_shows_on_the_screen(visit: Bench, slot: Slot, word: str) -> None:
    card = Refuses(ps_image(MAYA) if slot is Slot.PS else vitale_image(), visit.entropy)
    card.word = bytes.fromhex(word)
    visit.reader.insert(slot, card)
    if slot is Slot.PS:
        visit.insert_vitale()
    else:
        visit.insert_ps()
    visit.press("VAL")
    assert visit.text
    assert set(states(visit)) == {InvoiceState.LOADED}
    client = visit.client()
    if slot is Slot.VITALE:
        client.verify_code(CODE)
    with pytest.raises(StatusError) as refusal:
        client.read_ps_card() if slot is Slot.PS else client.read_vitale()
    wanted = Status.PS_CARD_UNUSABLE if slot is Slot.PS else Status.VITALE_UNUSABLE
    assert refusal.value.status is wanted


def test_a_refusal_is_read_to_its_end(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale(vitale_image(terms=CardTerms(kind=CardKind.REAL)))
    visit.press("VAL")
    assert visit.text.splitlines() == ["CARTE DE TEST ET", "CARTE REELLE", "MELANGEES", "VAL"]


@pytest.mark.parametrize("status", Status)
def test_three_lines_hold_every_sentence(status: Status) -> None:
    lines = fold_status(status, 3)
    assert " ".join(lines).strip() == status.fr
    assert all(len(fold(line)) <= COLUMNS for line in lines)


def test_a_vitale_1_is_named_on_the_screen(visit: Bench) -> None:
    visit.insert_ps(MAYA)
    visit.insert_vitale(vitale_image(terms=CardTerms(model=CardModel.VITALE_1)))
    assert visit.text.splitlines()[:2] == ["CARTE INCONNUE OU", "VITALE 1 : NON LUE"]
    assert set(states(visit)) == {InvoiceState.LOADED}


def test_a_ccam_act_is_shown_with_activity_phase_and_modifiers() -> None:
    bench = Bench()
    (invoice,) = invoices(DOCTOR, 1)
    widest = make_ccam_act(amount=99_999_999, quantity=99, modifiers="MU79")
    billed = with_acts(invoice, invoice.acts[0], make_ccam_act(), *[widest] * 8)
    load(bench.client(), [OutgoingDocument.of(billed)])
    bench.unplug()
    bench.insert_vitale()
    bench.press("DOWN", "MENU")
    assert bench.reader.display[1] == "1XAMI 4        78,10"
    bench.press("DOWN")
    assert bench.reader.display[1:3] == ("1XDEQP003      49,26", "05/03 1-0 P     2/10")
    bench.press("UP", "UP")
    assert bench.reader.display[1:3] == ("99XDEQP003 999999,99", "05/03 1-0 MU79 10/10")


def test_time_redraws_and_reads_nothing_until_something_changes(
    visit: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit.insert_ps()
    visit.insert_vitale()
    visit.press("DOWN", "MENU")
    shown = visit.text
    done: list[str] = []
    monkeypatch.setattr(visit.reader.board.display, "show", lambda *_: done.append("drawn"))
    monkeypatch.setattr(visit.reader.app.store, "content", lambda _: done.append("read"))
    for _ in range(1_000):
        visit.reader.tick(1_000)
    assert done == []
    assert visit.text == shown


def test_home_is_redrawn_once_a_minute(visit: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    show = visit.reader.board.display.show

    def noted(*lines: str) -> None:
        show(*lines)
        seen.append(visit.reader.display[0][-5:])

    monkeypatch.setattr(visit.reader.board.display, "show", noted)
    for _ in range(180):
        visit.reader.tick(1_000)
    assert seen == ["08:01", "08:02", "08:03"]


def test_who_reads_a_wrong_code_for_long_still_has_the_whole_time_to_type(visit: Bench) -> None:
    visit.insert_ps()
    visit.insert_vitale()
    visit.press("VAL")
    visit.type_code("9999")
    visit.reader.tick(TIMEOUT_MS + 1_000)
    visit.press("VAL")
    visit.reader.tick(TIMEOUT_MS - 1_000)
    assert visit.text.startswith("CODE PORTEUR")
    visit.type_code()
    assert "SIGNEES" in visit.text


def test_an_invoice_that_cannot_be_read_is_said_to_be_so(
    visit: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_: object) -> bytes:
        raise RecordDamaged("The content")

    visit.insert_vitale()
    visit.press("DOWN")
    monkeypatch.setattr(visit.reader.app.store, "content", damaged)
    visit.press("MENU")
    assert visit.text.startswith("MEMOIRE ILLISIBLE")
    visit.press("VAL")
    assert "INSEREZ LA CARTE" in visit.text


def test_a_number_that_was_erased_and_loaded_for_another_patient_is_not_signed_with_the_firsts_vitale() -> (
    None
):
    bench = Bench()
    load(bench.client(), documents(NURSE, 1))
    bench.unplug()
    bench.insert_vitale()
    assert "1 A CERTIFIER" in bench.text
    client = bench.client()
    bench.insert_ps()
    client.verify_code(CODE)
    client.erase(NURSE)
    bench.reader.remove(Slot.PS)
    load(client, documents(NURSE, 1, patient=DESMAUX))
    bench.unplug()
    bench.insert_vitale()
    assert "AUCUNE FACTURE" in bench.text
    bench.insert_vitale(vitale_image(DESMAUX))
    assert "1 A CERTIFIER" in bench.text
