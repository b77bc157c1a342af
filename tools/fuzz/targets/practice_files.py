"""Practice files with people of every kind: names, numbers and birth dates as people write them.

A file is accepted, or each mistake is reported on one line with its place. An accepted name appears on card,
screen and care sheet without a question mark, and a list finds it however it is written.
"""

from __future__ import annotations

import json
import unicodedata
from binascii import crc32
from functools import cache
from typing import Any, Final

from tla_sim.host.desk.care_sheet import care_sheet
from tla_sim.host.practice.file import parse_practice
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.model import Beneficiary, Practice
from tla_sim.host.practice.nir import is_nir, nir_key
from tla_sim.host.practice.problem import PracticeFileError
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups import vitale
from tla_sim.protocol.groups.declaration import decode_typed, encode_typed
from tla_sim.protocol.names import file_name, fold_name
from tla_sim.reader_fw.board.display import fold
from tla_sim.tools.cast import practice_path
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.targets.file_kind import FileKind, tweak_tree
from tla_sim.tools.judge.violation import Violation

_PARTS: Final = (
    *(
        "MARTIN",
        "D'ALMEIDA",
        "D\u2019ALMEIDA",
        "CŒUR",
        "Ægir",
        "N\u2019GUYỄN",
        "RENE\u0301E",
        "SAINT\u2011JEAN",
    ),
    *(
        "ANNE\u2010MARIE",
        "LE\u00a0GOFF",
        "ŁUKASZ",
        "Straße",
        "ẞ",
        "ȘTEFAN",
        "Þór",
        "ƯU",
        "L\u00b4HÔTE",
        "ﬁona",
    ),
    *("W" * 31, "É" * 60, "E\u0301" * 60, "Œ" * 60, "A\u0323\u0302", "=CMD()", "-", "½", "…", "?"),
    *(
        "Иванов",
        "Ἀθηνᾶ",
        "王",
        "عمر",
        "דוד",
        "😀",
        "A\u202eB",
        "A\u200bB",
        "A\u20d0",
        "\u0301",
        "\ud800",
        "\x1b[2J",
    ),
)
_NUMBERS: Final = (
    *("1550899999011", "2550899999011", "3850599351001", "4850599351001", "7850599351001", "8850599351001"),
    *("5175100000042", "6275100000042", "5555551234567", "5855555555555", "191032A004120", "291032B033007"),
    *("1942099351002", "2949999352006", "1850597101006", "9550899999011", "155089999901", "1550899999011 "),
    *("191032C004120", "155089999901\u0663", ""),
)
_ONE_SHEET_OF: Final = 8
"""A care sheet is printed for one file out of this many: it takes longer than everything else."""

_BIRTHS: Final = ("1955-08-12", "19550812", "12/08/1955", "0000-00-00", "1955-٠٨-12", "1955-8-12", "")


@cache
def _base() -> str:
    with practice_path() as path:
        tree = json.loads(path.read_text("utf-8"))
    tree["patients"] = tree["patients"][:1]
    tree["staff"][0]["card"] = "cpf"
    who = tree["patients"][0]["id"]
    tree["invoices"] = [each for each in tree["invoices"] if each["patient"] == who][:2]
    return json.dumps(tree)


def _good() -> tuple[bytes, ...]:
    return (_base().encode(),)


def _tweaked(chance: Chance) -> bytes:
    tree: dict[str, Any] = json.loads(_base())
    patient = tree["patients"][0]
    who = patient["beneficiaries"][0]
    for _ in range(1 + chance.below(3)):
        match chance.below(4):
            case 0:
                _number(patient, chance)
            case 1:
                who["birth_date"] = _birth(chance)
            case _:
                place = pick(chance, (who, who, tree["practitioners"][0], tree["prescribers"][0]))
                place[pick(chance, ("last_name", "first_name"))] = _name(chance)
    if not chance.below(6):
        tweak_tree(tree, chance)
    return json.dumps(tree, ensure_ascii=not chance.below(2)).encode("utf-8", "surrogatepass")


def _name(chance: Chance) -> str:
    parts = [pick(chance, _PARTS) for _ in range(1 + chance.below(3))]
    name = pick(chance, (" ", "-", "\u2011", "")).join(parts)
    return unicodedata.normalize("NFD", name) if not chance.below(4) else name


def _number(patient: dict[str, Any], chance: Chance) -> None:
    number = pick(chance, _NUMBERS)
    key = nir_key(number) if is_nir(number) else "01"
    if not chance.below(4):
        key = f"{chance.below(100):02}"
    patient |= {"nir": number, "nir_key": key, "regime": pick(chance, ("01", "02", "10"))}


def _birth(chance: Chance) -> str:
    lunar = f"{1800 + chance.below(300)}-{chance.below(100):02}-{chance.below(100):02}"
    return lunar if chance.below(3) else pick(chance, _BIRTHS)


def _read(raw: bytes) -> None:
    try:
        practice = parse_practice(raw)
    except PracticeFileError as error:
        for problem in error.problems:
            if len(str(problem).splitlines()) != 1 or not problem.found or not problem.expected:
                raise Violation("form", "a mistake in a practice file is not told on one line") from None
        raise
    for who in _people(practice):
        _check_name(who)
    for invoice in prepared_invoices(practice):
        if PreparedInvoice.parse(invoice.build()) != invoice:
            raise Violation("round trip", "an invoice of a practice file reads back differently")
    if crc32(raw) % _ONE_SHEET_OF == 0:
        for invoice in prepared_invoices(practice)[:1]:
            _check_sheet(invoice)


def _people(practice: Practice) -> list[Beneficiary]:
    return [each for patient in practice.patients for each in patient.beneficiaries]


def _check_name(who: Beneficiary) -> None:
    for name in (who.last_name, who.first_name):
        if _has_question_mark(fold(name)) and not _has_question_mark(name):
            raise Violation("name", "a name is on the reader's screen with a question mark")
        if not fold(name).strip() or not file_name(name):
            raise Violation("name", "nothing of a name is on the reader's screen")
        if fold_name(unicodedata.normalize("NFD", name).upper()) != fold_name(name):
            raise Violation("name", "a list does not find a name written with other accents")
    group = vitale.Beneficiary(
        usual_name=who.last_name,
        first_name=who.first_name,
        birth_date=who.birth_date,
        birth_rank=who.birth_rank,
        quality=who.quality,
    )
    if decode_typed(encode_typed([group])) != (group,):
        raise Violation("round trip", "a person is different on the Vitale card and in the practice file")


def _check_sheet(invoice: PreparedInvoice) -> None:
    import pypdfium2

    names = [
        invoice.patient.last_name,
        invoice.patient.first_name,
        invoice.ps.last_name,
        invoice.ps.first_name,
    ]
    if invoice.prescription is not None:
        names += [invoice.prescription.last_name, invoice.prescription.first_name]
    if any(map(_has_question_mark, names)):
        return
    with pypdfium2.PdfDocument(care_sheet(invoice)) as document:
        text = document[0].get_textpage().get_text_bounded()
    if _has_question_mark(text):
        raise Violation("name", "a name is on the care sheet with a question mark")
    if invoice.beneficiary.birth_date.french not in text:
        raise Violation("birth date", "a birth date is on the care sheet with other digits")


def _has_question_mark(text: str) -> bool:
    return "?" in text or "¿" in text or "\ufffd" in text


KIND: Final = FileKind(_good, _read, _tweaked)
