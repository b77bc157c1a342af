"""One invoice at the practice: its summary, its choices, and billing it with the cards in a reader.

They block, and may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tla_sim.host.desk.billing import BillingPlan, check_wanted, plan_billing
from tla_sim.host.desk.care_sheet import care_sheet_of
from tla_sim.host.desk.certification import certify_documents
from tla_sim.host.desk.choices import Choice, Wanted, choices, choose, chosen_for_billing, mode_chosen
from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.marks import documents_at_desk
from tla_sim.host.desk.standing import Standing, standing
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.files import is_any_in_lot
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.verification import VerifiedFse
from tla_sim.protocol.errors import LinkError, StatusError, TlaError
from tla_sim.tools.web.surgery.surgery import Surgery, authenticate
from tla_sim.tools.web.surgery.work import Action, SurgeryBusy

if TYPE_CHECKING:
    from tla_sim.tools.simulator.control.running_reader import RunningReader


@dataclass(frozen=True, slots=True)
class Shown:
    """An invoice as its screen shows it; `reader` is the serial of the one that it is on or came from."""

    documents: tuple[OutgoingDocument, ...]
    stands: Standing
    choices: tuple[Choice, ...]
    in_lot: bool
    reader: str


@dataclass(frozen=True, slots=True)
class Billed:
    """What was certified, nothing when a partial certification was not wanted."""

    plan: BillingPlan
    done: tuple[VerifiedFse, ...]


def show_invoice(surgery: Surgery, owner: str, number: str) -> Shown:
    """Return an invoice's summary.

    Raises `UnknownInvoice`, and `ContentDiffers` when its number names another one in the ledger.
    """
    with surgery.open_ledger() as ledger:
        return _shown(ledger, documents_at_desk(ledger, surgery.prepared, owner, number))


def make_choices(surgery: Surgery, owner: str, number: str, wanted: Wanted) -> Shown:
    """Make choices for an invoice, and return its summary anew.

    Raises as `choose` and `show_invoice`, and `SurgeryBusy` while it is billed.
    """
    with surgery.work.holding([(owner, number)]), surgery.open_ledger() as ledger:
        choose(ledger, documents_at_desk(ledger, surgery.prepared, owner, number)[0].invoice, wanted)
        return _shown(ledger, documents_at_desk(ledger, surgery.prepared, owner, number))


def look_at_billing(
    surgery: Surgery, reader: RunningReader, owner: str, number: str
) -> tuple[BillingPlan | TlaError, BillingPlan | TlaError]:
    """Return how an invoice would be certified now, or why it cannot be: billed secured, and degraded.

    Raises `UnknownInvoice`.
    """
    with surgery.open_ledger() as ledger:
        documents = documents_at_desk(ledger, surgery.prepared, owner, number)

    def plan(mode: SecurityMode) -> BillingPlan | TlaError:
        try:
            with surgery.looking(reader) as client:
                return plan_billing(client, documents, mode)
        except (DeskRefused, StatusError, LinkError, SurgeryBusy) as error:
            return error

    return plan(SecurityMode.SECURED), plan(SecurityMode.DEGRADED)


def bill(
    surgery: Surgery,
    reader: RunningReader,
    owner: str,
    number: str,
    code: str | None,
    partially: bool | None,
    wanted: Wanted,
) -> Billed:
    """Certify an invoice at the desk with choices that are made with it; without a code, it is asked for on
    the reader's keys.

    What can be refused, or must be asked, is before the code is used; the choices are made only then. Raises
    as `mode_chosen`, `plan_billing`, `check_wanted`, `ReaderClient.verify_code` and `certify_documents`, and
    `SurgeryBusy` while it is billed at another reader.
    """
    with (
        surgery.work.holding([(owner, number)]),
        surgery.at_work(reader, Action.BILL) as (work, client, ledger),
    ):
        documents = documents_at_desk(ledger, surgery.prepared, owner, number)
        invoice = documents[0].invoice
        plan = plan_billing(client, documents, mode_chosen(ledger, invoice, wanted))
        if not check_wanted(plan, number, partially):
            return Billed(plan, ())
        authenticate(client, work, code)
        with chosen_for_billing(ledger, invoice, wanted):
            documents = documents_at_desk(ledger, surgery.prepared, owner, number)
            return Billed(plan, certify_documents(client, ledger, TrustAnchors.shipped(), documents))


def draw_sheet(surgery: Surgery, owner: str, number: str) -> bytes:
    """Return the care sheet of a degraded invoice. Raises as `care_sheet_of`."""
    with surgery.open_ledger() as ledger:
        made, _ = care_sheet_of(ledger, number, owner)
        return made


def _shown(ledger: Ledger, documents: Sequence[OutgoingDocument]) -> Shown:
    invoice = documents[0].invoice
    stands = standing(ledger, invoice)
    line = ledger.get(documents[0].id)
    return Shown(
        tuple(documents),
        stands,
        choices(ledger, invoice, stands),
        is_any_in_lot(ledger, invoice.owner, invoice.number),
        "" if line is None else line.reader,
    )
