"""The loader reaches a reader by pyscard and stock pcscd: CCID on a serial line, and vpcd."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from smartcard import scard

from tests.fake_reader import FakeReader
from tests.host.transport.transport_conformance import TransportConformance
from tests.integration.pcsc_kit import (
    Served,
    by_ccid,
    by_vpcd,
    pcscd,
    reach,
    served,
    slots_show,
    vpcd_configuration,
)
from tests.integration.pcsc_kit import free_ports as free_ports_of_vpcd
from tests.integration.serving import PATIENCE, wait_for
from tests.tools.cli.command_line import ROOT, command, tla
from tla_sim.host.transport import Transport, open_transport, pcsc
from tla_sim.host.transport.passing import PassingTransport
from tla_sim.host.transport.pcsc import SOCKET_VARIABLE, PcscStopped, list_slots
from tla_sim.protocol.errors import ConnectionLost, LinkError, NoAnswer, PortUnavailable, ReaderHeld
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.demo.round import Round

CASES = ROOT / "tests" / "cases"
COMMAND = b"\x80\x10\x00\x00\x00"
SHOWN = slots_show(s0=PS_ATR, s1=VITALE_ATR, s2=LOG_SV_ATR)


class _SharedPcscd(TransportConformance):
    """One service for all tests of a class; each opens its own transport."""

    url = "pcsc:TLA"

    @pytest.fixture
    def transport(self, service: FakeReader) -> Iterator[Transport]:
        service.commands.clear()
        with open_transport(self.url) as opened:
            yield opened


class TestCcid(_SharedPcscd):
    @pytest.fixture(scope="class")
    @classmethod
    def service(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeReader]:
        reader = FakeReader()
        with by_ccid(reader, reader.clock, tmp_path_factory.mktemp("ccid")):
            wait_for(SHOWN)
            yield reader

    @pytest.mark.parametrize(
        "url",
        [
            "pcsc:",
            "pcsc:virtual",
            "pcsc:0",
            "pcsc:2",
            "pcsc:TLA%20virtual%2000",
            "pcsc:tla%20virtual%2000%2001",
        ],
    )
    def test_a_name_a_number_or_nothing_finds_the_slot_of_log_sv(self, service: FakeReader, url: str) -> None:
        with open_transport(url) as opened:
            assert opened.transmit(COMMAND)[-3:] == b"\x00\x90\x00"
        assert service.commands[-1][1] is Lad.LOG_SV

    @pytest.mark.parametrize("name", ["CPS", "TRANSPA1", "Vitale", "transpa2"])
    def test_a_resource_of_galss_ini_leads_to_its_reader(
        self, service: FakeReader, name: str, tmp_path: Path
    ) -> None:
        file = tmp_path / "galss.ini"
        text = (CASES / "galss-pcsc.ini").read_text()
        for line in ("Smart Card Reader 02\n", "Smart Card Reader\n"):
            slot = "TLA virtual 00 00" if "02" in line else "TLA virtual 00 01"
            text = text.replace(f"=F600 F600 {line}", f"={slot}\n")
        file.write_text(text)
        with open_transport(f"galss:{name}?file={file}") as opened:
            assert opened.transmit(COMMAND)[-3:] == b"\x00\x90\x00"
        assert service.commands[-1][1] is Lad.LOG_SV
        assert tla("galss", "check", file).exit_code == 0

    @pytest.mark.usefixtures("service")
    def test_a_slot_that_pcsc_does_not_have_is_told_with_the_url_to_use(self) -> None:
        with pytest.raises(
            PortUnavailable, match=r"line 19: PC/SC has no slot F600 .*TLA virtual 00 02"
        ) as no:
            open_transport(f"galss:CPS?file={CASES / 'galss-pcsc.ini'}")
        assert no.value.action == "Use pcsc:2, or name there a slot of TLA virtual 00"
        result = tla("galss", "check", CASES / "galss-pcsc.ini")
        assert result.exit_code == 1
        assert "line 36: PC/SC has no slot F600 F600 Smart Card Reader, " in result.stdout
        assert "(SSV 800C)" in result.stdout

    def test_the_slot_is_held_against_others(self, transport: Transport) -> None:
        transport.transmit(COMMAND)
        with pytest.raises(ReaderHeld, match="Another program") as caught:
            open_transport(self.url)
        assert caught.value.ssv == 0x0004
        assert caught.value.action
        assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"

    def test_closing_ends_the_readers_session(self, service: FakeReader) -> None:
        software = service.ports[1]
        with open_transport(self.url) as opened:
            opened.transmit(COMMAND)
            before = software.log.count("power on LOG_SV")
        open_transport(self.url).close()
        assert software.log.count("power on LOG_SV") > before

    @pytest.mark.usefixtures("service")
    def test_a_reader_that_is_not_there_is_named_with_those_that_are(self) -> None:
        with pytest.raises(PortUnavailable, match="TLA virtual 00 02"):
            open_transport("pcsc:Gemalto")


class TestVpcd(_SharedPcscd):
    url = "pcsc:Virtual"

    @pytest.fixture(scope="class")
    @classmethod
    def service(cls) -> Iterator[FakeReader]:
        reader = FakeReader()
        with by_vpcd(reader, reader.clock):
            wait_for(slots_show(s0=PS_ATR, s1=LOG_SV_ATR))
            yield reader

    @pytest.mark.parametrize("lad", [Lad.LOG_SV, Lad.PS])
    def test_it_reaches_every_address(self, transport: Transport, lad: Lad) -> None:
        assert transport.transmit(b"\x00\xa4\x00\x00", lad)[-3:] == bytes((lad,)) + b"\x90\x00"

    def test_a_slot_that_the_reader_does_not_show_is_said_so(self, transport: Transport) -> None:
        with pytest.raises(PortUnavailable, match="VITALE"):
            transport.transmit(COMMAND, Lad.VITALE)


def test_a_stopped_service_is_named_and_a_started_one_used_again(tmp_path: Path) -> None:
    reader = FakeReader()
    with by_ccid(reader, reader.clock, tmp_path) as (_, service):
        wait_for(SHOWN)
        with open_transport("pcsc:TLA") as transport:
            transport.transmit(COMMAND)
            service.stop()
            with pytest.raises(LinkError) as caught:
                transport.transmit(COMMAND)
            assert isinstance(caught.value, ConnectionLost)
            assert "pcscd" in caught.value.message
            assert caught.value.ssv == 0xF101
            with pytest.raises(PcscStopped) as stopped:
                transport.transmit(COMMAND)
            assert "Start it" in stopped.value.action
            assert stopped.value.ssv == 0x800C
            service.start()
            reach(service)
            wait_for(SHOWN)
            assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"


def test_a_killed_service_is_named_too(tmp_path: Path) -> None:
    reader = FakeReader()
    with by_ccid(reader, reader.clock, tmp_path) as (_, service):
        wait_for(SHOWN)
        with open_transport("pcsc:TLA") as transport:
            transport.transmit(COMMAND)
            assert service.pid is not None
            os.kill(service.pid, signal.SIGKILL)
            with pytest.raises(ConnectionLost, match=r"pcscd.* stopped") as caught:
                transport.transmit(COMMAND)
            assert "Start it" in caught.value.action


def test_a_service_that_does_not_run_is_named_with_where_it_was_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SOCKET_VARIABLE, "/run/somewhere/else")
    assert "/run/somewhere/else" in PcscStopped().message
    assert "unset" in PcscStopped().action
    monkeypatch.delenv(SOCKET_VARIABLE)
    assert "systemctl start" in PcscStopped().action


def test_a_card_that_is_taken_out_is_told_from_a_reader_that_went(tmp_path: Path) -> None:
    reader = FakeReader()
    with by_ccid(reader, reader.clock, tmp_path):
        wait_for(SHOWN)
        with open_transport("pcsc:TLA") as transport:
            transport.transmit(COMMAND, Lad.PS)
            del reader.insertions[Lad.PS]
            wait_for(slots_show(s0=b""))
            with pytest.raises(ConnectionLost, match="TLA virtual 00 00 is empty"):
                transport.transmit(COMMAND, Lad.PS)


def test_an_unplugged_reader_is_named_and_used_again_once_plugged(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = FakeReader()
    port = free_ports_of_vpcd()
    with (
        pcscd(vpcd_configuration(port)),
        served(reader, reader.clock, f"vpcd:127.0.0.1:{port}?slots=ps,log_sv") as (serving, _),
    ):
        wait_for(slots_show(s0=PS_ATR, s1=LOG_SV_ATR))
        with open_transport("pcsc:Virtual") as transport:
            transport.transmit(COMMAND)
            serving.do(lambda: serving.server.plug(False))
            wait_for(slots_show(s0=b"", s1=b""))
            with pytest.raises((ConnectionLost, NoAnswer)) as caught:
                transport.transmit(COMMAND)
            assert "Check" in caught.value.action
            with pytest.raises(PortUnavailable, match="runs Log_SV"):
                transport.transmit(COMMAND)
            monkeypatch.setattr(pcsc, "_SETTLING_SECONDS", PATIENCE)
            serving.do(lambda: serving.server.plug(True))
            assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"


def test_a_cable_that_is_back_before_vpcd_saw_it_leave_is_seen_to_be_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pcsc, "_SETTLING_SECONDS", PATIENCE)
    reader = FakeReader()
    with by_vpcd(reader, reader.clock) as (serving, _):
        wait_for(slots_show(s0=PS_ATR, s1=LOG_SV_ATR))
        with open_transport("pcsc:") as transport:
            for _ in range(3):
                transport.transmit(COMMAND)
                serving.do(lambda: serving.server.plug(False))
                with pytest.raises(LinkError):
                    transport.transmit(COMMAND)
                serving.do(lambda: serving.server.plug(True))
            assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"


def test_a_slot_that_another_program_shares_is_not_taken_from_it(tmp_path: Path) -> None:
    reader = FakeReader()
    with by_ccid(reader, reader.clock, tmp_path):
        wait_for(SHOWN)
        _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        name = list_slots()[2].name
        both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        result, handle, _ = scard.SCardConnect(context, name, scard.SCARD_SHARE_SHARED, both)
        assert result == scard.SCARD_S_SUCCESS
        with pytest.raises(ReaderHeld):
            open_transport("pcsc:TLA")
        scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)
        with open_transport("pcsc:TLA") as transport:
            assert transport.transmit(COMMAND)[-2:] == b"\x90\x00"


def test_without_pyscard_pcsc_says_what_to_install_and_all_else_works() -> None:
    program = textwrap.dedent("""
        import sys
        sys.modules["smartcard"] = None
        from tla_sim.tools.cli.app import run
        sys.argv = ["tla", *sys.argv[1:]]
        sys.exit(run())
    """)

    def tla(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=PATIENCE
        )

    refused = tla("identify", "--reader", "pcsc:")
    assert refused.returncode == 3
    assert "pip install 'tla-sim[pcsc]'" in refused.stderr
    listed = tla("readers", "--json")
    assert listed.returncode == 0
    assert "pip install" in listed.stderr


class _ServedCable(PassingTransport):
    """A transport by pcscd while the reader is served; closed, the cable is out and virtual time goes on."""

    def __init__(self, serving: Served, inner: Transport) -> None:
        super().__init__(inner)
        self._serving = serving

    def close(self) -> None:
        super().close()
        self._serving.do(lambda: self._serving.server.plug(False))
        self._serving.pause()


class RoundDesk:
    """The desk's end of a whole round: the same pcscd all day, the reader's cable in and out."""

    def __init__(self, stack: ExitStack, connect: Callable[[Reader], Served], url: str) -> None:
        self._stack = stack
        self._connect = connect
        self._url = url
        self._serving: Served | None = None
        self.opened = 0

    def plug(self, reader: Reader) -> Transport:
        """Put the cable in, and reach the reader."""
        if self._serving is None:
            self._serving = self._connect(reader)
        else:
            self._serving.resume()
            serving = self._serving
            serving.do(lambda: serving.server.plug(True))
        self.opened += 1
        return _ServedCable(self._serving, open_transport(self._url))


@pytest.mark.parametrize("way", ["ccid", "vpcd"])
def test_the_whole_round_goes_over_pcscd(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "_SETTLING_SECONDS", PATIENCE)
    with ExitStack() as stack:

        def connect(reader: Reader) -> Served:
            clock = reader.board.clock
            if way == "ccid":
                serving, _ = stack.enter_context(by_ccid(reader, clock, tmp_path))
                wait_for(slots_show(s2=LOG_SV_ATR))
            else:
                serving, _ = stack.enter_context(by_vpcd(reader, clock))
                wait_for(slots_show(s1=LOG_SV_ATR))
            return serving

        desk = RoundDesk(stack, connect, "pcsc:")
        round_ = stack.enter_context(Round(demo_practice(), tmp_path, 4, plug=desk.plug))
        steps = list(round_.steps())
        stack.pop_all().close()
    assert desk.opened >= 3
    assert {step.stage for step in steps} == {"push", "visit", "pull", "sign", "transmit"}
    assert len(round_.transmitted.sent) > 0


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """`tla sim --pcscd` in a process of its own; the socket it tells of, and its directory."""
    arguments = command("sim", "--state", tmp_path / "reader", "--pcscd", "--seed", "1")
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        while not (found := re.search(r"PCSCLITE_CSOCK_NAME=(\S+)", said)):
            line = process.stdout.readline()
            assert line, said
            said += line
        yield found[1], tmp_path
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(PATIENCE) == 0
    assert not Path(found[1]).exists(), "its service is stopped with it"


def test_every_verb_of_the_reader_goes_over_pcsc_unchanged(simulator: tuple[str, Path]) -> None:
    socket, directory = simulator
    ledger, practice = str(directory / "ledger"), str(ROOT / "tools/cast/practice.json")
    wait_for(lambda: Path(socket).exists())

    def tla(*arguments: str) -> str:
        done = subprocess.run(
            command(*arguments),
            env={**os.environ, "PCSCLITE_CSOCK_NAME": socket},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    wait_for(lambda: "Log_SV" in tla("readers"))
    assert "vide" in tla("--lang", "fr", "readers")
    assert "TLA-SIM" in tla("identify", "--reader", "pcsc:")
    pushed = json.loads(tla("push", practice, "--reader", "pcsc:TLA", "--ledger", ledger, "--json"))
    listed = json.loads(tla("list", "--reader", "pcsc:2", "--json"))
    assert len(listed) == sum(each["loaded"] for each in pushed) > 0
    assert tla("diagnostics", "--reader", "pcsc:")
    assert tla("clock", "--reader", "pcsc:")
