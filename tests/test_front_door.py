"""The front door: what stands on it, how it is loaded, and that every example in its docstrings runs."""

from __future__ import annotations

import ast
import doctest
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import tla_sim
from tests.mail_server import Mailbox, mail_server
from tests.scans import image_bytes, page, signature_png
from tla_sim.host.sending.arl import Rejection, compose
from tla_sim.host.sending.send import file_content
from tla_sim.protocol.documents.invoice import digest
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.reader_fw.app.software.profiles.factory import image_of

PUBLIC = [
    "Category",
    "CodecError",
    "DeskList",
    "DocumentId",
    "FaultPlan",
    "Ledger",
    "LedgerState",
    "LinkError",
    "MailRoute",
    "PieceRole",
    "Practice",
    "Progress",
    "ReaderClient",
    "Rights",
    "SimulatedReader",
    "StatusError",
    "TlaError",
    "TrustAnchors",
    "attach",
    "bill_degraded",
    "certify",
    "check_reader",
    "demo_practice",
    "desk_lines",
    "erase",
    "issue_cards",
    "load_practice",
    "make_lots",
    "open_transport",
    "prepared_invoices",
    "pull",
    "push",
    "read_arl",
    "rectify",
    "register_signature",
    "send_by_mail",
    "send_to_folder",
    "sign",
    "transmit",
    "update_reader",
]
"""A change of these is a change for everybody who uses the project: CHANGELOG.md says so."""

SOURCE = Path(inspect.getfile(tla_sim))


def test_these_names_are_public_and_no_others() -> None:
    assert sorted(tla_sim.__all__) == sorted(["__version__", *PUBLIC])
    assert sorted(set(dir(tla_sim)) & set(PUBLIC)) == sorted(PUBLIC)


def test_what_type_checkers_see_is_what_is_loaded() -> None:
    (block,) = (
        node
        for node in ast.parse(SOURCE.read_text("utf-8")).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    seen = {
        alias.asname: f"{node.module}.{alias.name}"
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module != "typing"
        for alias in node.names
    }
    assert seen == {name: f"{home}.{name}" for name, home in tla_sim._HOMES.items()}


def test_importing_it_loads_nothing_else() -> None:
    code = "import sys, tla_sim; print([name for name in sys.modules if name.startswith('tla_sim.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_unknown_name_is_refused_with_those_that_are_near() -> None:
    with pytest.raises(AttributeError, match="tla_sim has no 'SimulatedRead'; near it are SimulatedReader"):
        _ = tla_sim.SimulatedRead
    with pytest.raises(AttributeError, match=r"there are Category, .*update_reader"):
        _ = tla_sim.zzzzz
    assert not hasattr(tla_sim, "host_client")


@pytest.mark.share(2)
@pytest.mark.parametrize("name", PUBLIC)
def test_every_name_says_what_it_is_with_an_example_that_runs(name: str, scene: dict[str, Any]) -> None:
    thing = getattr(tla_sim, name)
    text = inspect.getdoc(thing) or ""
    assert ">>> " in text, f"{name} has no example"
    if inspect.isfunction(thing):
        assert "Raises" in text or not _may_raise(name), f"{name} does not say what it raises"
    example = doctest.DocTestParser().get_doctest(text, scene, name, None, None)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(example, out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)


def _may_raise(name: str) -> bool:
    return name not in ("check_reader", "demo_practice")


@pytest.fixture
def scene(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """What the docstring of the package says the examples find, in a directory of their own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "practice.json").write_bytes((files("tla_sim.tools.cast") / "practice.json").read_bytes())
    (tmp_path / "prescription.png").write_bytes(image_bytes(page(), "PNG"))
    (tmp_path / "signature.png").write_bytes(signature_png())
    with ExitStack() as open_now:
        reader = open_now.enter_context(tla_sim.SimulatedReader.in_memory())
        ledger = open_now.enter_context(tla_sim.Ledger.open("ledger.db"))
        tla_sim.SimulatedReader.open(tmp_path / "reader").close()
        found: dict[str, Any] = {
            "tla_sim": tla_sim,
            "DocumentId": tla_sim.DocumentId,
            "reader": reader,
            "client": reader.client(),
            "ledger": ledger,
            "practice": tla_sim.demo_practice(),
        }
        name = request.node.callspec.params["name"]
        if name == "update_reader":
            (tmp_path / "tla-1.40.tlafw").write_bytes(image_of(TLA_1_40).build())
        if name in ("read_arl", "rectify", "send_by_mail"):
            found["file"] = _lot_of_one(reader, ledger)
        if name == "send_by_mail":
            found["port"] = open_now.enter_context(mail_server(Mailbox())).port
        if name in ("read_arl", "rectify"):
            identity = found["file"].identity
            tla_sim.send_to_folder(ledger, identity, "outbox")
            (document,) = (line.id for line in ledger.documents() if line.number == "190305028")
            rejected = [Rejection(document, "E01", "Numéro inconnu")]
            answer = compose(identity, digest(file_content(ledger, identity)), rejected)
            (tmp_path / "answer.arl").write_bytes(answer)
        yield found


def _lot_of_one(reader: tla_sim.SimulatedReader, ledger: tla_sim.Ledger) -> Any:
    client = reader.client()
    reader.insert_ps("PIQURE2969")
    reader.insert_vitale("MARTIN")
    client.verify_code(reader.code)
    tla_sim.certify(client, ledger, tla_sim.prepared_invoices(tla_sim.demo_practice())[0])
    (made,) = tla_sim.make_lots(client, ledger).files
    return made


def test_a_first_script_does_what_the_package_says(tmp_path: Path) -> None:
    """The code at the head of the package, run as a program of its own."""
    head = (inspect.getdoc(tla_sim) or "").split("\n\n")
    script = inspect.cleandoc("\n\n".join(part for part in head if part.startswith("    ")))
    assert "tla_sim.push(" in script
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport json\nprint(json.dumps([]))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *progress, last = done.stdout.splitlines()
    assert json.loads(last) == []
    assert progress[0].startswith("Progress(stage='push'")
    assert (tmp_path / "ledger.db").is_file()
