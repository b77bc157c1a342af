"""The desk from the command line: degraded, scanned, listed, sent, answered, rectified."""

from __future__ import annotations

import ast
import csv
import io
import json
from pathlib import Path

import pytest

from tests.mail_server import Mailbox, mail_server
from tests.scans import image_bytes, page, scan_pdf, signature_png, text_pdf
from tests.tools.cli.command_line import ROOT
from tests.tools.cli.surgery import Surgery
from tla_sim.host.desk.list_csv import COLUMNS
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import MAYA, NURSE, PAUL
from tla_sim.tools.cli import output
from tla_sim.tools.language import Language, localise, speak
from tla_sim.tools.language.summary_words import ENGLISH

NUMBER = "190305028"
MINE = ("--owner", NURSE)
TITLES = [
    "Prescription",
    "Entente préalable",
    "Facture Complémentaire Actes NGAP",
    "Remboursements",
    "Parcours de soins",
    "Montants Remboursables",
    "Pièce justificative",
    "Options",
    "Actes",
    "Droits",
    "Documents et pièces",
]


def degrade(surgery: Surgery, *options: str) -> None:
    done = surgery.tla("invoice", "degrade", NUMBER, "--practice", surgery.practice, *MINE, *options)
    assert done.exit_code == 0


def scan(surgery: Surgery, content: bytes = b"") -> Path:
    path = surgery.directory / "ordonnance.jpg"
    path.write_bytes(content or image_bytes(page()))
    return path


def complete(surgery: Surgery) -> None:
    """A degraded invoice with everything digital, ready to leave."""
    degrade(surgery)
    image = surgery.directory / "signature.png"
    image.write_bytes(signature_png())
    assert surgery.tla("scor", "signature", *MINE, "--image", image).exit_code == 0
    assert surgery.tla("certify", "--invoice", NUMBER).exit_code == 0
    assert surgery.tla("scor", "attach", scan(surgery), "--invoice", NUMBER).exit_code == 0


def made(surgery: Surgery) -> str:
    complete(surgery)
    (file,) = surgery.json("lot", "make")["files"]
    return str(file["identity"])


def test_an_invoice_is_summed_up_as_on_the_screen(surgery: Surgery) -> None:
    result = surgery.tla("--lang", "fr", "invoice", "show", NUMBER, "--practice", surgery.practice, *MINE)
    for expected in (
        "N° 190305028 Du 05/03/2019",
        "10 Maladie",
        "5 Assuré ou bénéficiaire exonéré",
        "Tiers payant sur part obligatoire",
        "CPAM - DEMONSTRATION % 100",
        "Déclaration du médecin traitant Sans objet",
        "La facture est élaborée Sans objet (facture non concernée par le parcours de soins)",
        "156,20",
        "0,00 (hors règlements perçus)",
        "Ordonnance : sur papier",
        "Carte Vitale",
        "pas dans le registre",
    ):
        assert expected in " ".join(result.stdout.split())
    assert [title for title in TITLES if title in result.stdout.splitlines()] == TITLES
    degrade(surgery, "--rights", "adr")
    shown = surgery.json("invoice", "show", NUMBER)
    assert list(shown["Options"].values()) == ["oui", "non", "oui", "oui"]
    assert (shown["mode"], shown["Droits"]["Origine des droits"]) == ("DEGRADED", "Réponse ADR")
    assert "Feuille de soins : sur papier" in shown["Documents et pièces"].values()


def test_an_invoice_is_summed_up_in_english(surgery: Surgery) -> None:
    said = surgery.tla("invoice", "show", NUMBER, "--practice", surgery.practice, *MINE).stdout
    for expected in (
        "No. 190305028 Dated 05/03/2019",
        "€156.20",
        "10 Illness",
        "5 Insured person or beneficiary exempt",
        "CPAM - DEMONSTRATION % 100",
        "TOUBIB PAUL on 01/01/2019",
        "Prescription: on paper",
        "State: not in the ledger",
    ):
        assert expected in " ".join(said.split())
    assert not [french for french in ENGLISH if ENGLISH[french] != french and french in said.split()]


def test_each_text_of_the_summary_has_its_english() -> None:
    codes_and_layout = {
        "CABINET",
        "ADR",
        "10",
        "5",
        " x ",
        " : ",
        ", ",
        " ",
        " + ",
        "",
        "%d/%m/%Y",
        "00/00/0000",
        "DRE",
    }
    tree = ast.parse((ROOT / "host" / "desk" / "summary.py").read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    }
    assert texts - codes_and_layout - set(ENGLISH) == set()


def test_degraded_at_the_desk_by_the_owner_alone(surgery: Surgery) -> None:
    degrade(surgery)
    surgery.bench.insert_ps(PAUL)
    assert surgery.tla("certify", "--invoice", NUMBER).exit_code == 1
    surgery.bench.insert_ps(MAYA)
    result = surgery.tla("certify", "--invoice", NUMBER)
    assert "is COMPLETE (degraded), signed by PIQURE2969 MAYA." in result.stdout
    assert surgery.tla("invoice", "secure", NUMBER, *MINE).exit_code == 1


def test_loaded_degraded_signed_off_the_cable_and_pulled(surgery: Surgery) -> None:
    degrade(surgery, "--load")
    assert surgery.tla("push", surgery.practice, *MINE, "--others", "no").exit_code == 0
    surgery.bench.unplug()
    surgery.bench.insert_ps(MAYA)
    surgery.bench.press("VAL")
    surgery.bench.type_code()
    assert "1 FACTURE SIGNEE" in surgery.bench.text
    surgery.port = surgery.bench.reader.attach("surgery")
    assert surgery.json("pull")["complete"] == 1
    assert surgery.documents()[NURSE].state.name == "COMPLETE"


def test_not_marked_for_loading_it_stays_at_the_desk(surgery: Surgery) -> None:
    degrade(surgery)
    (pushed,) = surgery.json("push", surgery.practice, "--owner", "75100002", "--others", "no")
    assert pushed["loaded"] == 1
    assert [each["owner"] for each in surgery.json("list")] == ["75100002"]
    degrade(surgery)
    assert surgery.tla("invoice", "secure", NUMBER, *MINE).exit_code == 0
    (pushed,) = surgery.json("push", surgery.practice, *MINE, "--others", "no")
    assert pushed["loaded"] == 1


@pytest.mark.parametrize("number", ["0", "6"])
def test_there_are_five_lists(surgery: Surgery, number: str) -> None:
    assert surgery.tla("desk", "--list", number).exit_code == 2


def test_the_lists_their_columns_and_the_two_marks(surgery: Surgery) -> None:
    complete(surgery)
    result = surgery.tla("desk", "--list", "3")
    cells = result.stdout.split("\n")
    row = next(line for line in cells if NUMBER in line)
    assert (
        row.split()
        == f"{NUMBER} yes yes MARTIN PAUL CPAM - DEMONSTRATION 05/03/2019 156,20 01/01/19 yes".split()
    )
    assert "invoice no." in result.stdout
    assert "n° facture" in surgery.tla("--lang", "fr", "desk", "--list", "3").stdout
    assert surgery.tla("scor", "paper", NUMBER).exit_code == 0
    assert surgery.json("desk", "--list", "3")["documents"][0]["sheet"] == "red"
    assert surgery.tla("scor", "paper", NUMBER, "--off").exit_code == 0
    assert surgery.json("desk", "--list", "3")["documents"][0]["sheet"] == "green"
    assert surgery.tla("scor", "signature", *MINE, "--off").exit_code == 0
    (document,) = surgery.json("desk", "--list", "3")["documents"]
    assert (document["prescription"], document["sheet"], document["total"]) == ("green", "red", 15_620)
    counts = {each["list"]: (each["count"], each["total"]) for each in surgery.json("desk")}
    assert counts == {1: (0, 0), 2: (0, 0), 3: (1, 15_620), 4: (0, 0), 5: (0, 0)}


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_lists_are_shown_on_a_terminal_of_any_width(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    complete(surgery)
    monkeypatch.setattr(output, "PIPE_WIDTH", width)
    result = surgery.tla("desk")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= width
    assert (f" {NUMBER} " in result.stdout) is (width >= 80), "the number is only broken where it must be"
    assert surgery.tla("lot", "make").exit_code == 0
    assert ("DEMONSTRATION" in surgery.tla("desk").stdout) is (width >= 80)


def test_the_headings_are_whole_at_80_columns(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    complete(surgery)
    monkeypatch.setattr(output, "PIPE_WIDTH", 80)
    for language in ("en", "fr"):
        words = surgery.tla("--lang", language, "desk", "--list", "3").stdout.split()
        speak(Language(language))
        headings = {word for heading in COLUMNS[-2:] for word in localise(heading).split()}
        speak(Language.EN)
        assert headings <= set(words)


def test_the_marks_are_said_in_french(surgery: Surgery) -> None:
    degrade(surgery)
    shown = surgery.tla("--lang", "fr", "desk").stdout
    assert "01/01/19 papier" in shown
    assert shown.count("papier") == 2


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (("--owner", NURSE), 1),
        (("--owner", "piqure"), 1),
        (("--owner", "toubib"), 0),
        (("--patient", "martin", "--recipient", "cpam"), 1),
        (("--from", "2019-03-05", "--to", "05/03/2019"), 1),
        (("--from", "2019-03-06"), 0),
    ],
)
def test_the_lists_are_filtered(surgery: Surgery, options: tuple[str, ...], count: int) -> None:
    complete(surgery)
    assert surgery.json("desk", "--list", "3", *options)["count"] == count


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (("--owner", NURSE), 1),
        (("--owner", "toubib"), 0),
        (("--patient", "martin", "--recipient", "cpam", "--sort", "total"), 1),
        (("--patient", "dupont"), 0),
        (("--recipient", "mutuelle"), 0),
        (("--to", "2019-03-04"), 0),
    ],
)
def test_the_files_are_filtered_before_and_after_they_left(
    surgery: Surgery, options: tuple[str, ...], count: int
) -> None:
    identity = made(surgery)
    assert surgery.json("desk", "--list", "5", *options)["count"] == count
    assert surgery.json("desk", "--sent", *options) == []
    assert surgery.tla("send", "--out", surgery.directory / "out").exit_code == 0
    assert surgery.json("desk", "--list", "5", *options)["count"] == 0
    assert [each["identity"] for each in surgery.json("desk", "--sent", *options)] == [identity] * count


def test_what_left_says_how_and_what_was_answered(surgery: Surgery) -> None:
    identity = made(surgery)
    assert surgery.tla("send", "--out", surgery.directory / "out").exit_code == 0
    (line,) = surgery.json("desk", "--sent")
    assert (line["state"], line["way"], line["rejected"]) == ("SENT", "folder", 0)
    (file,) = (surgery.directory / "out").iterdir()
    arl = surgery.directory / "arl.json"
    assert surgery.tla("arl", "make", file, "--out", arl, "--reject", NUMBER).exit_code == 0
    assert surgery.tla("arl", "read", arl).exit_code == 0
    (line,) = surgery.json("desk", "--sent")
    assert (line["state"], line["rejected"]) == ("ACKNOWLEDGED", 1)
    assert identity in surgery.tla("desk", "--sent").stdout
    for chosen, expected in (("--sent", identity), ("--rejected", NUMBER)):
        (row,) = csv.reader(io.StringIO(surgery.tla("desk", chosen, "--csv").stdout.partition("\n")[2]))
        assert row[0] == expected
    assert surgery.json("desk", "--rejected", "--owner", "toubib") == []
    assert surgery.tla("desk", "--rejected", "--list", "3").exit_code == 2


def test_a_list_as_csv_holds_no_formula(surgery: Surgery) -> None:
    tree = json.loads(surgery.practice.read_text())
    tree["funds"][0]["label"] = "=1+1"
    surgery.write_practice(tree)
    complete(surgery)
    rows = list(csv.DictReader(io.StringIO(surgery.tla("desk", "--list", "3", "--csv").stdout)))
    assert (rows[0]["invoice no."], rows[0]["recipient"], rows[0]["total €"]) == (NUMBER, "'=1+1", "156.20")
    french = surgery.tla("--lang", "fr", "desk", "--list", "3", "--csv").stdout
    (row,) = csv.DictReader(io.StringIO(french), delimiter=";")
    assert row["total €"] == "156,20"
    assert (row["n° facture"], row["destinataire"], row["dégradé"]) == (NUMBER, "'=1+1", "oui")
    assert (row["état"], row["titulaire"]) == ("CERTIFIÉE", "PIQURE2969 MAYA")


FRENCH_ALONE = (
    "dégradé",
    "à sécuriser",
    "à transmettre",
    "destinataire",
    "titulaire",
    "état",
    "oui",
    "CHARGÉE",
)
ENGLISH_ALONE = ("degraded", "to secure", "to send", "recipient", "owner", "state", "yes", "LOADED", "READY")


def test_a_screen_speaks_one_language(surgery: Surgery) -> None:
    degrade(surgery)
    assert surgery.tla("push", surgery.practice, "--others", "yes").exit_code == 0
    for verb in (("desk",), ("desk", "--list", "1"), ("desk", "--rejected"), ("desk", "--sent"), ("list",)):
        english = surgery.tla("--lang", "en", *verb).stdout
        french = surgery.tla("--lang", "fr", *verb).stdout
        assert not [word for word in FRENCH_ALONE if word in english], verb
        assert not [word for word in ENGLISH_ALONE if word in french], verb
        assert surgery.tla("--lang", "fr", *verb, "--json").stdout == surgery.tla(*verb, "--json").stdout
    assert "CHARGÉE" in surgery.tla("--lang", "fr", "list").stdout
    assert "LOADED" in surgery.tla("list").stdout
    assert surgery.tla("desk", "--csv").exit_code == 2


def test_the_sheet_is_written_and_says_how_it_is_signed(surgery: Surgery) -> None:
    degrade(surgery)
    out = surgery.directory / "sheet.pdf"
    assert "sign it by hand" in surgery.tla("sheet", NUMBER, "--out", out).stderr
    assert out.read_bytes().startswith(b"%PDF-")
    assert surgery.tla("sheet", NUMBER, "--out", surgery.directory / "no" / "sheet.pdf").exit_code == 2


def test_the_whole_way_by_mail_and_back(surgery: Surgery) -> None:
    identity = made(surgery)
    addresses = ("--sender", "cabinet@example.org", "--to", "cpam@example.org")
    with mail_server(Mailbox()) as box:
        (sent,) = surgery.json("send", "--smtp", f"127.0.0.1:{box.port}", *addresses)
        assert surgery.json("send", "--smtp", f"127.0.0.1:{box.port}", *addresses) == []
    assert (sent["identity"], sent["way"], sent["documents"]) == (identity, "mail", 1)
    (message,) = box.messages
    arrived = surgery.directory / "arrived.zip"
    (attachment,) = [each for each in message.walk() if each.get_filename()]
    arrived.write_bytes(attachment.get_payload(decode=True))  # type: ignore[arg-type]
    shown = surgery.json("lot", "show", arrived)
    assert [(lot["mode"], lot["documents"], len(lot["pieces"])) for lot in shown["lots"]] == [
        ("DEGRADED", [NUMBER], 2)
    ]
    arl = surgery.directory / "arl.json"
    assert surgery.tla("arl", "make", arrived, "--out", arl, "--reject", NUMBER).exit_code == 0
    assert [each["number"] for each in surgery.json("arl", "read", arl)["rejected"]] == [NUMBER]
    assert [each["number"] for each in surgery.json("desk", "--rejected")] == [NUMBER]
    new = surgery.json("invoice", "rectify", NUMBER, "--as", "190306001", "--date", "06/03/2019")
    assert (new["rectifies"], new["mode"]) == (NUMBER, "DEGRADED")
    assert surgery.tla("certify", "--invoice", "190306001").exit_code == 0
    assert surgery.tla("lot", "make").exit_code == 0
    out = surgery.directory / "outbox"
    assert len(surgery.json("send", "--out", out)) == 1
    assert surgery.json("desk", "--rejected") == []


def test_nothing_to_send_is_said_in_a_sentence(surgery: Surgery) -> None:
    complete(surgery)
    assert surgery.tla("send", "--out", surgery.directory / "out").stdout.startswith(
        "No file waits to be sent"
    )


def test_a_server_that_drops_after_data_is_a_failed_link_until_settled(surgery: Surgery) -> None:
    identity = made(surgery)
    addresses = ("--sender", "cabinet@example.org", "--to", "cpam@example.org")
    with mail_server(Mailbox(drop="after")) as box:
        for _ in range(2):
            result = surgery.tla("send", "--smtp", f"127.0.0.1:{box.port}", *addresses)
            assert (result.exit_code, len(box.raw), result.stdout) == (3, 1, "")
            assert "may have arrived" in result.stderr
    assert surgery.json("desk", "--list", "5")["files"][0]["state"] == "SENDING"
    assert surgery.tla("send", "--arrived", "--file", identity).exit_code == 0
    assert surgery.json("desk", "--list", "5")["count"] == 0


def test_a_bad_mail_address_is_wrong_usage(surgery: Surgery) -> None:
    made(surgery)
    result = surgery.tla("send", "--smtp", "127.0.0.1:1", "--sender", "cabinet", "--to", "cpam@example.org")
    assert (result.exit_code, "'cabinet' is not a mail address" in result.stderr) == (2, True)


def test_what_lacks_a_signature_is_refused_naming_the_card(surgery: Surgery) -> None:
    surgery.push()
    surgery.visit(PAUL)
    assert surgery.tla("pull").exit_code == 0
    surgery.bench.insert_ps(MAYA)
    result = surgery.tla("lot", "make", "--invoice", NUMBER)
    assert result.exit_code == 1
    assert "lacks the signature of the CPS of PIQURE2969 MAYA" in result.stderr
    result = surgery.tla("lot", "make")
    assert result.exit_code == 1
    assert "CPS of PIQURE2969 MAYA" in result.stdout
    assert surgery.tla("sign").exit_code == 0
    assert surgery.json("lot", "make")["partial"] == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (text_pdf(password="x"), "protected by a password"),
        (text_pdf()[:-200], "truncated"),
        (image_bytes(page(ink=False)), "blank"),
        (b"hello", "neither PDF nor JPEG nor PNG"),
    ],
)
def test_a_bad_scan_is_one_sentence_and_nothing_is_kept(
    surgery: Surgery, content: bytes, problem: str
) -> None:
    degrade(surgery)
    result = surgery.tla("scor", "attach", scan(surgery, content), "--invoice", NUMBER)
    assert result.exit_code == 2
    assert problem in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert surgery.json("scor", "list", NUMBER) == []
    assert not Path(f"{surgery.ledger_file}.pieces").exists()


def test_pieces_are_listed_and_taken_off(surgery: Surgery) -> None:
    degrade(surgery)
    assert surgery.tla("scor", "attach", scan(surgery), "--invoice", NUMBER, "--as", "other").exit_code == 0
    (piece,) = surgery.json("scor", "list", NUMBER)
    assert (piece["role"], piece["pages"]) == ("OTHER", 1)
    assert surgery.tla("scor", "detach", NUMBER, piece["digest"][:6]).exit_code == 0
    assert surgery.json("scor", "list", NUMBER) == []


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("invoice", "show", "404"), 2, "no invoice 404"),
        (("sheet", "404", "--out", "x.pdf"), 2, "no invoice 404"),
        (("scor", "attach", "missing.pdf", "--invoice", "404"), 2, "no invoice 404"),
        (("scor", "signature", "--owner", "../x", "--on"), 2, "found '../x', expected a billing number"),
        (("scor", "signature", "--owner", "1", "--image", "missing.png"), 2, "missing.png cannot be read"),
        (("scor", "signature", "--owner", "1", "--on"), 1, "No signature is registered"),
        (("desk", "--from", "yesterday"), 2, "--from: found 'yesterday', expected a day such as 2019-03-05"),
        (("desk", "--to", "29/02/2019"), 2, "--to: found '29/02/2019', expected a day that exists: 2019-02"),
        (("desk", "--from", "2019-13-01"), 2, "expected a day that exists: a year has 12 months"),
        (("desk", "--from", "2019-03-05", "--to", "2019-03-04"), 2, "expected 2019-03-05 or later"),
        (("desk", "--owner", "1234567890"), 2, "--owner: found '1234567890', expected a billing number"),
        (("invoice", "show", "1234567890"), 2, "N: found '1234567890', expected an invoice number"),
        (("invoice", "show", NUMBER, "--owner", "75x"), 2, "--owner: found '75x'"),
        (("invoice", "degrade", "19030502B"), 2, "N: found '19030502B'"),
        (("invoice", "secure", ""), 2, "N: found ''"),
        (("certify", "--invoice", "1903050280"), 2, "--invoice: found '1903050280'"),
        (("sign", "--invoice", "-1"), 2, "--invoice: found '-1'"),
        (("lot", "make", "--invoice", NUMBER, "--invoice", "١"), 2, "--invoice: found '١'"),
        (("erase", "--owner", ""), 2, "--owner: found ''"),
        (("sheet", "1 2", "--out", "x.pdf"), 2, "N: found '1 2'"),
        (("scor", "attach", "x.pdf", "--invoice", "no"), 2, "--invoice: found 'no'"),
        (("arl", "make", "x.zip", "--out", "y", "--reject", "0000000000"), 2, "--reject: found"),
        (("ledger", "--history", "?"), 2, "--history: found '?'"),
        (("list", "--owner", "7562969O"), 2, "--owner: found '7562969O'"),
        (("clock", "--set", "2019-02-29T08:00"), 2, "expected a day that exists: 2019-02 has 28 days"),
        (("invoice", "rectify", NUMBER, "--as", "1234567890"), 2, "--as: found '1234567890', expected an"),
        (("invoice", "rectify", NUMBER, "--as", "405"), 2, "expected an invoice number of 9 digits"),
        (("invoice", "rectify", NUMBER, "--as", "190306001", "--date", "2019-04-31"), 2, "2019-04 has 30"),
        (("invoice", "rectify", NUMBER, "--as", "190306001", "--date", "1850-01-01"), 2, "a year from 1900"),
        (
            ("invoice", "rectify", NUMBER, "--as", "190306001", "--date", "6/3/2019", "--practice", "p"),
            2,
            "--date and --practice exclude each other",
        ),
        (("send",), 2, "Exactly one action is needed"),
        (("send", "--smtp", "localhost"), 2, "--sender and --to"),
        (("send", "--out", "o", "--file", "../../x"), 2, "knows no file"),
        (("send", "--arrived", "--file", "0" * 16), 2, "knows no file"),
        (("send", "--arrived"), 2, "No file is named"),
        (("send", "--out", "pyproject.toml", "--file", "0" * 16), 2, "is not a folder"),
        (("lot", "show", "missing.zip"), 2, "cannot be read"),
        (("arl", "read", "missing.json"), 2, "cannot be read"),
        (("invoice", "rectify", "404", "--as", "190306001"), 2, "no invoice 404"),
    ],
)
def test_wrong_usage_is_one_sentence(
    surgery: Surgery, arguments: tuple[str, ...], code: int, problem: str
) -> None:
    degrade(surgery)
    result = surgery.tla(*arguments)
    assert result.exit_code == code
    assert problem in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("desk",),
        ("lot", "make"),
        ("send", "--out", "o"),
        ("arl", "read", "missing.json"),
        ("sheet", NUMBER, "--out", "x.pdf"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_mistyped_ledger_is_not_begun(surgery: Surgery, arguments: tuple[str, ...]) -> None:
    result = surgery.tla(*arguments)
    assert result.exit_code == 2
    assert "There is no ledger" in result.stderr
    assert not surgery.ledger_file.exists()


def test_an_arl_for_an_unknown_file_changes_nothing(surgery: Surgery) -> None:
    degrade(surgery)
    path = surgery.directory / "arl.json"
    fields = {"format": "tla-arl", "version": 1, "file": "0" * 16, "digest": "00" * 32}
    path.write_text(json.dumps(fields | {"verdict": "accepted", "code": "", "reason": "", "rejections": []}))
    result = surgery.tla("arl", "read", path)
    assert (result.exit_code, "knows no file" in result.stderr) == (2, True)


def test_a_card_that_is_out_makes_no_lot(surgery: Surgery) -> None:
    complete(surgery)
    surgery.bench.reader.remove(Slot.PS)
    assert surgery.tla("lot", "make").exit_code == 1
    assert surgery.json("desk", "--list", "5")["count"] == 0


def duplex(surgery: Surgery) -> Path:
    path = surgery.directory / "recto-verso.pdf"
    path.write_bytes(scan_pdf(page(), page(ink=False)))
    return path


def test_empty_backs_are_named_and_left_out_when_asked_to(surgery: Surgery) -> None:
    degrade(surgery)
    path = duplex(surgery)
    refused = surgery.tla("scor", "attach", path, "--invoice", NUMBER)
    assert refused.exit_code == 2
    assert "Page 2 of recto-verso.pdf is blank" in refused.stderr
    assert "--without-empty-pages" in refused.stderr
    assert surgery.json("scor", "list", NUMBER) == []
    taken = surgery.tla("scor", "attach", path, "--invoice", NUMBER, "--without-empty-pages")
    assert taken.exit_code == 0
    assert "Left out as blank: p. 2." in taken.stderr
    (piece,) = surgery.json("scor", "list", NUMBER)
    assert (piece["pages"], piece["left_out"]) == (1, [2])
    kept = Path(f"{surgery.ledger_file}.pieces") / str(piece["original"])
    assert kept.read_bytes() == path.read_bytes()
    assert "left out" in surgery.tla("scor", "list", NUMBER).stdout


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 2)])
def test_somebody_at_a_terminal_is_asked(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch, answer: bool, code: int
) -> None:
    degrade(surgery)
    asked: list[str] = []

    def confirm(question: str, *, by_itself: bool) -> bool:
        asked.append(question)
        return answer and not by_itself

    monkeypatch.setattr("tla_sim.tools.cli.scor.confirm", confirm)
    monkeypatch.setattr("tla_sim.tools.cli.scor.somebody_answers", lambda: True)
    result = surgery.tla("scor", "attach", duplex(surgery), "--invoice", NUMBER)
    assert result.exit_code == code
    assert asked == ["Page 2 of recto-verso.pdf is blank. Leave these pages out?"]
    assert len(surgery.json("scor", "list", NUMBER)) == answer
