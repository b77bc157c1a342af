"""The round in process: push, certify, pull, sign; against the time its RSA signatures alone take."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from host.ledger import Ledger
from host.pull import Pulled, pull
from host.push import push_owner
from host.signing import Signed, sign_documents
from protocol.certificates import TrustAnchors
from reader_fw.board.slots import Slot
from reader_fw.cards.issue import TEST_CODE
from reader_fw.cards.pki import ShippedKeys
from tools.bench.report import Figure
from tools.bench.stage import Stage

_SIGNATURES_AN_INVOICE = 3
_SIGNATURE_ROUNDS = 300


def run_round(stage: Stage, ledger: Ledger, anchors: TrustAnchors) -> dict[str, float]:
    """Seconds of each step of one whole round. Raises AssertionError when it does not come out whole."""
    seconds: dict[str, float] = {}
    started = time.perf_counter()

    def lap(step: str) -> None:
        nonlocal started
        now = time.perf_counter()
        seconds[step] = now - started
        started = now

    client = stage.client()
    for owner in stage.owners:
        mine = [each for each in stage.documents if each.invoice.owner == owner.number]
        for _ in push_owner(client, ledger, owner.number, mine):
            pass
    lap("push")
    stage.unplug()
    stage.visit()
    lap("visit")
    client = stage.client()
    client.verify_code(TEST_CODE)
    *_, result = pull(client, ledger, anchors)
    lap("pull")
    assert isinstance(result, Pulled)
    assert result.partial == len(stage.documents), result
    signed = 0
    for owner in stage.owners:
        stage.insert(Slot.PS, owner.card)
        card = client.verify_code(TEST_CODE)
        *_, step = sign_documents(client, ledger, anchors, card)
        assert isinstance(step, Signed)
        signed += step.signed
    lap("sign")
    assert signed == len(stage.documents)
    return seconds


def timed_round(invoices: int) -> dict[str, float]:
    """Seconds of each step of a round of this many invoices, on a fresh reader and ledger."""
    stage = Stage(invoices)
    anchors = TrustAnchors.shipped()
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "ledger.db") as ledger:
        return run_round(stage, ledger, anchors)


def signature_seconds() -> float:
    """Seconds of one bare RSA-2048 signature with a card's key."""
    key = ShippedKeys().take()
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for position in range(_SIGNATURE_ROUNDS):
            key.sign(position.to_bytes(4, "big"), padding.PKCS1v15(), hashes.SHA256())
        best = min(best, (time.perf_counter() - start) / _SIGNATURE_ROUNDS)
    return best


def figures() -> list[Figure]:
    """Rounds of 1,000 invoices per second against the RSA bound, and the growth from 100 to 1,000."""
    timed_round(40)
    small = min(sum(timed_round(100).values()) for _ in range(5)) / 100
    one_signature = signature_seconds()
    large = min(sum(timed_round(1_000).values()) for _ in range(4)) / 1_000
    bound = 1 / (_SIGNATURES_AN_INVOICE * one_signature)
    return [
        Figure(
            "round of 1,000, 4 owners", 1 / large, "invoices/s", "its RSA signatures alone", bound, 0.5, False
        ),
        Figure("time an invoice at 1,000", large * 1e6, "µs", "at 100", small * 1e6, 1.2, True),
    ]
