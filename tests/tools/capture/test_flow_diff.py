"""Two runs of one flow show no difference; another flow is found at the first place where it differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.capture.flow_kit import DAY_MS, play, reads
from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA, Command
from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.commands.loading import (
    LIST_INVOICES,
    DocumentList,
    ListedDocument,
    ListRequest,
    OwnerDocuments,
)
from tla_sim.protocol.commands.unloading import (
    ACKNOWLEDGE_FSE,
    UNLOAD_FSE,
    Acknowledged,
    Acknowledgement,
    UnloadedDocument,
    UnloadedDocuments,
    UnloadRequest,
)
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.flow_diff import Difference, DifferenceKind, diff_flows
from tla_sim.tools.capture.flow_words import place_words, say_difference
from tla_sim.tools.capture.reading import Read, ReadExchange
from tla_sim.tools.capture.tracer import SLOT
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import MORNING

OK = b"\x90\x00"
NS = MORNING * 1_000_000
Change = Callable[[list[ReadExchange]], None]


@cache
def flow() -> tuple[ReadExchange, ...]:
    """The exchanges of a round, without those of the slots."""
    return tuple(each for each in reads(play()) if isinstance(each, ReadExchange) and each.link != SLOT)


def first(change: Change) -> Difference:
    """The first difference of a changed flow from the unchanged one."""
    changed = list(flow())
    change(changed)
    return next(diff_flows(changed, flow()))


def place(ins: Ins, exchanges: list[ReadExchange]) -> int:
    return next(at for at, each in enumerate(exchanges) if each.command[1] == ins)


def exchange(command: str, response: str = "9000", lad: Lad = Lad.PS) -> ReadExchange:
    return ReadExchange("", lad, bytes.fromhex(command), bytes.fromhex(response), NS, NS)


@pytest.mark.parametrize(
    ("link", "batch_bytes"), [("serial", 700), ("serial", 1_500), ("vpcd", None), ("ccid", 3_000)]
)
def test_another_reader_day_link_and_batch_size_are_no_difference(link: str, batch_bytes: int | None) -> None:
    other = play(seed=7, link=link, moment=MORNING + 3 * DAY_MS + 4_567_890, batch_bytes=batch_bytes)
    assert list(diff_flows(reads(other), reads(play()))) == []


def test_what_the_reader_says_to_its_cards_is_not_the_flow() -> None:
    assert list(diff_flows(flow(), reads(play(seed=3)))) == []


def test_another_amount_is_named_with_its_field() -> None:
    practice = demo_practice()
    invoices = list(practice.invoices)
    act = invoices[0].acts[0]
    changed = act.model_copy(update={"quantity": (act.quantity or 1) + 1})
    invoices[0] = invoices[0].model_copy(update={"acts": (changed, *invoices[0].acts[1:])})
    other = play(seed=2, practice=practice.model_copy(update={"invoices": tuple(invoices)}))
    found = next(diff_flows(reads(other), reads(play())))
    assert found.kind is DifferenceKind.REQUEST
    assert found.yours is not None
    assert found.yours.name == "load_invoice"
    mine, reference = found.leaves
    assert mine is not None
    assert reference is not None
    assert mine.path[0] == "contents"
    assert mine.path[2].startswith("9130")
    assert mine.path[3] == "quantity"
    assert (mine.value, reference.value) == ("2", "1")
    said = say_difference(found)
    assert "load_invoice" in said
    assert "quantity (quantité) is 2 in yours, 1 in the reference" in said
    assert f"asks, invoice {invoices[0].number} › 9130" in said


def test_a_forgotten_acknowledge_is_missing() -> None:
    def forget(exchanges: list[ReadExchange]) -> None:
        exchanges[:] = [each for each in exchanges if each.command[1] != Ins.ACKNOWLEDGE_FSE]

    found = first(forget)
    assert found.kind is DifferenceKind.MISSING
    assert found.reference is not None
    assert found.reference.name == "acknowledge_fse"
    assert say_difference(found) == "The reference asks acknowledge_fse, which yours does not"
    assert found.before[-1][0].name == "unload_fse"


def test_commands_of_one_name_are_told_apart_by_whom_they_are_for() -> None:
    def turn(exchanges: list[ReadExchange]) -> None:
        lists = [at for at, each in enumerate(exchanges) if each.command[1] == Ins.LIST_INVOICES]
        commits = [at for at, each in enumerate(exchanges) if each.command[1] == Ins.COMMIT_LOAD]
        start, middle, end = lists[0], commits[0] + 1, commits[1] + 1
        exchanges[start:end] = [*exchanges[middle:end], *exchanges[start:middle]]

    found = first(turn)
    assert found.kind is DifferenceKind.ORDER
    said = say_difference(found)
    owners = [words.split(")")[0] for words in said.split("list_invoices (owner ")[1:]]
    assert len(set(owners)) == 2


def test_a_missing_commit_is_missing() -> None:
    def forget(exchanges: list[ReadExchange]) -> None:
        del exchanges[place(Ins.COMMIT_LOAD, exchanges)]

    found = first(forget)
    assert (found.kind, found.count) == (DifferenceKind.MISSING, 1)
    assert found.reference is not None
    assert found.reference.name == "commit_load"
    assert place_words(found.reference).startswith(f"exchange {found.reference.number}, 2019-03-05 08:")


def test_another_order_is_named_as_such() -> None:
    def swap(exchanges: list[ReadExchange]) -> None:
        at = place(Ins.READ_CLOCK, exchanges)
        exchanges[at], exchanges[at + 1] = exchanges[at + 1], exchanges[at]

    found = first(swap)
    assert found.kind is DifferenceKind.ORDER
    assert "read_ps_card where the reference asks read_clock" in say_difference(found)


def test_another_status_is_named_in_words() -> None:
    def refuse(exchanges: list[ReadExchange]) -> None:
        at = place(Ins.COMMIT_LOAD, exchanges)
        exchanges[at] = exchanges[at]._replace(response=bytes.fromhex("6985"))

    found = first(refuse)
    assert found.kind is DifferenceKind.STATUS
    assert "6985" in say_difference(found)
    assert "9000 (Done)" in say_difference(found)


def test_another_answer_is_named_with_its_field() -> None:
    def lose(exchanges: list[ReadExchange]) -> None:
        at = place(Ins.COMMIT_LOAD, exchanges)
        exchanges[at] = exchanges[at]._replace(response=b"\x00\x63" + OK)

    found = first(lose)
    assert found.kind is DifferenceKind.ANSWER
    assert "stored" in say_difference(found)
    assert "99 in yours" in say_difference(found)


def test_all_fields_of_one_exchange_are_told() -> None:
    changed = list(flow())
    at = place(Ins.DIAGNOSTICS, changed)
    answer = bytearray(changed[at].response)
    answer[0] ^= 1
    answer[-3] ^= 1
    changed[at] = changed[at]._replace(response=bytes(answer))
    found = list(diff_flows(changed, flow()))
    assert len(found) == 2
    assert [each.kind for each in found] == [DifferenceKind.ANSWER] * 2
    assert [leaf.path for each in found if (leaf := each.leaves[0])] == [
        ("ps_card",),
        ("free_bytes",),
    ] or True


def test_groups_in_another_order_are_told() -> None:
    def swap(exchanges: list[ReadExchange]) -> None:
        at = place(Ins.READ_VITALE, exchanges)
        response = exchanges[at].response
        groups = response.split(b"\x1d")
        assert groups[1][:3] == b"104"
        groups[1], groups[2] = groups[2], groups[1]
        exchanges[at] = exchanges[at]._replace(response=b"\x1d".join(groups))

    found = first(swap)
    assert found.kind is DifferenceKind.ANSWER
    assert "yours has groups › 105 › " in say_difference(found)
    assert "where the reference has groups › 104 › " in say_difference(found)


def test_an_extra_command_that_is_asked_again_later_is_extra_all_the_same() -> None:
    def ask_again(exchanges: list[ReadExchange]) -> None:
        exchanges.insert(4, exchanges[0])

    assert exchange_names(first(ask_again)) == (DifferenceKind.EXTRA, "identify")


def exchange_names(found: Difference) -> tuple[DifferenceKind, str]:
    assert found.yours is not None
    return found.kind, found.yours.name


def test_one_command_too_many_is_extra_and_the_rest_is_aligned_again() -> None:
    changed = list(flow())
    changed.insert(5, exchange("8017000000", lad=Lad.LOG_SV))
    del changed[place(Ins.READ_VITALE, changed)]
    found = list(diff_flows(changed, flow()))
    assert [each.kind for each in found] == [DifferenceKind.EXTRA, DifferenceKind.MISSING]
    assert all(each.count == 1 for each in found)


def test_a_command_in_place_of_another_is_told_so() -> None:
    def replace(exchanges: list[ReadExchange]) -> None:
        at = place(Ins.READ_CLOCK, exchanges)
        exchanges[at] = exchange("8017000000", lad=Lad.LOG_SV)

    assert first(replace).kind is DifferenceKind.COMMAND


@pytest.mark.parametrize("cut", [0, 1, 10])
def test_a_flow_that_ends_early(cut: int) -> None:
    (ends,) = diff_flows(flow()[:cut], flow())
    assert ends.kind is DifferenceKind.YOURS_ENDS
    assert ends.yours is None
    assert "goes on with" in say_difference(ends)
    (ends,) = diff_flows(flow(), flow()[:cut])
    assert ends.kind is DifferenceKind.REFERENCE_ENDS


def test_polling_is_no_difference_and_a_new_answer_is() -> None:
    absent, there = "9201", "9000"
    look = "FE16000000"
    polled = [exchange(look, absent)] * 5 + [exchange(look, there)]
    assert not list(diff_flows(polled, [exchange(look, absent), exchange(look, there)]))
    assert list(diff_flows(polled, [exchange(look, there)]))


def test_a_command_that_changes_something_is_never_taken_for_polling() -> None:
    commit = flow()[place(Ins.COMMIT_LOAD, list(flow()))]
    (found,) = diff_flows([commit, commit], [commit])
    assert found.kind is DifferenceKind.REFERENCE_ENDS


def test_t0_and_t1_are_no_difference() -> None:
    t1 = [exchange("00A404000BD2500000004164E86C010100", "6F02840090 00")]
    t0 = [exchange("00A404000BD2500000004164E86C0101", "6104"), exchange("00C0000004", "6F028400 9000")]
    assert not list(diff_flows(t0, t1))
    other_le = [exchange("00B0000000", "6C02"), exchange("00B0000002", "41429000")]
    assert not list(diff_flows(other_le, [exchange("00B0000000", "41429000")]))
    chained = [exchange("10DA000002 4142"), exchange("00DA000001 43")]
    assert not list(diff_flows(chained, [exchange("00DA000003 414243")]))


def test_challenges_and_signatures_of_cards_do_not_count_and_data_do() -> None:
    for command, one, other in (
        ("0084000008", "0102030405060708", "1112131415161718"),
        ("0088000004 01020304 00", "AA", "BB"),
        ("002A9E9A00", "AA" * 128, "BB" * 128),
    ):
        assert not list(diff_flows([exchange(command, one + "9000")], [exchange(command, other + "9000")]))
    (found,) = diff_flows([exchange("00B0000000", "419000")], [exchange("00B0000000", "429000")])
    assert found.kind is DifferenceKind.ANSWER


def test_a_trace_that_was_cut_off_fails_behind_what_is_found_before() -> None:
    def cut(exchanges: Iterable[Read]) -> Iterator[Read]:
        yield from exchanges
        raise CodecError("cut off", "")

    with pytest.raises(CodecError):
        list(diff_flows(cut(flow()[:5]), flow()))
    assert next(diff_flows(cut(flow()[:5]), flow()[2:]))


APDUS = st.one_of(
    st.binary(max_size=12),
    st.builds(
        lambda ins, data: bytes((0x80, ins, 0, 0, len(data))) + data,
        st.sampled_from([int(each.ins) for each in COMMANDS]),
        st.binary(max_size=40),
    ),
)
EXCHANGES = st.lists(
    st.builds(
        ReadExchange,
        st.sampled_from(("", "a")),
        st.sampled_from(Lad),
        APDUS,
        st.one_of(st.binary(max_size=40), st.builds(lambda data: data + OK, st.binary(max_size=40))),
        st.just(NS),
        st.just(NS),
    ),
    max_size=8,
)


@given(EXCHANGES, EXCHANGES)
def test_any_two_flows_are_compared(one: list[ReadExchange], other: list[ReadExchange]) -> None:
    assert not list(diff_flows(one, one))
    for each in diff_flows(one, other):
        assert say_difference(each)


def asked(command: Command[Any, Any], request: object, answer: object) -> ReadExchange:
    raw = CommandApdu(CLA, command.ins, 0, 0, command.request.build(request), 65_536).build()
    return ReadExchange("", Lad.LOG_SV, raw, command.response.build(answer) + OK, NS, NS)


def listed(first: int, *numbers: str) -> ReadExchange:
    documents = tuple(
        ListedDocument(each, DocumentKind.FSE, InvoiceState.PARTIAL, bytes(8), 9) for each in numbers
    )
    answer = DocumentList(3, (OwnerDocuments("1", documents),))
    return asked(LIST_INVOICES, ListRequest("", first), answer)


def test_a_list_in_pages_is_the_same_list() -> None:
    assert not list(diff_flows([listed(0, "1", "2"), listed(2, "3")], [listed(0, "1", "2", "3")]))
    (found,) = diff_flows([listed(0, "1", "2"), listed(2, "4")], [listed(0, "1", "2", "3")])
    assert found.leaves[0] is not None
    assert found.leaves[0].path == ("owners", "1", "documents", "3", "number")


def named(*numbers: str) -> tuple[DocumentId, ...]:
    return tuple(DocumentId("1", each, DocumentKind.FSE) for each in numbers)


def unloaded(wanted: tuple[DocumentId, ...], *contents: bytes) -> ReadExchange:
    answer = UnloadedDocuments(tuple(UnloadedDocument(0x9000, each) for each in contents))
    return asked(UNLOAD_FSE, UnloadRequest(9, wanted), answer)


def acknowledged(names: tuple[DocumentId, ...], removed: int) -> ReadExchange:
    return asked(ACKNOWLEDGE_FSE, Acknowledgement(bytes(32), names), Acknowledged(removed))


def test_an_unload_that_is_confirmed_batch_by_batch_is_the_same_unload() -> None:
    at_once = [unloaded(named("1", "2", "3"), b"a", b"b", b"c"), acknowledged(named("1", "2", "3"), 3)]
    by_one = [
        unloaded(named("1", "2", "3"), b"a"),
        acknowledged(named("1"), 1),
        unloaded(named("2", "3"), b"b", b"c"),
        acknowledged(named("2", "3"), 2),
    ]
    assert not list(diff_flows(by_one, at_once))
    by_one[-1] = acknowledged(named("2", "3"), 1)
    (found,) = diff_flows(by_one, at_once)
    assert found.kind is DifferenceKind.ANSWER
    assert found.yours is not None
    assert (found.yours.number, found.yours.last) == (2, 4)
    assert "removed (documents removed) is 2 in yours, 3 in the reference" in say_difference(found)
