"""The fuzzers' cards and invoices are those that the kept cases were found with."""

from __future__ import annotations

from hashlib import sha256

from tla_sim.tools.fuzz.players import OWNERS, cards, facts_of, invoices

CARDS = "00335bb7547c98900f6cf6e2906ae34f5e43d7ebd989d51f2139915cafed083c"
INVOICES = "d97c4c6d8e3eddabe3d8ca436fc6794c0a9758c37a85c4cfb22b1e0a5f110a63"


def test_the_bytes_are_as_the_kept_cases_count_them() -> None:
    images = sha256(b"".join(image.build() for image, _ in cards().values())).hexdigest()
    contents = sha256(b"".join(each for owner in OWNERS for each in invoices()[owner])).hexdigest()
    assert (images, contents) == (CARDS, INVOICES), "tests/regressions would no longer strike where they did"


def test_the_model_reads_the_facts_of_each_invoice_off_its_bytes() -> None:
    for owner in OWNERS:
        found = [facts_of(content) for content in invoices()[owner]]
        assert {facts.owner for facts in found if facts} == {owner}
        assert len({facts.number for facts in found if facts}) == len(found) - 1, "one comes with two amounts"
    assert facts_of(b"no invoice") is None
