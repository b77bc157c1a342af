"""What a 16-bit checksum lets through, digests from end to end catch: nothing false is stored or let go."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.reader_kit import Bench
from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.round.pull import pull
from tla_sim.host.round.push import push_owner
from tla_sim.host.round.sign import PsCardHolder
from tla_sim.host.transport import Transport
from tla_sim.host.transport.passing import PassingTransport
from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.commands.cards import READ_PS_CARD
from tla_sim.protocol.commands.loading import LIST_INVOICES, DocumentList
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import IncoherentAnswer, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.people import CODE, NURSE
from tla_sim.tools.explore.explorations import EXPLORATIONS, Part, numbers_of
from tla_sim.tools.simulator.in_process import in_process


class Forging(PassingTransport):
    """A line that changes answers to one command, under checksums that fit."""

    def __init__(self, inner: Transport, ins: int, change: Callable[[bytes], bytes]) -> None:
        super().__init__(inner)
        self._ins = ins
        self._change = change

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        answer = super().transmit(apdu, lad)
        if CommandApdu.parse(apdu).ins == self._ins:
            response = ResponseApdu.parse(answer)
            return ResponseApdu(self._change(response.data), response.word).build()
        return answer


def restated(state: InvoiceState) -> Callable[[bytes], bytes]:
    """A change of every listed document's state."""

    def change(data: bytes) -> bytes:
        listed: DocumentList = LIST_INVOICES.response.parse(data)
        owners = tuple(
            replace(owner, documents=tuple(replace(entry, state=state) for entry in owner.documents))
            for owner in listed.owners
        )
        return LIST_INVOICES.response.build(replace(listed, owners=owners))

    return change


@pytest.mark.parametrize("state", [InvoiceState.CANCELLED, InvoiceState.LOADED, InvoiceState.COMPLETE])
def test_a_state_forged_in_the_list_loses_no_certified_invoice(tmp_path: Path, state: InvoiceState) -> None:
    bench = Bench()
    anchors = TrustAnchors.shipped()
    sent = documents(NURSE, 3)
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        assert push_owner(bench.client(), ledger, NURSE, sent).loaded == len(sent)
        bench.unplug()
        bench.insert_ps()
        bench.insert_vitale()
        bench.press("VAL")
        bench.type_code()
        assert "3 FACTURES SIGNEES" in bench.text

        honest = in_process(bench.reader, "host")
        client = ReaderClient(Forging(honest, LIST_INVOICES.ins, restated(state)), SeededEntropy(1).take)
        client.verify_code(CODE)
        with suppress(TlaError):
            pull(client, ledger, anchors)
        bench.unplug()

        client = bench.client()
        client.verify_code(CODE)
        done = pull(client, ledger, anchors)
        assert not done.left
        assert all(ledger.state(each.id) is LedgerState.COMPLETE for each in sent)
    assert not bench.reader.app.store.entries()


def once(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """A change of the first answer alone."""
    left = [change]
    return lambda data: left.pop()(data) if left else data


def test_a_billing_number_forged_on_the_way_from_the_card_is_noticed() -> None:
    """Otherwise the final signature would pass over the invoices of the true number in silence."""
    bench = Bench()
    bench.insert_ps()
    honest = in_process(bench.reader, "host")
    other_owner = once(lambda data: data.replace(NURSE.encode(), b"75600009"))
    client = ReaderClient(Forging(honest, READ_PS_CARD.ins, other_owner), SeededEntropy(1).take)
    with pytest.raises(IncoherentAnswer, match="two different ways"):
        client.verify_code(CODE)
    assert NURSE in PsCardHolder.of(client.verify_code(CODE)).owns


class Renaming(Forging):
    """A line that changes an invoice's number in an acknowledgement, once, under a checksum that fits."""

    def __init__(self, inner: Transport, number: bytes) -> None:
        super().__init__(inner, ACKNOWLEDGE_FSE.ins, lambda data: data)
        self._number = number

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        if CommandApdu.parse(apdu).ins == ACKNOWLEDGE_FSE.ins and self._number in apdu:
            apdu = apdu.replace(self._number, self._number[:-1] + b"7")
            self._number = b"only once"
        return super().transmit(apdu, lad)


def test_a_name_forged_in_an_acknowledgement_is_noticed(tmp_path: Path) -> None:
    bench = Bench()
    anchors = TrustAnchors.shipped()
    sent = documents(NURSE, 2)
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        assert push_owner(bench.client(), ledger, NURSE, sent).loaded == len(sent)
        bench.unplug()
        bench.insert_ps()
        bench.insert_vitale()
        bench.press("DOWN", "MENU", "MENU", "VAL")
        (given_up,) = (
            entry.key for entry in bench.reader.app.store.entries() if entry.state is InvoiceState.CANCELLED
        )
        honest = in_process(bench.reader, "host")
        client = ReaderClient(Renaming(honest, given_up.number.encode()), SeededEntropy(1).take)
        client.verify_code(CODE)
        with pytest.raises(IncoherentAnswer, match=f"keeps invoice {given_up.number}"):
            pull(client, ledger, anchors)
        pull(client, ledger, anchors)
        assert ledger.state(given_up) is LedgerState.CANCELLED
    assert bench.reader.app.store.entry(given_up) is None


@pytest.mark.share(6)
@pytest.mark.parametrize("first", range(0, 60, 10))
def test_a_changed_bit_under_a_fitting_checksum_is_never_stored(first: int) -> None:
    """Each of the first blocks of a round in turn, and one after the other as long as the round has any."""
    exploration = EXPLORATIONS["forged"]
    part = Part("forged")
    exploration.explore(part, numbers_of(exploration, False, 11)[first : first + 10])
    assert part.violations == []
    assert part.figures["runs again"] > 0, "digests catch some of them, and the stage is run again"
