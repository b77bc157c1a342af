"""libssvlux in this process, against a server that says what a test wants: frames, codes, threads, forks."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import threading
import time
from ctypes import byref, c_size_t, c_void_p
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.ssv.fake_server import (
    ZONE,
    FakeServer,
    answer_usually,
    answer_with,
    go_away,
    say_nothing,
    send_raw,
    serving,
    usual_outputs,
)
from tests.integration.ssv.library_kit import LoadedLibraries, Outcome
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import TEXTS, Form, Function
from tla_sim.host.ssv.frames import VERSION, WELCOME, Client, Welcome, build_frame
from tla_sim.host.ssv.functions import (
    AT_SERVER,
    CHARGER_FACTURES_PDT,
    DECHARGER_BENEFICIAIRES,
    EFFACER_TLA,
    FORMATER_LOT,
    LIRE_CARTE_PS,
    LIRE_CONFIG,
    LIRE_DATE_LECTEUR,
    LIRE_DROITS_VITALE,
    MAJ_DATE_LECTEUR,
    TRADUIRE_FSE,
)

CARD: Final[dict[str, Any]] = {"ps_resource": b"CPS", "reader": b"Log_SV", "code": b"1234"}
SESSION_CODES: Final = {Form.ZONE_IN, Form.ZONES_IN}
each_function: Final = pytest.mark.parametrize("function", AT_SERVER, ids=lambda each: each.name)


def ordinary_inputs(function: Function) -> dict[str, Any]:
    """Return inputs that fit, each different from the others."""
    found: dict[str, Any] = {}
    for number, each in enumerate(function.inputs):
        match each.form:
            case form if form in TEXTS:
                found[each.name] = b"12345678"[: each.longest - number % 3]
            case Form.ZONE_IN:
                found[each.name] = ZONE
            case Form.ZONES_IN:
                found[each.name] = (ZONE * 2, b"", ZONE)
            case _:
                found[each.name] = 0x80 + number
    return found


def file_connected_to(path: Path) -> int:
    """Return the number of this process's file that is connected to a socket."""
    for name in Path("/proc/self/fd").iterdir():
        try:
            with socket.socket(fileno=os.dup(int(name.name))) as copy:
                if copy.getpeername() == str(path):
                    return int(name.name)
        except OSError:
            continue
    raise AssertionError("no file is connected")


def expected_count(function: Function) -> int:
    """Return what the count of zones out is after a call."""
    return next((len(value) for value in usual_outputs(function).values() if isinstance(value, tuple)), 0)


@each_function
def test_a_call_travels_as_declared(function: Function, begun: LoadedLibraries, server: FakeServer) -> None:
    inputs = ordinary_inputs(function)
    outcome = begun.call(function, **inputs)
    assert outcome.code == 0
    assert outcome.outputs == usual_outputs(function)
    assert outcome.count == expected_count(function)
    call = server.last()
    assert call.function is function
    assert call.values == inputs
    assert function.seconds * 1_000 - 1_000 <= call.patience <= function.seconds * 1_000


@each_function
def test_a_twin_sends_the_sessions_groups_and_fills_its_output(
    function: Function, begun: LoadedLibraries, server: FakeServer
) -> None:
    twin = function.twin()
    first = function.splits[0] if function.splits else 1110
    session = begun.session(first, 1210, first)
    inputs = {
        each.name: value
        for each, value in zip(function.inputs, ordinary_inputs(function).values(), strict=True)
        if each.form not in SESSION_CODES
    }
    outcome = begun.call(twin, **inputs, session=session)
    assert outcome.code == 0
    header, other = struct.pack(">HB", first, 0), struct.pack(">HB", 1210, 0)
    sent = server.last().values
    for each in function.inputs:
        if each.form is Form.ZONE_IN:
            assert sent[each.name] == header + other + header
        elif each.form is Form.ZONES_IN:
            assert sent[each.name] == (header + other, header)
        else:
            assert sent[each.name] == inputs[each.name]
    zones = sum(
        len(value) if isinstance(value, bytes) else sum(map(len, value))
        for name, value in usual_outputs(function).items()
        if name.startswith("answer")
    ) // len(ZONE)
    if function.has_zones:
        assert begun.groups(session) == [(1, number + 1) for number in range(zones)]
    assert begun.raw("SGD_LibererSession", session) == 0


def test_a_document_keeps_the_invoice_that_follows_it(begun: LoadedLibraries, server: FakeServer) -> None:
    session = begun.session(9310, 1110, 1210, 1110, 9310, 9310, 1110)
    code = begun.call(CHARGER_FACTURES_PDT.twin(), reader=b"Log_SV", billing=b"", session=session).code
    assert code == 0
    split = [tuple(struct.iter_unpack(">HB", each)) for each in server.last().values["zones"]]
    numbers = [[number for number, _ in each] for each in split]
    assert numbers == [[9310, 1110, 1210], [1110], [9310], [9310, 1110]]
    begun.raw("SGD_LibererSession", session)


def test_a_failed_call_keeps_the_input_and_drops_the_output(
    begun: LoadedLibraries, server: FakeServer
) -> None:
    session = begun.session(1110)
    twin = FORMATER_LOT.twin()
    assert begun.call(twin, **CARD, session=session).code == 0
    assert begun.groups(session)
    assert begun.raw("SGD_AjouterGroupe", session, 9310) == 0
    server.manners = [answer_with(SsvCode.LINK_PROTOCOL), answer_usually]
    assert begun.call(twin, **CARD, session=session).code == SsvCode.LINK_PROTOCOL
    assert begun.groups(session) == []
    before = server.last().values
    assert begun.call(twin, **CARD, session=session).code == 0
    assert server.last().values == before
    begun.raw("SGD_LibererSession", session)


def test_no_session_is_f807_and_nothing_is_sent(begun: LoadedLibraries, server: FakeServer) -> None:
    for function in AT_SERVER:
        if function.has_zones:
            inputs = {name: each for name, each in ordinary_inputs(function).items() if "zone" not in name}
            assert begun.call(function.twin(), **inputs, session=0).code == SsvCode.BAD_SESSION
    assert not server.calls


def test_zones_and_texts_travel_whole(begun: LoadedLibraries, server: FakeServer) -> None:
    @given(
        zones=st.lists(st.binary(max_size=3_000), max_size=40),
        answers=st.lists(st.binary(max_size=3_000), max_size=40),
        billing=st.binary(max_size=9).filter(lambda text: b"\0" not in text),
    )
    def travel(zones: list[bytes], answers: list[bytes], billing: bytes) -> None:
        server.manner = answer_with(answers=tuple(answers))
        inputs = {"reader": b"Log_SV", "billing": billing, "zones": tuple(zones)}
        outcome = begun.call(CHARGER_FACTURES_PDT, room=40, **inputs)
        assert outcome == Outcome(0, {"answers": tuple(answers)}, len(answers))
        assert server.last().values == inputs

    travel()


def test_a_zone_of_sixteen_mebibytes_goes_in_and_comes_out(
    begun: LoadedLibraries, server: FakeServer
) -> None:
    zone = os.urandom(1 << 20) * 16
    server.manner = answer_with(answer=zone)
    assert begun.call(TRADUIRE_FSE, zone=zone).outputs == {"answer": zone}
    assert server.last().values == {"zone": zone}
    assert begun.call(TRADUIRE_FSE, zone=zone + b"x").code == SsvCode.INPUT


def test_too_small_an_array_is_f800_with_the_number_needed(
    begun: LoadedLibraries, server: FakeServer
) -> None:
    outcome = begun.call(DECHARGER_BENEFICIAIRES, room=2, **CARD, billing=b"")
    assert (outcome.code, outcome.count) == (SsvCode.OUTPUT, 3)
    again = begun.call(DECHARGER_BENEFICIAIRES, room=3, **CARD, billing=b"")
    assert (again.code, again.count) == (0, 3)
    assert len(server.hellos) == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"ps_resource": b"123456789"}, SsvCode.NAME),
        ({"reader": b"Log_SV_too_long"}, SsvCode.NAME),
        ({"ps_resource": None}, SsvCode.INPUT),
        ({"code": None}, SsvCode.INPUT),
        ({"code": b"123456789"}, SsvCode.INPUT),
        ({"date": b"2026112910041"[:8] * 2}, SsvCode.INPUT),
        ({"date": None}, 0),
        ({"code": b""}, 0),
    ],
)
def test_texts_are_checked_before_anything_is_sent(
    begun: LoadedLibraries, server: FakeServer, values: dict[str, bytes | None], code: int
) -> None:
    inputs: dict[str, Any] = {**CARD, "date": b"20261129", **values}
    assert begun.call(LIRE_DROITS_VITALE, **inputs).code == code
    assert len(server.calls) == (code == 0)


def test_before_the_beginning_every_function_is_f600(libraries: LoadedLibraries, server: FakeServer) -> None:
    for function in AT_SERVER:
        assert libraries.call(function, **ordinary_inputs(function)).code == SsvCode.NOT_INITIALISED
    assert libraries.raw("SSV_TermLIB") == SsvCode.NOT_INITIALISED
    assert not server.hellos


def test_beginning_twice_is_f670_and_the_first_goes_on(begun: LoadedLibraries, server: FakeServer) -> None:
    assert begun.raw("SSV_InitLIB") == SsvCode.INITIALISED_TWICE
    assert begun.raw("SSV_InitLIB2", b"sesam.ini") == SsvCode.INITIALISED_TWICE
    assert begun.call(LIRE_CONFIG).code == 0
    assert len(server.hellos) == 1


def test_the_hello_names_program_and_sesam_ini(
    libraries: LoadedLibraries, server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for given_path, told in ((b"../a/sesam.ini", f"{tmp_path}/../a/sesam.ini"), (b"/etc/sesam.ini",) * 2):
        assert libraries.raw("SSV_InitLIB2", given_path) == 0
        hello = server.hellos[-1]
        assert hello.sesam_ini == (told if isinstance(told, bytes) else told.encode())
        assert hello.client is Client.SSV
        assert hello.program
        assert libraries.raw("SSV_TermLIB") == 0
    for wrong in (None, b"", b"/" * 4_096, b"x" * 4_090):
        assert libraries.raw("SSV_InitLIB2", wrong) == SsvCode.INPUT
    assert len(server.hellos) == 2


def test_without_a_server_it_is_8002_at_once(
    libraries: LoadedLibraries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("nothing", "x" * 200):
        monkeypatch.setenv("TLA_SSV_SOCKET", str(tmp_path / name))
        began = time.monotonic()
        assert libraries.raw("SSV_InitLIB") == SsvCode.SERVER
        assert time.monotonic() - began < 1
    assert libraries.call(LIRE_CONFIG).code == SsvCode.NOT_INITIALISED


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"XDG_RUNTIME_DIR": "{tmp}"}, "tla-ssv/socket"),
        ({"XDG_RUNTIME_DIR": "/nowhere", "TLA_SSV_SOCKET": "{tmp}/mine"}, "mine"),
    ],
)
def test_the_socket_is_where_the_server_puts_it(
    libraries: LoadedLibraries,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    place: str,
) -> None:
    monkeypatch.delenv("TLA_SSV_SOCKET", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(tmp=tmp_path))
    (tmp_path / place).parent.mkdir(exist_ok=True)
    with serving(tmp_path / place):
        assert libraries.raw("SSV_InitLIB") == 0
        libraries.raw("SSV_TermLIB")


def test_a_server_of_another_version_is_800e(libraries: LoadedLibraries, server: FakeServer) -> None:
    for welcome in (WELCOME.build(Welcome(VERSION + 1, 0)), struct.pack(">H", 77) + b"another form"):
        server.welcome = build_frame(welcome)
        assert libraries.raw("SSV_InitLIB") == SsvCode.VERSIONS
        assert libraries.call(LIRE_CONFIG).code == SsvCode.NOT_INITIALISED


def test_what_the_server_says_to_the_hello_is_the_code(
    libraries: LoadedLibraries, server: FakeServer
) -> None:
    server.welcome = build_frame(WELCOME.build(Welcome(VERSION, SsvCode.WORKING_FOLDER)))
    assert libraries.raw("SSV_InitLIB") == SsvCode.WORKING_FOLDER
    server.welcome = FakeServer(server.path).welcome
    assert libraries.raw("SSV_InitLIB") == 0
    libraries.raw("SSV_TermLIB")


@each_function
def test_a_server_lost_in_mid_call_is_0040_and_the_next_call_connects_anew(
    function: Function, begun: LoadedLibraries, server: FakeServer
) -> None:
    server.manners = [go_away]
    inputs = ordinary_inputs(function)
    assert begun.call(function, **inputs).code == SsvCode.ABANDONED
    assert begun.call(function, **inputs).code == 0
    assert len(server.hellos) == 2


def test_an_answer_cut_short_is_0040(begun: LoadedLibraries, server: FakeServer) -> None:
    server.manners = [send_raw(b"\0\0\1\0" + b"x" * 100, stay=False)]
    assert begun.call(LIRE_CONFIG).code == SsvCode.ABANDONED


def test_a_server_that_restarts_between_calls_is_not_noticed(
    libraries: LoadedLibraries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "socket"
    monkeypatch.setenv("TLA_SSV_SOCKET", str(path))
    with serving(path) as first:
        assert libraries.raw("SSV_InitLIB2", b"/etc/sesam.ini") == 0
        assert libraries.call(LIRE_CONFIG).code == 0
    assert libraries.call(LIRE_CONFIG).code == SsvCode.SERVER
    with serving(path) as second:
        assert libraries.call(LIRE_CONFIG).code == 0
        assert second.hellos == first.hellos
        libraries.raw("SSV_TermLIB")


def test_time_over_is_0400_and_the_connection_is_closed(
    libraries: LoadedLibraries, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLA_SSV_SECONDS", "1")
    assert libraries.raw("SSV_InitLIB") == 0
    for manner in (say_nothing, send_raw(b"\0\0\1\0half")):
        server.manners = [manner]
        began = time.monotonic()
        assert libraries.call(LIRE_CONFIG).code == SsvCode.NO_ANSWER
        assert 0.9 < time.monotonic() - began < 5
        assert libraries.call(LIRE_CONFIG).code == 0
    assert len(server.hellos) == 3
    assert server.last().patience <= 1_000
    libraries.raw("SSV_TermLIB")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"\0\0",
        b"\xf0\x01more",
        b"\0\0\0\0\0\5abcd",
        b"\0\0\0\0\0\4abcdmore",
        b"\0\0\xff\xff\xff\xffabcd",
    ],
    ids=lambda raw: raw.hex() or "empty",
)
def test_an_answer_that_is_none_is_f0ff_and_the_connection_is_closed(
    begun: LoadedLibraries, server: FakeServer, answer: bytes
) -> None:
    server.manners = [send_raw(build_frame(answer))]
    assert begun.call(LIRE_CONFIG).code == SsvCode.INCOHERENT
    assert begun.call(LIRE_CONFIG).code == 0
    assert len(server.hellos) == 2


def test_a_frame_that_is_too_long_is_f0ff(begun: LoadedLibraries, server: FakeServer) -> None:
    server.manners = [send_raw(b"\xff\xff\xff\xff")]
    assert begun.call(LIRE_CONFIG).code == SsvCode.INCOHERENT


def test_what_comes_unasked_is_no_answer_to_the_next_call(begun: LoadedLibraries, server: FakeServer) -> None:
    answer = build_frame(b"\0\0\0\0\0\1A")
    server.manners = [send_raw(answer * 2)]
    assert begun.call(LIRE_CONFIG).outputs == {"answer": b"A"}
    assert begun.call(LIRE_CONFIG).outputs == usual_outputs(LIRE_CONFIG)


def test_a_moment_has_twelve_digits_or_is_f0ff(begun: LoadedLibraries, server: FakeServer) -> None:
    server.manners = [answer_with(moment=b"20261129100459")]
    assert begun.call(LIRE_DATE_LECTEUR, reader=b"Log_SV").code == SsvCode.INCOHERENT


def test_threads_get_their_own_answers(begun: LoadedLibraries, server: FakeServer) -> None:
    def mirror(connection: Any, call: Any) -> bool:
        return answer_with(answer=call.values["zone"])(connection, call)

    server.manner = mirror
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(50):
            zone = struct.pack(">HBH", 1, 2, number << 8 | turn)
            if begun.call(TRADUIRE_FSE, zone=zone).outputs != {"answer": zone}:
                wrong.append(zone)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong
    assert len(server.hellos) == 1


def test_while_another_thread_calls_a_call_waits_two_seconds_then_is_0004(
    begun: LoadedLibraries, server: FakeServer
) -> None:
    asked, free = threading.Event(), threading.Event()

    def slowly(connection: Any, call: Any) -> bool:
        asked.set()
        free.wait(60)
        return answer_usually(connection, call)

    server.manners = [slowly]
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(begun.call(LIRE_CONFIG).code))
    thread.start()
    assert asked.wait(60)
    began = time.monotonic()
    assert begun.call(LIRE_CONFIG).code == SsvCode.HELD
    assert 1.9 < time.monotonic() - began < 20
    free.set()
    thread.join()
    assert codes == [0]


def test_a_forked_child_opens_its_own_connection(begun: LoadedLibraries, server: FakeServer) -> None:
    assert begun.call(LIRE_CONFIG).code == 0
    child = os.fork()
    if child == 0:
        os._exit(begun.call(LIRE_CONFIG).code != 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert begun.call(LIRE_CONFIG).code == 0
    assert len(server.hellos) == 2


def test_a_file_that_the_program_opened_in_our_place_is_left_alone(
    begun: LoadedLibraries, server: FakeServer, tmp_path: Path
) -> None:
    ours = file_connected_to(server.path)
    target = tmp_path / "file"
    with target.open("wb") as file:
        os.dup2(file.fileno(), ours)
    assert begun.call(MAJ_DATE_LECTEUR, reader=b"Log_SV", moment=b"202611291004").code == 0
    os.write(ours, b"theirs")
    os.close(ours)
    assert target.read_bytes() == b"theirs"
    assert len(server.hellos) == 2


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_what_a_program_prints_never_goes_to_the_server(
    libraries: LoadedLibraries, server: FakeServer, closed: int
) -> None:
    child = os.fork()
    if child == 0:
        os.close(closed)
        begun = libraries.raw("SSV_InitLIB") == 0
        os._exit(not (begun and file_connected_to(server.path) > 2))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_server_of_another_user_is_8002(
    libraries: LoadedLibraries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLA_SSV_SOCKET", str(tmp_path / "socket"))
    with serving(tmp_path / "socket", user=65_534) as server:
        assert libraries.raw("SSV_InitLIB") == SsvCode.SERVER
    assert not server.calls


def test_memory_is_given_back_once(libraries: LoadedLibraries) -> None:
    blocks = [c_void_p() for _ in range(500)]
    for size, block in enumerate(blocks, 1):
        assert libraries.raw("SSV_AllouerZoneMem", byref(block), c_size_t(size)) == 0
        assert block.value is not None
        assert ctypes.string_at(block, size) == bytes(size)
    foreign = ctypes.create_string_buffer(100)
    for block in (
        *blocks[::2],
        *blocks,
        *blocks,
        c_void_p(),
        c_void_p(1),
        c_void_p(ctypes.addressof(foreign)),
    ):
        libraries.raw("SSV_LibererZoneMem", block)
    assert libraries.raw("SSV_AllouerZoneMem", None, c_size_t(5)) == SsvCode.OUTPUT
    assert libraries.raw("SSV_AllouerZoneMem", byref(blocks[0]), c_size_t(0)) == SsvCode.INPUT
    for huge in (17 << 20, 1 << 63, (1 << 64) - 1):
        assert libraries.raw("SSV_AllouerZoneMem", byref(blocks[0]), c_size_t(huge)) == SsvCode.ALLOCATION


def test_the_trace_says_each_call_and_no_secret(
    begun: LoadedLibraries, server: FakeServer, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    assert begun.raw("SSV_InitTrace", str(trace).encode(), b"w", 0, 2) == 0
    session = begun.session(1110)
    server.manners = [answer_usually, answer_with(SsvCode.CODE_WRONG), answer_usually]
    card = {**CARD, "code": b"83719265"}
    assert begun.call(LIRE_CARTE_PS, **card).code == 0
    assert begun.call(EFFACER_TLA, **card, billing=b"998877665", kind=b"").code == SsvCode.CODE_WRONG
    assert begun.call(FORMATER_LOT.twin(), **card, session=session).code == 0
    assert begun.raw("SSV_InitTrace", None, None, 0, 0) == 0
    begun.raw("SGD_LibererSession", session)
    text = trace.read_text()
    card_line, erase_line, lot_line = text.splitlines()
    assert "SSV_LireCartePS in=0 out=9 " in card_line
    assert card_line.endswith("-> 0000 done")
    assert erase_line.endswith("-> F003 the code porteur is wrong")
    assert f"SIS_FormaterLot session={session:04X} in=3 " in lot_line
    assert trace.stat().st_mode & 0o777 == 0o600
    for secret in ("83719265", "998877665", "Log_SV"):
        assert secret not in text


def test_a_missing_server_is_told_in_the_trace(
    libraries: LoadedLibraries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLA_SSV_SOCKET", str(tmp_path / "nothing"))
    trace = tmp_path / "trace"
    assert libraries.raw("SSV_InitTrace", str(trace).encode(), b"a", 1, 1) == 0
    assert libraries.raw("SSV_InitLIB") == SsvCode.SERVER
    assert libraries.raw("SSV_InitTrace", None, None, 0, 0) == 0
    where, begin = trace.read_text().splitlines()
    assert f"at {tmp_path}/nothing -> 8002" in where
    assert "SSV_InitLIB the GALSS's server is missing -> 8002" in begin


@pytest.mark.parametrize(
    ("file", "mode", "module", "code"),
    [
        (b"/nowhere/trace", b"w", 0, SsvCode.TRACE_FILE),
        (None, b"w", 0, SsvCode.TRACE_FILE),
        (b"/dev/null", b"w", 0, SsvCode.TRACE_FILE),
        (b"trace", b"r", 0, SsvCode.TRACE_FILE),
        (b"trace", b"w", 9, SsvCode.TRACE_MODULE),
    ],
)
def test_a_trace_that_cannot_be(
    libraries: LoadedLibraries, file: bytes | None, mode: bytes, module: int, code: int
) -> None:
    assert libraries.raw("SSV_InitTrace", file, mode, module, 2) == code
