"""The round in process (push, certify, pull, sign), against the time of its RSA signatures alone."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.round.pull import pull
from tla_sim.host.round.push import push_owner
from tla_sim.host.round.sign import sign
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.bench.stage import Stage
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import CODE

_SIGNATURES_AN_INVOICE: Final = 3
_INVOICES: Final = 1_000
_FEW: Final = 100
_REPETITIONS: Final = 4


def run_round(stage: Stage, ledger: Ledger, anchors: TrustAnchors) -> dict[str, float]:
    """Return the seconds of each step of one whole round. Raises AssertionError when it is incomplete."""
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
        push_owner(client, ledger, owner.number, mine)
    lap("push")
    stage.unplug()
    stage.visit()
    lap("visit")
    client = stage.client()
    client.verify_code(CODE)
    result = pull(client, ledger, anchors)
    lap("pull")
    assert result.partial == len(stage.documents), result
    signed = 0
    for owner in stage.owners:
        stage.insert_chip(Slot.PS, ps_image(owner))
        card = client.verify_code(CODE)
        signed += sign(client, ledger, anchors, card).signed
    lap("sign")
    assert signed == len(stage.documents)
    return seconds


def time_round(invoices: int) -> dict[str, float]:
    """Return the seconds of each step of a round of `invoices` invoices, on a fresh reader and ledger."""
    stage = Stage(invoices)
    anchors = TrustAnchors.shipped()
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "ledger.db") as ledger:
        return run_round(stage, ledger, anchors)


def time_signatures(count: int) -> float:
    """Return the seconds of `count` bare RSA-2048 signatures with a card's key."""
    key = ShippedKeys().take()
    started = time.perf_counter()
    for position in range(count):
        key.sign(position.to_bytes(4, "big"), padding.PKCS1v15(), hashes.SHA256())
    return time.perf_counter() - started


def measure() -> list[Figure]:
    """Measure rounds of 1,000 invoices against the RSA bound, and the growth from 100 to 1,000.

    All three handle the same number of invoices, in turns, and the best of each counts: other work on the
    machine affects them alike.
    """
    time_round(40)
    large = small = signatures = float("inf")
    for _ in range(_REPETITIONS):
        large = min(large, sum(time_round(_INVOICES).values()))
        signatures = min(signatures, time_signatures(_SIGNATURES_AN_INVOICE * _INVOICES))
        small = min(small, sum(sum(time_round(_FEW).values()) for _ in range(_INVOICES // _FEW)))
    return [
        Figure(
            "round of 1,000, 4 owners",
            _INVOICES / large,
            "invoices/s",
            "its RSA signatures alone",
            _INVOICES / signatures,
            0.5,
            False,
        ),
        Figure(
            "time an invoice at 1,000",
            large / _INVOICES * 1e6,
            "µs",
            "at 100",
            small / _INVOICES * 1e6,
            1.2,
            True,
        ),
    ]
