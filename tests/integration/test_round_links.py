"""The round by hand, between processes: push, visits with power cuts, pull, sign, transmit, openssl."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from tests.integration.simulator import ROOT, command, environment, simulator, tla
from tests.tools.simulator.kept_kit import issue, practice_tree
from tla_sim.host.client import ReaderClient
from tla_sim.host.transport import open_transport

NURSE, DOCTOR = "75600001", "75100002"


class Surgery:
    """A practice on disk: its file, its cards, its reader and its ledger, all with blanks in their paths."""

    def __init__(self, home: Path) -> None:
        self.practice = home / "the practice.json"
        self.practice.write_text(json.dumps(practice_tree()))
        self.cards = issue(home / "the cards")
        self.state = home / "the reader"
        self.ledger = home / "the ledger.sqlite"
        self.out = home / "to transmit"
        self.exported = home / "for openssl"
        self.line = home / "the line"

    def cps(self, name: str) -> Path:
        return self.cards / f"cps-{name}.card"

    def visit(self, *lines: str) -> str:
        """One power cycle of the reader away from the surgery."""
        return tla("visit", "--state", self.state, lines="\n".join(lines))


@pytest.fixture
def surgery(tmp_path: Path) -> Surgery:
    return Surgery(tmp_path)


@pytest.mark.share(2)
@pytest.mark.parametrize("kind", ["tcp", "pty"])
def test_the_round_between_processes(surgery: Surgery, kind: str) -> None:
    link = f"pty:{surgery.line}?baud=9600" if kind == "pty" else "tcp:0"
    with_ledger = ("--ledger", surgery.ledger)

    with simulator(surgery.state, link) as sim:
        reader = ("--reader", sim.urls[0])
        tla("clock", *reader, "--set", "2019-03-05T08:00")
        asked = (surgery.practice, *reader, *with_ledger, "--owner", NURSE, "--others", "yes")
        assert "2 invoices loaded" in tla("push", *asked)
        assert "0 invoices loaded" in tla("push", *asked), "what is there is not sent again"
    assert not surgery.line.is_symlink()

    surgery.visit(
        "expect a certifier 2",
        f"insert vitale {surgery.cards}/vitale-martin-paul.card",
        "expect 2 a certifier",
        f"insert cps {surgery.cps('piqure2969-maya')}",
    )
    surgery.visit("press VAL", "expect code porteur", "press 1 2", "power off", "power on", "expect martin")
    surgery.visit("press VAL", "code 4321", "expect reste 2 essais", "power off")
    surgery.visit("press VAL", "code 1234", "expect 2 factures signees", "power off")
    surgery.visit("expect 0 a certifier", "remove vitale", "expect inserez la carte")

    with simulator(surgery.state, link) as sim:
        reader = ("--reader", sim.urls[0])
        pulled = json.loads(tla("pull", *reader, *with_ledger, "--json"))
        assert (pulled["partial"], pulled["complete"], pulled["left"]) == (1, 1, [])
        assert "1 document may not leave" in tla("transmit", *with_ledger, "--out", surgery.out)
        assert "Final signature of PIQURE2969 MAYA given to 0 invoices" in tla("sign", *reader, *with_ledger)
        sim.say("remove cps", f"insert cps {surgery.cps('toubib-paul')}")
        sim.wait_for("2: insert cps")
        assert "Final signature of TOUBIB PAUL given to 1 invoice" in tla("sign", *reader, *with_ledger)

    tla("transmit", *with_ledger, "--out", surgery.out)
    sent = sorted(surgery.out.glob("*.fse"))
    assert len(sent) == 2
    for file in sent:
        checked = tla("fse", "verify", file, "--ca", surgery.cards / "ca-all.pem")
        assert "signatures verified" in checked
        exported = surgery.exported / file.stem
        tla("fse", "export", file, "--out", exported)
        subprocess.run(["sh", "VERIFY.txt"], cwd=exported, check=True, capture_output=True, timeout=60)


def test_a_second_host_is_told_that_the_reader_is_held(surgery: Surgery) -> None:
    links = (f"pty:{surgery.line}", "tcp:0")
    card = ("--cps", surgery.cps("piqure2969-maya"))
    with simulator(surgery.state, *links, arguments=card) as sim:
        on_line, on_network = sim.urls
        with open_transport(on_line) as transport:
            client = ReaderClient(transport, lambda count: bytes(range(count)))
            client.verify_code("1234")
            for url in (on_network, f"state:{surgery.state}"):
                refused = tla("clock", "--reader", url, expect=3)
                assert "held by another application" in refused
                assert "(SSV 0004)" in refused
                assert "Close the other application" in refused
            assert client.clock(), "the first host was not disturbed"
        assert "TLA-SIM" in tla("identify", "--reader", on_network), "free again"


def test_the_simulator_takes_script_lines_while_it_serves(surgery: Surgery) -> None:
    """Lines that fail end nothing; that some did shows in the exit code at the end."""
    with simulator(surgery.state, f"pty:{surgery.line}", "tcp:0", expect=1) as sim:
        sim.say("cable out", "expect inserez la carte", "expect something else", "prss VAL", "code 12345678x")
        sim.wait_for("code: a code porteur has 4 to 8 digits")
        assert "line 3: expected 'something else'; the screen showed" in sim.output
        assert "line 4: 'prss' is not a word" in sim.output
        assert "12345678" not in sim.output
        assert "(SSV 0400)" in tla("clock", "--reader", f"{sim.urls[0]}?wait=1", expect=3), "no cable"
        sim.say("cable in", "power off", "screen", "power on", "show")
        sim.wait_for("link    tcp:0 at 127.0.0.1:")
        sim.say("wait 300", "expect attente ordre", "help")
        sim.wait_for("insert cps|vitale CARD")
        for url in sim.urls:
            tla("clock", "--reader", url)
        assert sim.process.stdin is not None
        sim.process.stdin.close()
        for url in sim.urls:
            tla("clock", "--reader", url)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_simulator_leaves_the_cards_in_and_nothing_else(surgery: Surgery, stop: int) -> None:
    card = surgery.cps("toubib-paul")
    with simulator(surgery.state, f"pty:{surgery.line}", arguments=("--cps", card), stop=stop):
        assert surgery.line.is_symlink()
    assert not surgery.line.is_symlink()
    assert f"cps     {card}" in surgery.visit("show")
    assert stat.S_IMODE(card.stat().st_mode) == 0o600


def test_with_a_seed_a_new_reader_gets_the_same_serial_number(tmp_path: Path) -> None:
    serials = []
    for name in ("one", "two"):
        with simulator(tmp_path / name, "tcp:0", arguments=("--seed", "7")) as sim:
            assert "Seed 7" in sim.output
            identity = json.loads(tla("identify", "--reader", sim.urls[0], "--json"))
            serials.append(identity["serial_number"])
    assert serials[0] == serials[1]


def test_a_network_link_is_for_this_machine_unless_told_otherwise(tmp_path: Path) -> None:
    with simulator(tmp_path / "reader", "tcp:0", "tcp:0.0.0.0:0") as sim:
        assert "socket://127.0.0.1:" in sim.urls[0]
        assert "reachable from this machine only" in sim.output
        assert "Anyone who reaches this port can use the reader" in sim.output


@pytest.mark.parametrize(
    ("link", "code", "said"),
    [
        ("usb:1", 2, "is not a link"),
        ("pty:", 2, "not complete"),
        ("tcp:host:port", 2, "no port number"),
        ("pty:/proc/none", 3, "cannot be made"),
        ("serial:/dev/none", 3, "does not exist"),
    ],
)
def test_a_link_that_cannot_be_served_ends_the_simulator(
    tmp_path: Path, link: str, code: int, said: str
) -> None:
    output = tla("sim", "--state", tmp_path / "reader", "--link", link, expect=code)
    assert said in output


def test_no_code_is_in_what_processes_leave_behind(surgery: Surgery) -> None:
    """The code of the environment shows up in no output, whatever is asked."""
    assert environment()["TLA_CODE"] == "1234"
    output = surgery.visit(f"insert cps {surgery.cps('toubib-paul')}", "code 73915208", "show", "help")
    assert "73915208" not in output
    assert "code ********" in output


def test_a_code_may_be_typed_at_the_reader(surgery: Surgery) -> None:
    card = ("--cps", surgery.cps("toubib-paul"))
    with simulator(surgery.state, "tcp:0", arguments=card) as sim:
        with_ledger = ("--reader", sim.urls[0], "--ledger", surgery.ledger)
        tla("push", surgery.practice, *with_ledger, "--owner", DOCTOR, "--others", "no")
        asked = ("sign", *with_ledger, "--code-at-reader")
        host = subprocess.Popen(command(*asked), cwd=ROOT, stdout=subprocess.PIPE, text=True)
        sim.wait_for("CODE PORTEUR")
        sim.say("press 1 2", "expect **", "press COR", "press 2 3 4 VAL")
        said, _ = host.communicate(timeout=60)
        assert host.returncode == 0, said
        assert "Final signature of TOUBIB PAUL given to 0 invoices" in said
        assert "expected" not in sim.output
