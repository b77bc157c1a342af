"""Whatever is given out verifies; a signature counter is given once and only grows."""

from __future__ import annotations

import pytest

from tests.samples import PARTIAL, make_fse
from tests.tools.signed import signed
from tla_sim.protocol.documents.fse import SignatureBlock
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.judge.signatures import (
    Counters,
    GivenOut,
    Vouched,
    check_counter_given,
    check_counter_grows,
    check_verifies,
)
from tla_sim.tools.judge.violation import Violation


def blocks(counter: int, invoice: int = 1) -> tuple[SignatureBlock, ...]:
    return signed(make_invoice(invoice), PARTIAL, counter).blocks


def test_a_true_fse_verifies_and_a_false_one_does_not() -> None:
    content = signed(make_invoice()).build()
    assert check_verifies(content).content == content
    with pytest.raises(Violation, match="does not verify"):
        check_verifies(make_fse(make_invoice()).build())
    with pytest.raises(Violation, match="does not verify"):
        check_verifies(b"no FSE")


def test_what_was_vouched_for_is_known() -> None:
    vouched, content = Vouched(), signed(make_invoice()).build()
    assert content not in vouched
    assert vouched.fse(content) is vouched.fse(content)
    assert content in vouched


def test_a_counter_grows_and_is_never_beyond_the_last_one_given() -> None:
    check_counter_grows(5, 5)
    check_counter_given(5, 5)
    with pytest.raises(Violation, match="went back"):
        check_counter_grows(4, 5)
    with pytest.raises(Violation, match="beyond the last"):
        check_counter_given(6, 5)


def test_what_a_reader_gives_out_has_counters_that_it_gave() -> None:
    content = signed(make_invoice(), PARTIAL, 3).build()
    assert GivenOut(lambda: 4).fse(content).content == content
    block = blocks(3)[1]
    assert GivenOut(lambda: 4).block(block.build()) == block
    with pytest.raises(Violation, match="beyond the last"):
        GivenOut(lambda: 3).fse(content)
    with pytest.raises(Violation, match="beyond the last"):
        GivenOut(lambda: 3).block(block.build())


def test_no_counter_signs_two_things() -> None:
    counters = Counters()
    for block in (*blocks(3), *blocks(3)):
        counters.see(block)
    with pytest.raises(Violation, match="used twice"):
        counters.see(blocks(3, invoice=2)[0])


def test_a_counter_seen_for_the_first_time_is_higher_than_those_before() -> None:
    counters = Counters()
    for block in blocks(3):
        counters.see(block)
    counters.settle()
    assert counters.highest == 4
    counters.see(blocks(2, invoice=2)[0])
    with pytest.raises(Violation, match="after a higher one"):
        counters.settle()


def test_a_signature_that_may_have_been_made_before_is_taken_as_seen() -> None:
    counters = Counters(highest=4)
    for block in blocks(3):
        counters.known(block)
        counters.see(block)
    counters.settle()
    assert counters.highest == 4
