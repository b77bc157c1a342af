"""A program in Python that calls the server."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

import tla_sim
from tests.ssv_server_kit import service_on, serving
from tla_sim.host.ssv.caller import Caller, CallLost, ServerMissing, VersionsDiffer
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.frames import LENGTH_BYTES, VERSION, WELCOME, Client, Welcome, build_frame
from tla_sim.host.ssv.functions import IDENTIFIER_TLA, LIRE_DATE_LECTEUR
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import NoAnswer, PortUnavailable
from tla_sim.protocol.groups.zone import decode_zone


def test_a_call_brings_back_what_the_function_gives(tmp_path: Path) -> None:
    with (
        tla_sim.SimulatedReader.in_memory() as reader,
        serving(service_on(reader.transport, tmp_path), tmp_path / "s" / "socket") as server,
        Caller(server.path) as caller,
    ):
        answer = caller.call(IDENTIFIER_TLA, {"reader": "Log_SV", "cdc_version": "1.40"})
        assert answer.code == 0
        assert [each.DECLARATION.number for each in decode_zone(answer.outputs["answer"])] == [9312, 61, 61]
        assert caller.call_by_name("SIS_LireDateLecteur", "Log_SV").outputs["moment"][:2] == b"20"
        assert caller.call_by_name("SSV_LireDateLecteur", "Nobody") == (0xF101, {})


def test_a_resource_of_nine_letters_is_8011(tmp_path: Path) -> None:
    with (
        tla_sim.SimulatedReader.in_memory() as reader,
        serving(service_on(reader.transport, tmp_path), tmp_path / "s" / "socket") as server,
        Caller(server.path) as caller,
    ):
        assert caller.call(LIRE_DATE_LECTEUR, {"reader": "Log_SV_99"}).code == 0x8011


def test_without_a_server_it_is_8002_and_says_what_to_start(tmp_path: Path) -> None:
    with pytest.raises(ServerMissing, match=r"Start the server") as caught:
        Caller(tmp_path / "nobody")
    assert caught.value.ssv == 0x8002


def answer_once(path: Path, body: bytes | None) -> threading.Thread:
    """A server that answers every hello with this, or hangs up."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()

    def answer() -> None:
        with listening, listening.accept()[0] as connected:
            length = int.from_bytes(connected.recv(LENGTH_BYTES), "big")
            connected.recv(length)
            if body is not None:
                connected.sendall(build_frame(body))
                connected.recv(1)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    return thread


def test_a_server_of_another_version_is_800e(tmp_path: Path) -> None:
    answer_once(tmp_path / "s", WELCOME.build(Welcome(VERSION + 1, 0x800E)))
    with pytest.raises(VersionsDiffer) as caught:
        Caller(tmp_path / "s")
    assert caught.value.ssv == 0x800E


def test_what_hangs_up_at_the_hello_is_no_server(tmp_path: Path) -> None:
    answer_once(tmp_path / "s", None)
    with pytest.raises(ServerMissing):
        Caller(tmp_path / "s")


def test_a_server_that_refuses_a_program_tells_its_code(tmp_path: Path) -> None:
    answer_once(tmp_path / "s", WELCOME.build(Welcome(VERSION, 0xF6F1)))
    with pytest.raises(CallRefused, match="RepertoireTravail is missing") as caught:
        Caller(tmp_path / "s", client=Client.SSV)
    assert caught.value.ssv == 0xF6F1


def test_a_server_that_ends_in_mid_call_leaves_the_outcome_uncertain(tmp_path: Path) -> None:
    thread = answer_once(tmp_path / "s", WELCOME.build(Welcome(VERSION, 0)))
    with Caller(tmp_path / "s") as caller, pytest.raises(CallLost) as caught:
        caller.call(LIRE_DATE_LECTEUR, {"reader": "Log_SV"})
    thread.join()
    assert caught.value.ssv == 0x0040
    assert caught.value.category is tla_sim.Category.UNCERTAIN


def test_a_server_that_takes_longer_than_declared_is_0400(tmp_path: Path) -> None:
    held = threading.Event()

    def open_reader() -> Transport:
        held.wait(60)
        raise PortUnavailable("It is gone")

    service = service_on(open_reader, tmp_path)
    with serving(service, tmp_path / "s" / "socket") as server, Caller(server.path) as caller:
        with pytest.raises(NoAnswer) as caught:
            caller.call(LIRE_DATE_LECTEUR, {"reader": "Log_SV"}, seconds=0.05)
        assert caught.value.ssv == 0x0400
        held.set()
