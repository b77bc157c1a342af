"""A practice whose ledger has something in its lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from tests.scans import signature_png
from tla_sim.host.desk.marks import bill_degraded
from tla_sim.host.desk.signature_image import register_scan
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.desk_model import Rights
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import DAY, DESMAUX, MARTIN, NURSE
from tla_sim.tools.web.surgery.surgery import Surgery

DEGRADED, PAPER, SECURED = "190305028", "190305029", "190305030"


def invoices() -> Iterable[PreparedInvoice]:
    """The nurse's: one for each case of the two squares."""
    yield make_invoice(DEGRADED)
    yield make_invoice(PAPER, total=4_640, made_on=DAY - timedelta(days=12))
    yield make_invoice(SECURED, total=25_860, patient=DESMAUX, made_on=DAY - timedelta(days=13))
    yield make_invoice("190305031", "75100002", ps=("TOUBIB", "PAUL"), patient=MARTIN, prescription=None)


def fill(surgery: Surgery, *, signature: bool = True) -> None:
    """Prepare these invoices: the first two degraded, the second with its sheet on paper."""
    with surgery.open_ledger() as ledger:
        for invoice in invoices():
            ledger.record_prepared(documents_of(invoice))
            if invoice.number in (DEGRADED, PAPER):
                bill_degraded(ledger, invoice, Rights.PRACTICE, on_paper=invoice.number == PAPER)
        if signature:
            register_scan(ledger, NURSE, signature_png(), "signature.png")
