"""What is told of an invoice's supporting documents, and ordered of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from tla_sim.tools.web.api.model import Given, Told
from tla_sim.tools.web.practice.list_answers import PieceNow, Travels
from tla_sim.tools.web.surgery.answers import Owner

Number = Annotated[str, Field(pattern=r"^[0-9]{1,9}$", description="The number of an invoice.")]


class SignatureNow(Told):
    """A PS's digitised signature: whether one is registered, and whether sheets carry it."""

    registered: bool
    switched_on: bool


class OtherInvoice(Told):
    """Another invoice of the same prescription; `total` in cents."""

    owner: str
    owner_name: str
    number: str
    date: date
    total: int


class PiecesNow(Told):
    """An invoice's supporting documents, and how its prescription and care sheet travel.

    `closed` says why this cannot change any more, `no_sheet` why the invoice has no care sheet to print, and
    `scanned` why its sheet cannot go on paper; each is empty otherwise. `on_paper` is the choice that its
    sheet carries no digitised signature. `same_prescription` are invoices that its prescription may be
    attached to as well.
    """

    owner: str
    owner_name: str
    number: str
    patient: str
    prescription: Travels
    sheet: Travels
    on_paper: bool
    pieces: list[PieceNow]
    signature: SignatureNow
    closed: str
    no_sheet: str
    scanned: str
    same_prescription: list[OtherInvoice]


class PieceAttached(Told):
    """A document as it is kept, and the invoices that did not have it yet, each as `owner:number`."""

    piece: PieceNow
    attached: list[str]


class PaperOrder(Given):
    """Whether a degraded invoice's care sheet travels on paper."""

    owner: Owner
    number: Number
    on_paper: bool


class SwitchOrder(Given):
    """Whether care sheets carry the registered signature."""

    on: bool
