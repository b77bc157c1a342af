"""The loader's guarantees: exactly once, resumable, and safe from a reader that lies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.effort import count_effort
from tests.reader_kit import Bench
from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import outgoing
from tla_sim.host.ledger.errors import ContentDiffers, LoadedElsewhere
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.progress import Progress
from tla_sim.host.round.pull import Pulled, pull
from tla_sim.host.round.push import Pushed, propose, push_owner
from tla_sim.host.round.push_refused import PushRefused
from tla_sim.host.round.sign import CannotSignFinally, Signed, sign
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.apdu import ResponseApdu
from tla_sim.protocol.commands.certifying import SIGN_FINAL, FinalSignatures
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.identity import IDENTIFY
from tla_sim.protocol.commands.loading import COMMIT_LOAD, LIST_INVOICES
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, UNLOAD_FSE
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.errors import ConnectionLost, IncoherentAnswer, LinkError, StatusError, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.tools.cast.invoices import documents, invoices
from tla_sim.tools.cast.people import CODE, DESMAUX, DOCTOR, LEA, MAYA, NURSE, OTHER, PAUL, SECRETARY
from tla_sim.tools.simulator.virtual_cable import cable_transport

ANCHORS = TrustAnchors.shipped()
Change = Callable[[bytes, bytes], bytes]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db") as opened:
        yield opened


class Tampered(InProcessTransport):
    """A reader whose answers to chosen commands are changed, or a line that breaks after some exchanges."""

    def __init__(self, bench: Bench, change: Change | None = None, breaks_after: int | None = None) -> None:
        super().__init__(self._spoilt, on_close=None)
        self._port = bench.reader.attach("host")
        self._change = change
        self.left = breaks_after
        self.asked: list[int] = []

    def _spoilt(self, lad: Lad, apdu: bytes) -> bytes:
        if self.left == 0:
            raise ConnectionLost("The cable is out", "Plug it in")
        answer = self._port.exchange(lad, apdu)
        self.asked.append(apdu[1])
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                raise ConnectionLost("The cable went out before the answer came", "Plug it in")
        return self._change(apdu, answer) if self._change else answer


def client_of(bench: Bench, transport: InProcessTransport) -> ReaderClient:
    return ReaderClient(transport, bench.entropy.take, batch_bytes=700)


def push(client: ReaderClient, ledger: Ledger, owner: str = NURSE, count: int = 5) -> Pushed:
    return push_owner(client, ledger, owner, documents(owner, count))


def certify_at_home(bench: Bench) -> None:
    bench.unplug()
    bench.insert_ps(MAYA)
    bench.insert_vitale()
    bench.press("VAL")
    bench.type_code()
    assert "SIGNEE" in bench.text


def states(ledger: Ledger) -> list[LedgerState]:
    return [each.state for each in ledger.documents()]


def test_a_push_tells_its_progress_and_fills_the_ledger(bench: Bench, ledger: Ledger) -> None:
    progress: list[Progress] = []
    client = client_of(bench, Tampered(bench))
    pushed = push_owner(client, ledger, NURSE, documents(NURSE, 5), progress.append)
    done = [(step.done, step.bytes_done) for step in progress]
    assert done == sorted(done)
    assert progress[-1].done == progress[-1].total == 5
    assert progress[-1].bytes_done == progress[-1].bytes_total
    assert (pushed.loaded, pushed.already) == (5, 0)
    assert states(ledger) == [LedgerState.LOADED] * 5


def test_pushing_again_sends_nothing(bench: Bench, ledger: Ledger) -> None:
    push(client_of(bench, Tampered(bench)), ledger)
    transport = Tampered(bench)
    bench.reader.ports[0].detach()
    again = push(client_of(bench, transport), ledger)
    assert (again.loaded, again.already, again.bytes_sent) == (0, 5, 0)
    assert len(client_of(bench, transport).list_documents()) == 5


@pytest.mark.parametrize(
    ("exchanges", "loaded", "resumed"),
    [(1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 2), (5, 0, 4), (6, 0, 5), (7, 0, 5), (8, 5, 0)],
)
def test_a_push_cut_anywhere_resumes_without_sending_what_is_there(
    bench: Bench, ledger: Ledger, exchanges: int, loaded: int, resumed: int
) -> None:
    with pytest.raises(ConnectionLost):
        push(client_of(bench, Tampered(bench, breaks_after=exchanges)), ledger)
    bench.unplug()
    assert len(bench.reader.app.store.entries()) == loaded
    pushed = push(client_of(bench, Tampered(bench)), ledger)
    sizes = [len(each.content) for each in documents(NURSE, 5)]
    assert (pushed.loaded, pushed.already) == (5 - loaded, loaded)
    assert (pushed.bytes_sent, pushed.bytes_resumed) == (sum(sizes[resumed + loaded :]), sum(sizes[:resumed]))
    assert len(bench.reader.app.store.entries()) == 5
    assert states(ledger) == [LedgerState.LOADED] * 5


def test_a_push_is_eight_exchanges(bench: Bench, ledger: Ledger) -> None:
    transport = Tampered(bench, breaks_after=9)
    assert push(client_of(bench, transport), ledger).loaded == 5
    assert len(transport.asked) == 8, "a cut after each of them is tried above"


def test_another_content_under_the_same_number_loads_nothing(bench: Bench, ledger: Ledger) -> None:
    push(client_of(bench, Tampered(bench)), ledger, count=1)
    bench.unplug()
    changed = invoices(NURSE, 2)
    changed[0] = replace(changed[0], patient=replace(changed[0].patient, last_name="AUTRE"))
    with pytest.raises(ContentDiffers, match="other content"):
        push_owner(client_of(bench, Tampered(bench)), ledger, NURSE, outgoing(changed))
    assert len(bench.reader.app.store.entries()) == 1


@pytest.mark.parametrize("certified", [False, True])
def test_a_ledger_that_knows_nothing_learns_from_the_reader_that_a_number_is_taken(
    bench: Bench, tmp_path: Path, ledger: Ledger, certified: bool
) -> None:
    push(client_of(bench, Tampered(bench)), ledger, count=1)
    if certified:
        certify_at_home(bench)
    bench.unplug()
    changed = invoices(NURSE, 2)
    changed[0] = replace(changed[0], patient=replace(changed[0].patient, last_name="AUTRE"))
    with Ledger.open(tmp_path / "new.db") as new:
        with pytest.raises(PushRefused, match="190305001 of 75600001 is on the reader with other content"):
            push_owner(client_of(bench, Tampered(bench)), new, NURSE, outgoing(changed))
        assert new.documents() == []
        assert len(bench.reader.app.store.entries()) == 1
        bench.unplug()
        pushed = push(client_of(bench, Tampered(bench)), new, count=2)
        assert (pushed.loaded, pushed.already) == (1, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_what_the_reader_gave_back_to_another_ledger_is_refused_and_not_marked_loaded(
    bench: Bench, tmp_path: Path, ledger: Ledger, count: int
) -> None:
    push(client_of(bench, Tampered(bench)), ledger, count=count)
    certify_at_home(bench)
    client = client_of(bench, Tampered(bench))
    client.verify_code(CODE)
    assert pull(client, ledger, ANCHORS).complete == count
    with Ledger.open(tmp_path / "new.db") as new:
        for _ in range(2):
            bench.unplug()
            client = client_of(bench, Tampered(bench))
            with pytest.raises(PushRefused, match=r"back before.*nothing was loaded") as refused:
                push(client, new, count=count)
            for each in documents(NURSE, count):
                assert each.invoice.number in refused.value.message
            assert client.list_documents() == ()
            assert states(new) == [LedgerState.PREPARED] * count
        assert push(client, ledger, count=count).finished == count
        assert push(client, new, count=count + 1).loaded == count + 1


@pytest.mark.parametrize("exchanges", range(1, 9))
def test_a_push_of_what_was_given_back_is_refused_wherever_it_was_cut(
    bench: Bench, tmp_path: Path, ledger: Ledger, exchanges: int
) -> None:
    push(client_of(bench, Tampered(bench)), ledger, count=2)
    certify_at_home(bench)
    client = client_of(bench, Tampered(bench))
    client.verify_code(CODE)
    pull(client, ledger, ANCHORS)
    with Ledger.open(tmp_path / "new.db") as new:
        bench.unplug()
        with contextlib.suppress(ConnectionLost, PushRefused):
            push(client_of(bench, Tampered(bench, breaks_after=exchanges)), new, count=2)
        bench.unplug()
        with pytest.raises(PushRefused, match="nothing was loaded"):
            push(client_of(bench, Tampered(bench)), new, count=2)


def test_a_ledger_that_had_it_on_the_reader_keeps_it_from_other_readers(
    bench: Bench, tmp_path: Path, ledger: Ledger
) -> None:
    push(client_of(bench, Tampered(bench)), ledger, count=2)
    certify_at_home(bench)
    with Ledger.open(tmp_path / "other.db") as other:
        client = client_of(bench, Tampered(bench))
        client.verify_code(CODE)
        pull(client, other, ANCHORS)
        assert states(other) == [LedgerState.COMPLETE] * 2
    with pytest.raises(PushRefused, match="nothing was loaded"):
        push(client, ledger, count=2)
    assert states(ledger) == [LedgerState.LOADED] * 2


def test_a_reader_exchanged_after_the_commit_frees_nothing_that_is_on_the_first(
    bench: Bench, ledger: Ledger
) -> None:
    with pytest.raises(ConnectionLost):
        push(client_of(bench, Tampered(bench, breaks_after=5)), ledger, count=2)
    bench.unplug()
    committed: list[bytes] = []

    def exchange_reader(apdu: bytes, answer: bytes) -> bytes:
        if apdu[1] == COMMIT_LOAD.ins:
            committed.append(answer)
        if committed and apdu[1] == LIST_INVOICES.ins:
            return b"\0\0\0\0\x90\0"
        return other_serial(answer) if committed and apdu[1] == IDENTIFY.ins else answer

    with pytest.raises(IncoherentAnswer, match="a moment ago"):
        push(client_of(bench, Tampered(bench, exchange_reader)), ledger, count=2)
    assert states(ledger) == [LedgerState.LOADED] * 2


@pytest.mark.parametrize("spoilt", [1, 2])
def test_one_altered_list_makes_no_document_on_board_free_for_another_reader(
    bench: Bench, ledger: Ledger, spoilt: int
) -> None:
    lists: list[bytes] = []

    def hide(apdu: bytes, answer: bytes) -> bytes:
        if apdu[1] == LIST_INVOICES.ins:
            lists.append(answer)
            # The first list of a push comes before the load, the others after the commit.
            return b"\0\0\0\0\x90\0" if len(lists) == spoilt + 1 else answer
        return answer

    with pytest.raises(ConnectionLost):
        push(client_of(bench, Tampered(bench, breaks_after=5)), ledger, count=2)
    bench.unplug()
    pushed = push(client_of(bench, Tampered(bench, hide)), ledger, count=2)
    assert pushed.loaded == 2
    assert len(bench.reader.app.store.entries()) == 2
    assert states(ledger) == [LedgerState.LOADED] * 2


def test_what_is_on_one_reader_is_not_loaded_into_another(bench: Bench, ledger: Ledger) -> None:
    push(client_of(bench, Tampered(bench)), ledger)
    other = Bench(seed=2)
    with pytest.raises(LoadedElsewhere):
        push(client_of(other, Tampered(other)), ledger)
    assert other.reader.app.store.entries() == ()


def test_others_with_the_same_patients_are_proposed(bench: Bench) -> None:
    identity = client_of(bench, Tampered(bench)).identify()
    all_of_them = [
        *documents(NURSE, 1),
        *documents(DOCTOR, 1),
        *documents(OTHER, 1, patient=DESMAUX),
    ]
    proposal = propose(identity, all_of_them, [NURSE])
    assert proposal.others == (DOCTOR,)
    assert proposal.multi_owner
    alone = propose(replace(identity, capabilities=0, minor=31), all_of_them, [NURSE])
    assert not alone.multi_owner
    assert alone.version == "1.31"


def test_the_round_ends_with_every_document_final_or_complete(bench: Bench, ledger: Ledger) -> None:
    client = client_of(bench, Tampered(bench))
    push(client, ledger, NURSE, 3)
    push(client, ledger, DOCTOR, 2)
    certify_at_home(bench)
    client = client_of(bench, Tampered(bench))
    client.verify_code(CODE)
    pulled = pull(client, ledger, ANCHORS)
    assert isinstance(pulled, Pulled)
    assert (pulled.partial, pulled.complete, pulled.left) == (2, 3, ())
    assert client.list_documents() == ()
    bench.insert_ps(PAUL)
    signed = sign(client, ledger, ANCHORS, client.verify_code(CODE))
    assert isinstance(signed, Signed)
    assert (signed.signed, signed.refused) == (2, ())
    assert sorted(frozenset(states(ledger))) == [LedgerState.COMPLETE, LedgerState.FINAL]
    assert len(ledger.transmissible()) == 5


@pytest.mark.parametrize("exchanges", range(1, 13))
def test_a_pull_cut_anywhere_loses_and_doubles_nothing(bench: Bench, ledger: Ledger, exchanges: int) -> None:
    push(client_of(bench, Tampered(bench)), ledger, count=4)
    certify_at_home(bench)
    transport = Tampered(bench)
    client = client_of(bench, transport)
    client.verify_code(CODE)
    transport.left = exchanges
    with contextlib.suppress(ConnectionLost):
        pull(client, ledger, ANCHORS)
    held = {each.id for each in ledger.documents() if each.state is LedgerState.COMPLETE}
    on_board = {tuple(each.key) for each in bench.reader.app.store.entries()}
    assert len(held | on_board) == 4
    bench.unplug()
    client = client_of(bench, Tampered(bench))
    client.verify_code(CODE)
    assert pull(client, ledger, ANCHORS).left == ()
    assert states(ledger) == [LedgerState.COMPLETE] * 4
    assert bench.reader.app.store.entries() == ()


def test_a_card_that_may_not_have_them_is_told_by_name(bench: Bench, ledger: Ledger) -> None:
    push(client_of(bench, Tampered(bench)), ledger, count=2)
    certify_at_home(bench)
    bench.insert_ps(LEA)
    client = client_of(bench, Tampered(bench))
    client.verify_code(CODE)
    pulled = pull(client, ledger, ANCHORS)
    assert [each.document.number for each in pulled.left] == ["190305001", "190305002"]
    assert pulled.left[0].reason == Status.NOT_OWNER.en
    assert states(ledger) == [LedgerState.LOADED] * 2
    assert len(client.list_documents()) == 2


def test_what_is_pulled_is_hashed_read_and_verified_once(
    bench: Bench, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(client_of(bench, Tampered(bench)), ledger, DOCTOR, 2)
    certify_at_home(bench)
    client = client_of(bench, Tampered(bench))
    client.verify_code(CODE)
    effort = count_effort(monkeypatch)
    assert pull(client, ledger, ANCHORS).partial == 2
    contents = [each.document.content for each in ledger.to_sign()]
    assert [effort.parsed[each] for each in contents] == [1, 1]
    assert list(effort.verified.values()) == [1] * 4
    hashed_to_read_them_back = 1
    assert [effort.hashed[each] - hashed_to_read_them_back for each in contents] == [1, 1]


def test_a_cancelled_invoice_comes_back_as_such(bench: Bench, ledger: Ledger) -> None:
    push(client_of(bench, Tampered(bench)), ledger, count=2)
    bench.unplug()
    bench.insert_ps(MAYA)
    bench.insert_vitale()
    bench.press("DOWN", "MENU", "MENU", "VAL")
    client = client_of(bench, Tampered(bench))
    client.verify_code(CODE)
    pulled = pull(client, ledger, ANCHORS)
    assert (pulled.cancelled, pulled.waiting) == (1, 1)
    assert sorted(states(ledger)) == [LedgerState.LOADED, LedgerState.CANCELLED]
    assert len(client.list_documents()) == 1


def test_one_document_the_ledger_refuses_does_not_keep_the_others(
    bench: Bench, ledger: Ledger, tmp_path: Path
) -> None:
    push(client_of(bench, Tampered(bench)), ledger, count=3)
    certify_at_home(bench)
    with Ledger.open(tmp_path / "other.db") as other:
        changed = invoices(NURSE, 1)[0]
        changed = replace(changed, patient=replace(changed.patient, last_name="AUTRE"))
        from tla_sim.host.documents import OutgoingDocument

        serial = bench.client().identify().serial_number
        bench.unplug()
        other.record_loaded([OutgoingDocument.of(changed)], serial)
        client = client_of(bench, Tampered(bench))
        client.verify_code(CODE)
        pulled = pull(client, other, ANCHORS)
        assert [each.document.number for each in pulled.left] == ["190305001"]
        assert pulled.complete == 2
        assert [each.id.number for each in client.list_documents()] == ["190305001"]


def test_a_cpe_a_cpf_and_anothers_card_give_no_final_signature(bench: Bench, ledger: Ledger) -> None:
    client = client_of(bench, Tampered(bench))
    push(client, ledger, DOCTOR, 1)
    certify_at_home(bench)
    client = client_of(bench, Tampered(bench))
    client.verify_code(CODE)
    pull(client, ledger, ANCHORS)
    signed = sign(client, ledger, ANCHORS, client.verify_code(CODE))
    assert (signed.signed, signed.elsewhere) == (0, 1)
    with pytest.raises(CannotSignFinally, match="belongs to"):
        sign(client, ledger, ANCHORS, client.read_ps_card(), ["190305001"])
    bench.insert_ps(SECRETARY, cpe=True)
    with pytest.raises(CannotSignFinally, match="is a CPE, which never"):
        sign(client, ledger, ANCHORS, client.verify_code(CODE))
    bench.insert_ps(SECRETARY, cpf=True)
    with pytest.raises(CannotSignFinally, match="is a CPF, which never"):
        sign(client, ledger, ANCHORS, client.verify_code(CODE))
    assert states(ledger) == [LedgerState.PARTIAL]


def on(*commands: Any) -> Callable[[Callable[[bytes], bytes]], Change]:
    """Change the answers to these commands only."""
    numbers = [command.ins for command in commands]

    def wrap(spoil: Callable[[bytes], bytes]) -> Change:
        return lambda apdu, answer: spoil(answer) if apdu[1] in numbers else answer

    return wrap


def other_serial(answer: bytes) -> bytes:
    identity = IDENTIFY.response.parse(answer[:-2])
    return IDENTIFY.response.build(replace(identity, serial_number="ANOTHER")) + answer[-2:]


LIES: dict[str, Change] = {
    "an empty answer": lambda _, __: b"",
    "a status word cut in half": lambda _, answer: answer[-1:],
    "an undeclared status": lambda _, __: b"\x12\x34",
    "truncated data": lambda _, answer: answer[:-3] + answer[-2:] if len(answer) > 3 else answer,
    "trailing data": lambda _, answer: answer[:-2] + b"\0" + answer[-2:] if len(answer) > 2 else answer,
    "a list that never ends": on(LIST_INVOICES)(lambda answer: b"\xff\xff" + answer[2:]),
    "documents changed on their way": on(UNLOAD_FSE)(
        lambda answer: answer[:100] + bytes([answer[100] ^ 1]) + answer[101:] if len(answer) > 101 else answer
    ),
    "one refusal after another": lambda _, __: int(Status.INTERNAL).to_bytes(2, "big"),
    "an acknowledgement refused": on(ACKNOWLEDGE_FSE)(
        lambda _: int(Status.DIGEST_MISMATCH).to_bytes(2, "big")
    ),
}


@pytest.mark.parametrize("lie", sorted(LIES))
def test_a_reader_that_lies_ends_in_a_typed_error_with_the_ledger_intact(
    bench: Bench, ledger: Ledger, lie: str
) -> None:
    push(client_of(bench, Tampered(bench)), ledger, count=3)
    certify_at_home(bench)
    good = client_of(bench, Tampered(bench))
    good.verify_code(CODE)
    port = bench.reader.ports[0]
    transport = Tampered(bench, LIES[lie])
    port, transport._port = transport._port, port
    port.detach()
    with pytest.raises(TlaError) as caught:
        pull(client_of(bench, transport), ledger, ANCHORS)
    assert isinstance(caught.value, LinkError | StatusError)
    assert len(transport.asked) < 100
    ledger.check()
    kept = 1 if lie == "an acknowledgement refused" else 0
    assert states(ledger) == [LedgerState.COMPLETE] * kept + [LedgerState.LOADED] * (3 - kept)
    assert len(bench.reader.app.store.entries()) == 3 - kept
    assert pull(good, ledger, ANCHORS).left == ()
    assert states(ledger) == [LedgerState.COMPLETE] * 3


def test_another_reader_in_the_middle_of_a_push_is_noticed(bench: Bench, ledger: Ledger) -> None:
    seen = []

    def later(apdu: bytes, answer: bytes) -> bytes:
        if apdu[1] != IDENTIFY.ins:
            return answer
        seen.append(apdu)
        return other_serial(answer) if len(seen) > 1 else answer

    with pytest.raises(IncoherentAnswer, match="ANOTHER"):
        push(client_of(bench, Tampered(bench, later)), ledger)
    assert bench.reader.app.store.entries() == ()
    assert states(ledger) == []


def test_a_forged_final_signature_is_not_kept(bench: Bench, ledger: Ledger) -> None:
    push(client_of(bench, Tampered(bench)), ledger, DOCTOR, 1)
    certify_at_home(bench)
    client = client_of(bench, Tampered(bench))
    client.verify_code(CODE)
    pull(client, ledger, ANCHORS)
    bench.unplug()
    bench.insert_ps(PAUL)

    def forged(answer: bytes) -> bytes:
        (only,) = SIGN_FINAL.response.parse(answer[:-2]).blocks
        block = only.block[:-1] + bytes([only.block[-1] ^ 1])
        return SIGN_FINAL.response.build(FinalSignatures((replace(only, block=block),))) + answer[-2:]

    client = client_of(bench, Tampered(bench, on(SIGN_FINAL)(forged)))
    with pytest.raises(IncoherentAnswer, match="does not verify"):
        sign(client, ledger, ANCHORS, client.verify_code(CODE))
    assert states(ledger) == [LedgerState.PARTIAL]


def answering(answer: bytes) -> Change:
    """Whatever is asked, the same answer."""
    return lambda _apdu, _answer: answer


@pytest.mark.parametrize("command", list(COMMANDS), ids=lambda command: command.name)
def test_every_command_refused_becomes_a_typed_error(bench: Bench, command: Any) -> None:
    request = next((value for value, _ in command.vectors if isinstance(value, command.request.type)), None)
    if request is None:
        request = command.request.type()
    refusals = command.statuses[1:]
    assert refusals
    for status in refusals:
        client = client_of(bench, Tampered(bench, answering(ResponseApdu(b"", int(status)).build())))
        with pytest.raises(TlaError) as caught:
            client.call(command, request)
        assert caught.value.message
        assert caught.value.action
        bench.unplug()


def test_a_slow_line_tells_of_its_bytes_while_an_exchange_lasts(bench: Bench, ledger: Ledger) -> None:
    cable = bench.plug_line(LinkSettings())
    transport = cable_transport(cable)
    moved: list[int] = []
    transport.watch(moved.append)
    pushed = push(ReaderClient(transport, bench.entropy.take), ledger)
    assert sum(moved) == cable.carried
    assert len(moved) > pushed.bytes_sent / 254
