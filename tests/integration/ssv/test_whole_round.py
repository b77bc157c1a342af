"""The demo's whole round by practice software of its own, in C and in Python, by the libraries alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.serving import wait_for
from tests.integration.simulator import Simulator, command, environment
from tests.integration.ssv.library_kit import LoadedLibraries, built_once, compile_program
from tests.integration.ssv.round_kit import (
    C_SOURCE,
    NURSE,
    PYTHON,
    Pulled,
    Surgery,
    certified,
    finished,
    groups_in,
    kept_documents,
)
from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.sending.arl import compose
from tla_sim.host.sending.lot_file import read_file, verify_file
from tla_sim.host.sending.send import file_content
from tla_sim.host.ssv.build import Built
from tla_sim.host.ssv.functions import CHARGER_FACTURES_PDT
from tla_sim.host.transport import open_transport
from tla_sim.host.transport.pcsc import SOCKET_VARIABLE
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.protocol.groups.zone import decode_zone_data

MARTIN, DESMAUX = "vitale-martin-paul", "vitale-desmaux-nathalie"
CARDS = {NURSE: "75629690", "cps-toubib-paul": "75112040", "cps-masseur3107-luc": "75712040"}
VERBS = ("unload", "bring")
NAMES_OF_1_40_14 = ("libssvlux64.so", "libsgdlux64.so")
CARD_HOLDER, COMPONENT, INSURED = 1, 61, 101
DOCUMENT, REPORT, IDENTITY, SIGNATURE, LOT, ANSWER = 9310, 9311, 9312, 9313, 9320, 9330


class Share(NamedTuple):
    """What of the demo is done: invoices by name, patients, owners' cards, and how many documents come."""

    zones: tuple[str, ...]
    vitales: tuple[str, ...]
    cards: tuple[str, ...]
    certified: int


WHOLE = Share((), (MARTIN, DESMAUX), tuple(CARDS), 9)
ONE_INVOICE = Share(("75712040-190301201",), (MARTIN,), ("cps-masseur3107-luc",), 1)
"""What 9600 baud leave time for in `make test`: signed for another, so that its owner signs, too."""


@pytest.fixture
def surgery(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Surgery:
    return Surgery.equipped(tmp_path, tmp_path_factory)


@pytest.fixture(params=["python", "c"])
def program(request: pytest.FixtureRequest, tmp_path: Path, built: Built) -> tuple[str | Path, ...]:
    """The command of a program."""
    if request.param == "python":
        return (*PYTHON, built.folder / "lib" / "libssvlux.so")
    return (compile_program(C_SOURCE, tmp_path / "whole_round", built),)


@pytest.fixture
def c_program(tmp_path: Path, built: Built) -> tuple[Path, ...]:
    return (compile_program(C_SOURCE, tmp_path / "whole_round", built),)


@pytest.mark.soak
def test_at_9600_baud(surgery: Surgery, program: tuple[str | Path, ...]) -> None:
    go_round(surgery, program, WHOLE, f"pty:{surgery.home / 'line'}?baud=9600")


def test_one_invoice_at_9600_baud(surgery: Surgery, c_program: tuple[Path, ...]) -> None:
    go_round(surgery, c_program, ONE_INVOICE, f"pty:{surgery.home / 'line'}?baud=9600")


@pytest.mark.share(2)
def test_by_pcsc(surgery: Surgery, program: tuple[str | Path, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SOCKET_VARIABLE, str(surgery.home / "rdr.comm"))
    go_round(surgery, program, WHOLE, f"ccid:{surgery.home / 'rdr'}", "--pcscd")


def go_round(
    surgery: Surgery, program: tuple[str | Path, ...], share: Share, link: str, *arguments: str | Path
) -> None:
    """Load, visit, bring back with each owner's card, and take the answer; compare with what a pull gives."""
    loaded, answered = surgery.folder("loaded"), surgery.folder("answered")
    folders = {card: surgery.folder(card) for card in share.cards}
    with surgery.serving(link, *arguments):
        surgery.run(program, "load", loaded, *surgery.zones(*share.zones))
    check_loaded(loaded, len(surgery.zones(*share.zones)))
    surgery.visit(*share.vitales)
    pulled = Pulled(surgery)
    assert len(pulled.documents) == share.certified
    first, *_ = folders.values()
    with surgery.serving(link, *arguments) as sim:
        sim.say(f"insert vitale {surgery.card(MARTIN)}")
        for card, folder in folders.items():
            change_card(sim, surgery.card(card))
            surgery.run(program, "bring", folder)
            if folder is first:
                sim.say("remove vitale")
        files = [path for folder in folders.values() for path in folder.glob("file-*.zip")]
        for each in files:
            each.with_suffix(".arl").write_bytes(accepting(each))
        surgery.run(program, "answer", answered, *(each.with_suffix(".arl") for each in files))
    check_rights(folders)
    for card, folder in folders.items():
        check_brought(folder, CARDS[card], pulled)
    assert INSURED in dict(groups_in(first / "beneficiaries.txt"))
    if NURSE in share.cards:
        assert (folders[NURSE] / "card.txt").read_text() == pulled.card
        assert (folders[NURSE] / "beneficiaries.txt").read_text() == pulled.beneficiaries
        assert kept_documents(folders[NURSE], "unloaded") == pulled.documents
    check_ledger(surgery, folders.values(), files)
    answers = [fields for number, fields in groups_in(answered / "answers.txt") if number == ANSWER]
    assert [each[1] for each in answers] == ["1"] * len(files)
    with open_transport(f"state:{surgery.state}") as transport:
        assert ReaderClient(transport, os.urandom).list_documents() == ()


def accepting(file: Path) -> bytes:
    """The answer of a recipient who takes all of a file."""
    content = file.read_bytes()
    return compose(read_file(content).identity, digest(content))


def change_card(sim: Simulator, card: Path) -> None:
    """Put another PS card into the slot."""
    sim.say("remove cps", f"insert cps {card}")
    sim.wait_for(f"insert cps {card}")


def check_loaded(folder: Path, invoices: int) -> None:
    """What a program holds after loading: identity, configuration, clock, a report of each document."""
    identity = groups_in(folder / "identity.txt")
    assert identity[0][0] == IDENTITY
    assert {number for number, _ in identity[1:]} == {COMPONENT}
    config = [number for number, _ in groups_in(folder / "config.txt")]
    assert set(config) == {60, 61, 62, 63, 64}
    assert (folder / "clock.txt").read_text().startswith("2019030508")
    reports = [fields for number, fields in groups_in(folder / "loaded.txt") if number == REPORT]
    assert len(reports) == invoices
    assert {each[3] for each in reports} == {"loaded"}


def check_rights(folders: dict[str, Path]) -> None:
    """The Vitale was in for the first card alone."""
    first, *others = folders.values()
    assert INSURED in dict(groups_in(first / "rights.txt"))
    assert not any((each / "rights.txt").exists() for each in others)


def check_brought(folder: Path, owner: str, pulled: Pulled) -> None:
    """What a program holds of one owner: FSEs as a pull gives them, sound, and the finals it had signed."""
    unloaded, final = kept_documents(folder, "unloaded"), kept_documents(folder, "final")
    assert unloaded == {name: pulled.documents[name] for name in unloaded}
    mine = {name for name in pulled.documents if name.startswith(owner)}
    assert mine <= set(unloaded)
    waiting = {name for name in mine if state_of(pulled.documents[name]) == "PARTIAL"}
    assert set(final) == waiting
    assert {state_of(each) for each in final.values()} <= {"FINAL"}
    for name in unloaded:
        said = groups_in(folder / f"said-{name}.txt")
        assert said[0][0] == DOCUMENT
        assert [fields[5] for number, fields in said if number == SIGNATURE] == ["1", "1"]
    lots = [fields for number, fields in groups_in(folder / "lots.txt") if number == LOT]
    assert sum(int(each[5]) for each in lots) == len(mine)
    assert CARD_HOLDER in dict(groups_in(folder / "card.txt"))


def state_of(fse: bytes) -> str:
    return verify_fse(Document(fse), TrustAnchors.shipped()).state.name


def check_ledger(surgery: Surgery, folders: Iterable[Path], files: list[Path]) -> None:
    """The ledger holds the same, and everything is in files that left and were accepted."""
    held: dict[str, bytes] = {}
    for folder in folders:
        unloaded = kept_documents(folder, "unloaded")
        held |= {name: each for name, each in unloaded.items() if state_of(each) == "COMPLETE"}
        held |= kept_documents(folder, "final")
    assert certified(surgery.book) == held
    sent: set[bytes] = set()
    with Ledger.open(surgery.book) as ledger:
        for path in files:
            content = path.read_bytes()
            assert content == file_content(ledger, path.stem.removeprefix("file-"))
            file = read_file(content)
            verify_file(file, TrustAnchors.shipped())
            sent |= {each for lot in file.lots for each in lot.contents}
        assert sent == set(held.values())
        states = {each.state.name for each in ledger.documents() if each.state.name != "PREPARED"}
        assert states == {"TRANSMITTED"}


def test_two_programs_at_once_beside_tla(surgery: Surgery, c_program: tuple[Path, ...]) -> None:
    """Each waits while another has its turn. The same call gives both the same documents until one of them
    puts those into a lot; no document gets into two files.
    """
    parts = {"one": surgery.zones("75629690"), "other": surgery.zones("75112040", "75712040")}
    unloaded, brought = ({name: surgery.folder(f"{name}-{what}") for name in parts} for what in VERBS)
    url = ""

    def identified_beside(programs: list[subprocess.Popen[str]]) -> None:
        """Ask `tla identify` as long as a program runs, and once more."""
        while any(each.poll() is None for each in programs):
            identify(url)
        for each in programs:
            finished(each)
        wait_for(lambda: identify(url))

    with surgery.serving("tcp:0") as sim:
        url = sim.urls[0]
        folders = {name: surgery.folder(name) for name in parts}
        identified_beside([surgery.start(c_program, "load", folders[name], *parts[name]) for name in parts])
        for name, folder in folders.items():
            check_loaded(folder, len(parts[name]))
    surgery.visit(MARTIN, DESMAUX)
    pulled = Pulled(surgery)
    with surgery.serving("tcp:0") as sim:
        url = sim.urls[0]
        for verb, each in zip(VERBS, (unloaded, brought), strict=True):
            identified_beside([surgery.start(c_program, verb, folder) for folder in each.values()])
    for folder in unloaded.values():
        assert kept_documents(folder, "unloaded") == pulled.documents
    files = [{path.name: path.read_bytes() for path in each.glob("file-*")} for each in brought.values()]
    first = max(files, key=len)
    assert len(first) == 1
    assert all(each in ({}, first) for each in files)
    for folder, its_files in zip(brought.values(), files, strict=True):
        if its_files:
            check_brought(folder, CARDS[NURSE], pulled)


def identify(url: str) -> bool:
    """Ask `tla identify`, which is refused while another has the reader."""
    done = subprocess.run(
        command("identify", "--reader", url), env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 or "SSV 0004" in done.stderr, done.stderr
    return done.returncode == 0


def test_a_program_waits_for_a_reader_that_tla_has(surgery: Surgery, c_program: tuple[Path, ...]) -> None:
    loaded = surgery.folder("loaded")
    with surgery.serving("tcp:0", "--cps", surgery.card(NURSE)) as sim:
        with open_transport(sim.urls[0]) as transport:
            ReaderClient(transport, os.urandom).verify_code("1234")
            running = surgery.start(c_program, "load", loaded, *surgery.zones())
            assert running.stdout is not None
            assert running.stdout.readline() == "held\n"
        finished(running)
    check_loaded(loaded, 10)


def test_too_few_places_for_reports_leave_the_load_done(
    surgery: Surgery, libraries: LoadedLibraries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer says how many places are needed; called again with those, what is there is reported."""
    monkeypatch.setenv("TLA_SSV_SOCKET", str(surgery.socket))
    values = {"reader": b"Log_SV", "billing": b"", "zones": [each.read_bytes() for each in surgery.zones()]}
    with surgery.serving("tcp:0"):
        assert libraries.raw("SSV_InitLIB") == 0
        try:
            short = libraries.call(CHARGER_FACTURES_PDT, room=9, **values)
            enough = libraries.call(CHARGER_FACTURES_PDT, room=short.count, **values)
        finally:
            libraries.raw("SSV_TermLIB")
    assert (short.code, short.count) == (0xF800, 10)
    reports = [decode_zone_data(each)[0].fields[3] for each in enough.outputs["answers"]]
    assert reports == [b"already"] * 10


def test_a_program_of_1_40_14_is_linked_to_its_names(surgery: Surgery, built: Built) -> None:
    """No library of the other naming is there to be linked to, or to be loaded."""
    only = surgery.home / "lib"
    shutil.copytree(built.folder / "lib", only, ignore=shutil.ignore_patterns("lib*lux.so"))
    named = Built(surgery.home, 64, True, (), (), only)
    shutil.copytree(built.folder / "include", surgery.home / "include")
    compiled = compile_program(C_SOURCE, surgery.home / "named", named, names=NAMES_OF_1_40_14)
    load_and_check(surgery, compiled)


def test_a_program_of_32_bits_loads(surgery: Surgery, tmp_path_factory: pytest.TempPathFactory) -> None:
    small = built_once(tmp_path_factory, "libraries of 32", 32)
    load_and_check(surgery, compile_program(C_SOURCE, surgery.home / "small", small))


def load_and_check(surgery: Surgery, compiled: Path) -> None:
    """Load the demo's invoices by a program."""
    loaded = surgery.folder("loaded")
    with surgery.serving("tcp:0"):
        surgery.run((compiled,), "load", loaded, *surgery.zones())
    check_loaded(loaded, 10)
