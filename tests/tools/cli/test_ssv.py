"""tla ssv call and serve, against a server in this process."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import tla_sim
from tests.ssv_server_kit import PATIENCE, service_on, serving
from tests.tools.cli.command_line import tla
from tla_sim.host.ssv.caller import Caller
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import Form
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.frames import build_answer
from tla_sim.host.ssv.functions import (
    AT_SERVER,
    LIRE_CARTE_PS,
    LIRE_DATE_LECTEUR,
    SECURISER_FACTURE,
)
from tla_sim.host.ssv.server.listening import Listener
from tla_sim.host.ssv.server.party import CallDone, Peer
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.groups.ssv_calls import HeldDocument
from tla_sim.protocol.groups.zone import encode_zone
from tla_sim.tools.capture.reading import ReadExchange, ReadReset, ReadZone, read_file
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.cli.ssv_serve import Teller
from tla_sim.tools.cli.ssv_trace import TextTrace, open_call_trace
from tla_sim.tools.cli.ssv_view import meaning, view_zone
from tla_sim.tools.cli.trace_option import TraceWish

HELD = encode_zone([HeldDocument(owner="991000567", number="000000001", kind=1, content=bytes(range(200)))])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Path]:
    """The socket of a server with the nurse's card in its reader."""
    with tla_sim.SimulatedReader.in_memory() as reader:
        reader.insert_ps("PIQURE2969")
        with serving(service_on(reader.transport, tmp_path), tmp_path / "s" / "socket") as listener:
            yield listener.path


def test_a_call_prints_the_code_and_the_groups_by_their_french_labels(server: Path) -> None:
    result = tla("ssv", "call", "SIS_LireCartePS", "CPS", "Log_SV", "--socket", server, code=CODE)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("SIS_LireCartePS: 0000 done\n")
    assert "PIQURE2969" in result.stdout
    assert "type de carte" in result.stdout.lower()
    assert CODE not in result.output


def test_a_zone_is_a_table_with_a_line_for_each_group(server: Path) -> None:
    lines = tla("ssv", "call", "SSV_IdentifierTLA", "Log_SV", "1.40", "--socket", server).stdout.splitlines()
    assert max(map(len, lines)) < 80
    told = [" ".join(line.split()) for line in lines]
    heading = told.index("9312 [1] identité du TLA")
    assert told[heading + 1] == "1 constructeur TLA-SIM"
    assert "61 [2] configuration du lecteur" in told


def test_a_refusal_is_the_functions_own_code_with_its_meaning_in_both_languages(server: Path) -> None:
    asked = ("ssv", "call", "SSV_LireCartePS", "CPS", "Log_SV", "--socket", server)
    result = tla(*asked, code="9999")
    assert (result.exit_code, result.stdout) == (1, "SSV_LireCartePS: F003 the code porteur is wrong\n")
    assert result.stderr == "The server says why, in its line for this call.\n"
    french = tla("--lang", "fr", *asked, code="9999")
    assert french.stdout == "SSV_LireCartePS: F003 code porteur faux\n"


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("SSV_LireDateLecteur", "Nobody"), "F101", 3),
        (("SSV_LireDateLecteur", "Log_SV_99"), "8011", 2),
        (("SSV_MajDateLecteur", "Log_SV", "yesterday"), "F802", 2),
    ],
)
def test_the_exit_code_says_what_kind_of_failure_it_is(
    server: Path, arguments: tuple[str, ...], code: str, exit_code: int
) -> None:
    result = tla("ssv", "call", *arguments, "--socket", server, "--json")
    assert json.loads(result.stdout)["code"] == code
    assert result.exit_code == exit_code


def test_json_has_zones_as_hexadecimal_and_as_groups(server: Path) -> None:
    result = tla(
        "ssv", "call", "SSV_IdentifierTLA", "Log_SV", "1.40", "--socket", server, "--json", "--trace"
    )
    told = json.loads(result.stdout)
    assert (told["function"], told["code"], told["meaning"]) == ("SSV_IdentifierTLA", "0000", "done")
    assert told["inputs"] == {"reader": "Log_SV", "cdc_version": "1.40"}
    answer = told["outputs"]["answer"]
    assert [each["group"] for each in answer["groups"]] == [9312, 61, 61]
    assert [each["occurrence"] for each in answer["groups"]] == [1, 1, 2]
    assert answer["groups"][0]["fields"][0] == {"number": 1, "label": "constructeur", "value": "TLA-SIM"}
    assert bytes.fromhex(answer["zone"])[:2] == (9312).to_bytes(2, "big")


def test_zones_are_written_for_the_next_call(server: Path, tmp_path: Path) -> None:
    out = tmp_path / "zones"
    result = tla("ssv", "call", "SSV_LireConfig", "--socket", server, "--out", out)
    assert result.exit_code == 0
    written = out / "zone-1.bin"
    assert str(written) in result.stdout
    assert [each.number for each in view_zone(written.read_bytes())][:2] == [60, 61]
    result = tla("ssv", "call", "SSV_TraduireFSE", "--zone", written, "--socket", server, "--trace")
    assert "en-tête de configuration" in result.stdout, "what goes in is shown, too"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("SSV_Nothing",), "There is no function SSV_Nothing"),
        (("SSV_InitLIB",), "SSV_InitLIB works inside a program alone"),
        (("SGD_LireChamp",), "SGD_LireChamp works inside a program alone"),
        (("Echange",), "Echange works inside a program alone"),
        (("SSV_LireCartePS", "CPS"), "The arguments of SSV_LireCartePS are: PS_RESOURCE READER"),
        (("SSV_LireConfig", "CPS"), "The arguments of SSV_LireConfig are: none"),
        (("SSV_TraduireFSE",), "SSV_TraduireFSE takes one zone"),
        (("SSV_LireConfig", "--zone", "x"), "SSV_LireConfig takes no zone"),
    ],
)
def test_what_does_not_fit_the_function_is_said_before_anything_is_called(
    arguments: tuple[str, ...], said: str
) -> None:
    result = tla("ssv", "call", *arguments, "--socket", "/nowhere")
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("situation", ["10", "x1", "0x100", "-1", "é"])
def test_a_char_is_one_character_or_a_byte(situation: str, tmp_path: Path) -> None:
    zone = tmp_path / "zone"
    zone.write_bytes(HELD)
    result = tla(
        "ssv",
        "call",
        SECURISER_FACTURE.name,
        "CPS",
        "Log_SV",
        "--zone",
        zone,
        "--",
        situation,
        "1",
        code=CODE,
    )
    said = f"SITUATION takes one character, or a number such as 0x01, not {situation}"
    assert (said in result.stderr) is (situation != "10")


def test_without_a_server_it_is_8002_with_what_to_start(tmp_path: Path) -> None:
    result = tla("ssv", "call", "SSV_LireConfig", "--socket", tmp_path / "none")
    assert result.exit_code == 3
    assert "Start it: tla ssv serve --reader URL. (SSV 8002)" in result.stderr


def test_no_function_takes_a_code_as_an_argument() -> None:
    """Every function with a code is refused when a code stands among its arguments."""
    for function in AT_SERVER:
        if not any(each.form is Form.CODE for each in function.inputs):
            continue
        zones = (Form.ZONE_IN, Form.ZONES_IN)
        count = sum(each.form not in zones for each in function.inputs)
        result = tla("ssv", "call", function.name, *["1"] * count, "--socket", "/nowhere", code=CODE)
        assert "without the code porteur" in result.stderr, function.name


def test_a_sesam_ini_that_cannot_be_used_keeps_the_server_from_starting(tmp_path: Path) -> None:
    result = tla("ssv", "serve", "--ini", tmp_path / "none.ini", "--socket", tmp_path / "s" / "socket")
    assert result.exit_code == 2
    assert "(SSV F6F1)" in result.stderr


def test_a_programs_own_sesam_ini_counts_from_where_the_program_is(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.ini").write_text("[COMMUN]\nRepertoireTravail=none\n")
    result = tla("ssv", "call", "SSV_LireConfig", "--ini", "mine.ini", "--socket", server)
    assert result.exit_code == 2
    assert result.stdout == "SSV_InitLIB: F680 the path of the tables is missing\n"
    Path("none").mkdir()
    assert tla("ssv", "call", "SSV_LireConfig", "--ini", "mine.ini", "--socket", server).exit_code == 0


def test_serve_prints_where_it_listens_and_a_line_for_each_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()
    listeners: list[Listener] = []

    def run(listener: Listener) -> None:
        listeners.append(listener)
        started.set()
        usual(listener)

    usual = Listener.run
    monkeypatch.setattr(Listener, "run", run)
    path = tmp_path / "s" / "socket"

    def program() -> None:
        started.wait(PATIENCE)
        with Caller(path, program="demo\x1b[31m") as caller:
            caller.call(LIRE_DATE_LECTEUR, {"reader": "Log_SV"})
        listeners[0].stop()

    thread = threading.Thread(target=program)
    thread.start()
    result = tla("ssv", "serve", "--socket", path, "--reader", "serial:/dev/none", TLA_GALSS="")
    thread.join(PATIENCE)
    first, second, called, reason, last = result.stdout.splitlines()
    assert first == f"Listening on {path} for the reader serial:/dev/none"
    assert second == f"  give programs: export TLA_SSV_SOCKET={path}"
    assert called.startswith("SSV_LireDateLecteur: 800C the port, ")
    assert "\x1b" not in called
    assert reason == "  The port /dev/none does not exist. Check the cable and the port's name."
    assert last == "Stopped serving."


def test_a_server_without_a_reader_says_that_the_mistake_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Teller().listening(tmp_path, "")
    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"Listening on {tmp_path}; programs get a code until that is corrected"


def done(heard: bool = True, body: bytes | None = None) -> CallDone:
    values = {"ps_resource": b"CPS", "reader": b"Log_SV", "code": CODE.encode()}
    answer = build_answer(LIRE_CARTE_PS, 0, {"answer": HELD}) if body is None else body
    return CallDone(Peer(7, "demo"), LIRE_CARTE_PS, values, answer, 0.5, heard)


def test_the_trace_has_every_zone_decoded_and_no_code(tmp_path: Path) -> None:
    file = tmp_path / "trace"
    with file.open("w") as trace:
        Teller(trace=TextTrace(trace), quiet=True).call(done())
        Teller(trace=TextTrace(trace), quiet=True).call(done(heard=False, body=b"\xf0\x03"))
        Teller(trace=TextTrace(trace), quiet=True).call(done(body=b"\0\0cut"))
        Teller(trace=TextTrace(trace), quiet=True).call(
            replace(done(body=b"\xf8\x02"), reason="the zone is cut short")
        )
    told = file.read_text()
    assert "demo (7) SSV_LireCartePS: 0000 done, 500.0 ms" in told
    assert "  code = ****\n" in told
    assert "    9310 [1] document\n" in told
    assert "         1 numéro de facturation du titulaire: 991000567\n" in told
    assert "(200 bytes)" in told, "long binary is shortened"
    assert "F003 the code porteur is wrong" in told
    assert "  the program is gone\n" in told
    assert "  the zone is cut short\n" in told
    assert CODE not in told


def test_a_trace_for_wireshark_has_every_zone_and_exchange_and_no_code(tmp_path: Path) -> None:
    file = tmp_path / "calls.pcapng"
    secret = replace(done(), values={"code": b"83719265"})
    with open_call_trace(TraceWish(file)) as trace:
        trace.call(secret)
        trace.call(done(body=b"\xf0\x03"))
        trace.tap(InProcessTransport(lambda *_: b"\x90\x00", "memory:desk")).transmit(b"\x80\x10\0\0\0")
    with file.open("rb") as stream:
        zone, refused, reset, exchange = read_file(stream)
    assert isinstance(zone, ReadZone)
    assert (zone.link, zone.data, zone.out) == ("demo (7)", HELD, True)
    assert zone.said == "SSV_LireCartePS: 0000 done, answer"
    assert isinstance(refused, ReadZone)
    assert refused.said == "SSV_LireCartePS: F003 the code porteur is wrong"
    assert isinstance(reset, ReadReset)
    assert isinstance(exchange, ReadExchange)
    assert exchange.link == "memory:desk"
    assert b"83719265" not in file.read_bytes()


def test_a_program_that_is_not_served_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    refusal = CallRefused(SsvCode.WORKING_FOLDER, "There is no RepertoireTravail", "Add it")
    Teller().refused(Peer(7, "demo"), refusal)
    Teller(as_json=True).refused(Peer(7, "demo"), refusal)
    Teller(quiet=True).refused(Peer(7, "demo"), refusal)
    plain, event = capsys.readouterr().out.splitlines()
    assert plain == "demo 7 is not served: F6F1 There is no RepertoireTravail. Add it."
    assert json.loads(event) == {
        "event": "refused",
        "code": "F6F1",
        "reason": "There is no RepertoireTravail. Add it.",
        "program": "demo",
        "process": 7,
    }


def test_a_broken_pipe_makes_the_server_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    teller = Teller()
    printed: list[object] = []

    def broken(said: object) -> None:
        printed.append(said)
        raise BrokenPipeError

    monkeypatch.setattr("tla_sim.tools.cli.ssv_serve.print_line", broken)
    teller.call(done())
    teller.call(done())
    assert len(printed) == 1


def test_an_unknown_code_is_called_that() -> None:
    assert meaning(0x1234) == "unknown code"


def test_a_trace_on_a_full_disk_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(OSError), Path("/dev/full").open("w", buffering=1) as full:
        teller = Teller(trace=TextTrace(full), quiet=True)
        for _ in range(3):
            teller.call(done())
    assert capsys.readouterr().err == "The trace lacks calls: No space left on device\n"


def test_a_trace_touches_no_file_of_another_kind(tmp_path: Path) -> None:
    file = tmp_path / "practice.json"
    file.write_text("{}")
    file.chmod(0o644)
    result = tla("ssv", "serve", "--socket", tmp_path / "s" / "socket", "--trace", file)
    assert result.exit_code == 2
    assert "is a file of another kind" in result.stderr
    assert file.read_text() == "{}"
    assert file.stat().st_mode & 0o777 == 0o644
