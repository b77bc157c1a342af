"""The cast: everybody is somebody else, and comes with the same bytes each time."""

from __future__ import annotations

from tests.reader_kit import Bench
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import documents, make_alternating_documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import (
    DAY,
    MAYA,
    NURSE,
    PATIENTS,
    PRACTITIONERS,
    SECRETARY,
    patients,
    practitioners,
)


def test_nobody_is_there_twice() -> None:
    people = (*PRACTITIONERS, SECRETARY, *practitioners(8))
    assert len({each.national_id for each in people}) == len({each.name for each in people}) == len(people)
    insured = (*PATIENTS, *patients(300))
    assert len({each.nir for each in insured}) == len(insured)
    assert SECRETARY.number == MAYA.number, "she works for her"


def test_a_card_is_the_same_to_the_byte_each_time() -> None:
    for image in (ps_image, vitale_image):
        image.cache_clear()
    first = ps_image(MAYA).build(), vitale_image().build()
    for image in (ps_image, vitale_image):
        image.cache_clear()
    assert (ps_image(MAYA).build(), vitale_image().build()) == first
    assert ps_image(MAYA, terms=CardTerms(valid_until=DAY)).build() != first[0]


def test_owners_and_patients_take_turns() -> None:
    made = make_alternating_documents(7, PRACTITIONERS, PATIENTS, acts=2)
    assert [each.invoice.owner for each in made[:4]] == [who.number for who in (*PRACTITIONERS, MAYA)]
    assert [each.invoice.beneficiary.nir for each in made[:3]] == [PATIENTS[at].nir for at in (0, 1, 0)]
    assert {len(each.invoice.acts) for each in made} == {2}
    assert len({each.id for each in made}) == 7


def test_a_load_in_batches_comes_on_board_whole() -> None:
    client = Bench().client()
    assert load(client, documents(NURSE, 5), a_batch=2) == 5
    assert [each.state for each in client.list_documents()] == [InvoiceState.LOADED] * 5
