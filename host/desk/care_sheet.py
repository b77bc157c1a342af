"""The care sheet of a degraded invoice, one A4 page in PDF/A-2b.

It is made from the invoice alone, and the PS's digitised signature if there is one: the same bytes each time.
The layout is Project-defined; it is not the insurers' printed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.marks import held_lines
from tla_sim.host.desk.signature_image import signature_of
from tla_sim.host.desk.summary import exoneration_text, format_day, nature_text, rights_text, third_party_text
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.marks import mark_of
from tla_sim.protocol.documents.act import BilledAct, coefficient_text
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice, euros
from tla_sim.protocol.groups.invoice import CcamAct
from tla_sim.protocol.names import spell_for_font

if TYPE_CHECKING:
    from fpdf import FPDF

_FONTS: Final = Path(__file__).parent / "fonts"
_MM_PER_THOUSANDTH: Final = 25.4 / 72 / 1000
_SHIFTS: Final = {"L": 0.0, "R": 1.0, "C": 0.5}
_LEFT: Final = 14.0
_WIDTH: Final = 182.0
_GREY: Final = 110
_RULE: Final = 170
_HEAD: Final = 232
_ACTS_IN_COLUMN: Final = 30
_LEAST_SIZE: Final = 4.5
_SMALL: Final = 6.5
_TWO_LINES_BELOW: Final = 7.0
"""Font sizes in points: the smallest, that of a value on two lines, and the one below which it wraps."""

_TWO_LINES: Final = (-1.35, 1.15)

_PADDING: Final = 1.5
_NARROW_PADDING: Final = 0.8
"""The margins left and right of a text in the table of acts, in mm; less where there are more columns."""

_HAIR: Final = 0.001
_COLUMNS: Final = (
    ("Date", 17.0, "L"),
    ("Acte", 11.0, "L"),
    ("Coef.", 11.0, "R"),
    ("Qté", 8.0, "R"),
    ("Dom.", 9.0, "C"),
    ("Taux", 11.0, "R"),
    ("Montant €", 18.0, "R"),
)
"""Heading, width in mm and alignment; they fill half the page, or are stretched over all of it."""

_CCAM_COLUMNS: Final = (
    ("Date", 15.0, "L"),
    ("Acte", 18.0, "L"),
    ("Act-ph", 12.0, "C"),
    ("Modif.", 14.0, "L"),
    ("Asso.", 11.0, "L"),
    ("Coef.", 11.0, "R"),
    ("Prix €", 16.0, "R"),
    ("Qté", 8.0, "R"),
    ("Dom.", 9.5, "C"),
    ("Taux", 10.0, "R"),
    ("Montant €", 18.0, "R"),
)
"""The same where an act of the CCAM is among them: its activity, phase, modifiers, association code with `RE`
for an exceptional reimbursement, and its published price, as an NGAP act has its coefficient."""


def care_sheet(invoice: PreparedInvoice, signature: bytes | None = None) -> bytes:
    """Return the page of a degraded invoice as PDF.

    `signature` is an image as `tla_sim.host.desk.signature_image` keeps it; `None` leaves the box empty for a
    pen.
    """
    sheet = _Sheet(invoice)
    sheet.title()
    top = sheet.box(34, _WIDTH / 2 - 2, "Bénéficiaire des soins", _patient(invoice))
    sheet.box(34, _WIDTH / 2 - 2, "Professionnel de santé exécutant", _practitioner(invoice), right=True)
    bottom = sheet.box(top + 3, _WIDTH / 2 - 2, "Prescription", _prescription(invoice))
    sheet.box(top + 3, _WIDTH / 2 - 2, "Conditions de prise en charge", _cover(invoice), right=True)
    sheet.acts(bottom + 4, invoice.acts)
    sheet.totals(invoice)
    sheet.signatures(invoice, signature)
    return sheet.output()


def care_sheet_of(ledger: Ledger, number: str, owner: str = "") -> tuple[bytes, bool]:
    """Return the page of an invoice of the ledger as PDF, and whether the PS's digitised signature is on it.

    It is not when none is switched on, or when the sheet goes on paper. Raises `UnknownInvoice`,
    `DeskRefused` for a secured invoice, `DocumentDamaged`, `PieceLost`.
    """
    line = held_lines(ledger, number, owner)[0]
    if line.mode is not SecurityMode.DEGRADED:
        raise DeskRefused(
            "Invoice {number} is secured", "Only a degraded invoice has a care sheet", number=number
        )
    on_paper = mark_of(ledger, line.owner, number).on_paper
    signature = None if on_paper else signature_of(ledger, line.owner).usable
    return care_sheet(PreparedInvoice.parse(ledger.invoice(line.id)), signature), signature is not None


def _patient(invoice: PreparedInvoice) -> list[tuple[str, str]]:
    who, amo = invoice.beneficiary, invoice.amo
    return [
        ("Nom et prénom", f"{invoice.patient.last_name} {invoice.patient.first_name}".rstrip()),
        ("N° d'immatriculation", f"{_nir(who.nir)}  clé {who.nir_key}"),
        ("Né(e) le", f"{who.birth_date.french}   rang {who.birth_rank}"),
        ("Organisme", amo.recipient),
        ("Régime, caisse, centre", " ".join(each for each in (amo.regime, amo.fund, amo.centre) if each)),
    ]


def _nir(nir: str) -> str:
    return " ".join((nir[:1], nir[1:3], nir[3:5], nir[5:7], nir[7:10], nir[10:]))


def _practitioner(invoice: PreparedInvoice) -> list[tuple[str, str]]:
    ps = invoice.ps
    lines = [
        ("Nom et prénom", f"{ps.last_name} {ps.first_name}".rstrip()),
        ("N° de facturation", f"{ps.billing_number}  clé {ps.billing_key}".rstrip()),
        ("Spécialité", ps.speciality or "-"),
        ("Convention", ps.convention or "-"),
    ]
    stand_in = invoice.replacement
    name = f"{stand_in.last_name} {stand_in.first_name}".rstrip() if stand_in else "-"
    return [*lines, ("Remplaçant", name)]


def _prescription(invoice: PreparedInvoice) -> list[tuple[str, str]]:
    prescription = invoice.prescription
    if prescription is None:
        return [("Prescripteur", "Sans objet"), ("", ""), ("", ""), ("", "")]
    agreement = prescription.prior_agreement
    agreed = f"{agreement} du {format_day(prescription.prior_agreement_on)}" if agreement else "-"
    return [
        ("Prescripteur", f"{prescription.last_name} {prescription.first_name}".rstrip()),
        ("N° du prescripteur", prescription.billing_number or "-"),
        ("Date de prescription", format_day(prescription.prescribed_on)),
        ("Entente préalable", agreed),
    ]


def _cover(invoice: PreparedInvoice) -> list[tuple[str, str]]:
    cover = invoice.coverage
    nature = nature_text(cover)
    if cover.event_on or cover.accident_number:
        nature = f"{nature}, {format_day(cover.event_on)} {cover.accident_number}".rstrip()
    return [
        ("Nature d'assurance", f"{nature}, à {cover.rate} %"),
        ("Exonération", exoneration_text(cover)),
        ("Paiement", third_party_text(cover)),
        ("Origine des droits", rights_text(cover, SecurityMode.DEGRADED)),
    ]


class _Sheet:
    """The page in progress. Lengths are millimetres from the top left."""

    def __init__(self, invoice: PreparedInvoice) -> None:
        from fpdf import FPDF

        pdf = FPDF(enforce_compliance="PDF/A-2B")
        pdf.set_creation_date(datetime.combine(invoice.made_on, time(), UTC))
        pdf.set_lang("fr")
        pdf.add_font("sheet", "", _FONTS / "roboto-latin.ttf")
        pdf.add_font("sheet", "B", _FONTS / "roboto-latin-bold.ttf")
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.set_auto_page_break(False)
        pdf.add_page()
        pdf.set_xmp_metadata(_xmp(invoice))
        self._pdf: FPDF = pdf
        self._invoice = invoice
        # Cached: asking the library for a width costs more than writing the text.
        fonts: dict[str, Any] = pdf.fonts
        self._widths: dict[bool, dict[int, float]] = {False: fonts["sheet"].cw, True: fonts["sheetB"].cw}

    def _text(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, grey: bool = False,
        width: float = 0, align: str = "L",
    ) -> None:  # fmt: skip
        """Write one line of text; one that is too long for `width` is made smaller, and finally cut."""
        pdf = self._pdf
        shown = _drawable(text)
        long = self._length(shown, size, bold)
        if 0 < width < long:
            size = max(size * width / long, _LEAST_SIZE)
            shown = self._cut(shown, size, bold, width)
            long = self._length(shown, size, bold)
        pdf.set_font("sheet", "B" if bold else "", size)
        pdf.set_text_color(_GREY if grey else 0)
        pdf.text(x + _SHIFTS[align] * (width - long), y, shown)

    def _length(self, shown: str, size: float, bold: bool = False) -> float:
        widths = self._widths[bold]
        return sum([widths[ord(each)] for each in shown]) * size * _MM_PER_THOUSANDTH

    def _cut(self, shown: str, size: float, bold: bool, width: float) -> str:
        """Return the text, or as much of it as fits and an ellipsis."""
        if self._length(shown, size, bold) <= width + _HAIR:
            return shown
        while self._length(f"{shown}…", size, bold) > width:
            shown = shown[:-1]
        return f"{shown}…"

    def _value(self, x: float, y: float, text: str, width: float) -> None:
        """Write a value in a box, on two lines when it would be too small on one."""
        shown = _drawable(text)
        if self._length(shown, _TWO_LINES_BELOW) <= width:
            self._text(x, y, shown, 8.5, width=width)
            return
        words = shown.split(" ")
        lines = min(
            ((" ".join(words[:count]), " ".join(words[count:])) for count in range(len(words))),
            key=lambda two: max(self._length(each, _SMALL) for each in two),
        )
        for line, down in zip(lines, _TWO_LINES, strict=True):
            self._text(x, y + down, line, _SMALL, width=width)

    def title(self) -> None:
        """Write the title and the invoice's number."""
        pdf, invoice = self._pdf, self._invoice
        self._text(_LEFT, 18, "FEUILLE DE SOINS", 18, bold=True)
        subtitle = "Justificatif d'une facture établie sans carte Vitale (mode dégradé)"
        self._text(_LEFT, 24.5, subtitle, 9, grey=True)
        right = _LEFT + _WIDTH - 60
        self._text(right, 18, f"Facture n° {invoice.number}", 11, bold=True, width=60, align="R")
        self._text(right, 24.5, f"du {format_day(invoice.made_on)}", 9, width=60, align="R")
        rectified = invoice.identification
        if rectified.rectified_number:
            text = f"rectifie la n° {rectified.rectified_number} du {format_day(rectified.rectified_on)}"
            self._text(right, 28.5, text, 7.5, grey=True, width=60, align="R")
        pdf.set_draw_color(0)
        pdf.set_line_width(0.5)
        pdf.line(_LEFT, 30, _LEFT + _WIDTH, 30)

    def box(
        self, top: float, width: float, title: str, lines: Sequence[tuple[str, str]], *, right: bool = False
    ) -> float:
        """Draw a titled box of labels and values; return where it ends, in mm from the top."""
        pdf = self._pdf
        left = _LEFT + (_WIDTH - width if right else 0)
        height = 7 + 5.2 * len(lines) + 1.5
        self._frame(left, top, width, height)
        pdf.set_fill_color(_HEAD)
        pdf.rect(left, top, width, 6, style="F")
        self._text(left + 2.5, top + 4.2, title, 8.5, bold=True)
        for index, (label, value) in enumerate(lines):
            y = top + 7 + 5.2 * index + 3.6
            self._text(left + 2.5, y, label, 7, grey=True, width=30)
            self._value(left + 34, y, value, width - 36.5)
        return top + height

    def _frame(self, left: float, top: float, width: float, height: float) -> None:
        self._pdf.set_draw_color(_RULE)
        self._pdf.set_line_width(0.2)
        self._pdf.rect(left, top, width, height)

    def acts(self, top: float, acts: Sequence[BilledAct]) -> None:
        """Write the acts, in one column across the page, or in two when there are many."""
        width = (_WIDTH - 4) / 2 if len(acts) > _ACTS_IN_COLUMN else _WIDTH
        ccam = any(isinstance(each, CcamAct) for each in acts)
        columns = _CCAM_COLUMNS if ccam else _COLUMNS
        rows = [_ccam_row(each) if ccam else _act_row(each) for each in acts]
        for column, first in enumerate(range(0, len(acts), _ACTS_IN_COLUMN)):
            left = _LEFT + column * (width + 4)
            self._act_column(left, top, width, columns, rows[first : first + _ACTS_IN_COLUMN])

    def _act_column(
        self,
        left: float,
        top: float,
        width: float,
        columns: Sequence[tuple[str, float, str]],
        acts: Sequence[tuple[str, ...]],
    ) -> None:
        pdf = self._pdf
        scale = width / sum(each for _, each, _ in columns)
        padding = _PADDING if columns is _COLUMNS else _NARROW_PADDING
        pdf.set_fill_color(_HEAD)
        pdf.rect(left, top, width, 5.4, style="F")
        rows = [tuple(name for name, _, _ in columns), *acts]
        height = 4.3
        y = top + 3.8
        pdf.set_draw_color(_RULE)
        pdf.set_line_width(0.1)
        for index, row in enumerate(rows):
            x = left
            for text, (_, share, align) in zip(row, columns, strict=True):
                cell = share * scale
                room = cell - 2 * padding
                self._text(x + padding, y, text, 7.5, bold=not index, width=room, align=align)
                x += cell
            y += 5.2 if not index else height
            if index:
                pdf.line(left, y - 3.2, left + width, y - 3.2)

    def totals(self, invoice: PreparedInvoice) -> None:
        """Write the totals."""
        totals = invoice.totals
        top = 243.0
        self._frame(_LEFT, top, _WIDTH, 12)
        parts = (
            ("Total", totals.total),
            ("Part caisse", totals.fund),
            ("Part complémentaire", totals.complementary),
            ("Part assuré", totals.insured),
            ("À payer par l'assuré", totals.to_pay),
        )
        for index, (label, amount) in enumerate(parts):
            x = _LEFT + 3 + index * _WIDTH / len(parts)
            self._text(x, top + 4.5, label, 7, grey=True)
            self._text(x, top + 9.8, f"{euros(amount)} €", 10.5, bold=not index)

    def signatures(self, invoice: PreparedInvoice, signature: bytes | None) -> None:
        """Draw the boxes for the signatures of the PS and of the insured."""
        pdf, top, height = self._pdf, 258.0, 25.0
        half = _WIDTH / 2 - 2
        for left, label in ((_LEFT, "Signature de l'assuré(e)"), (_LEFT + half + 4, "")):
            self._frame(left, top, half, height)
            if label:
                self._text(left + 2.5, top + 4.2, label, 7.5, grey=True)
        left = _LEFT + half + 4
        self._text(left + 2.5, top + 4.2, "Signature du professionnel de santé", 7.5, grey=True)
        self._text(
            left + half - 32.5, top + 4.2, f"le {format_day(invoice.made_on)}", 7.5, width=30, align="R"
        )
        if signature is not None:
            picture, columns, rows = _picture(signature)
            room = (half - 12, height - 8)
            scale = min(room[0] / columns, room[1] / rows, 60 / columns)
            size = (columns * scale, rows * scale)
            pdf.image(BytesIO(picture), left + (half - size[0]) / 2, top + 6 + (room[1] - size[1]) / 2, *size)
        else:
            self._text(_LEFT + 2.5, top + 22, "À signer à la main et à envoyer sur papier", 6.5, grey=True)
        foot = "TEST, sans valeur. Mise en page propre au logiciel ; montants en euros."
        self._text(_LEFT, 289, foot, 6, grey=True)

    def output(self) -> bytes:
        """Return the finished PDF."""
        return bytes(self._pdf.output())


def _xmp(invoice: PreparedInvoice) -> str:
    """Return the metadata that PDF/A-2b requires. The library's own would hold the present time."""
    made = f"{invoice.made_on.isoformat()}T00:00:00+00:00"
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"'
        f' xmp:CreateDate="{made}" pdfaid:part="2" pdfaid:conformance="B"/>'
        "</rdf:RDF></x:xmpmeta>"
    )


def _act_row(act: BilledAct) -> tuple[str, ...]:
    return (_date(act), act.code, _coefficient(act), *_line(act))


def _ccam_row(act: BilledAct) -> tuple[str, ...]:
    if not isinstance(act, CcamAct):
        return (_date(act), act.code, "", "", "", _coefficient(act), "", *_line(act))
    together = " ".join(each for each in (act.association, "RE" if act.exceptional else "") if each)
    with_code = (f"{act.activity}-{act.phase}", act.modifiers, together)
    return (_date(act), act.code, *with_code, "", euros(act.price), *_line(act))


def _date(act: BilledAct) -> str:
    return f"{act.performed_on:%d/%m/%y}"


def _coefficient(act: BilledAct) -> str:
    return "" if isinstance(act, CcamAct) else coefficient_text(act.coefficient)


def _line(act: BilledAct) -> tuple[str, ...]:
    return (str(act.quantity), "oui" if act.at_home else "", f"{act.rate} %", euros(act.amount))


@cache
def _picture(signature: bytes) -> tuple[bytes, int, int]:
    from PIL import Image

    with Image.open(BytesIO(signature), formats=("PNG",)) as image:
        return signature, image.width, image.height


def _drawable(text: str) -> str:
    return spell_for_font(text, _in_font)


def _in_font(letter: str) -> bool:
    """Return whether the fonts beside this module have it: `tla_sim.tools.maintenance.fonts` makes those
    subsets."""
    return (
        " " <= letter <= "~"
        or "\u00a0" <= letter < "\u0180"
        or "\u0218" <= letter < "\u021c"
        or "\u1e00" <= letter < "\u1f00"
        or letter in "ƠơƯư€–—‘’“”…•"
    )
