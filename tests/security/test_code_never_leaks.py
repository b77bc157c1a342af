"""The code porteur typed at the keypad is nowhere afterwards: line, trace, ledger, flash, card, memory."""

from __future__ import annotations

import gc
import io
from dataclasses import dataclass, field
from pathlib import Path

from tests.reader_kit import Bench
from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.round.pull import pull
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.host.transport.tap import TappedExchange, TapTransport
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.issue import issue_cps
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import NURSE

TYPED = (7, 0, 9, 1, 4, 3, 8, 2)
WRONG = (6, 1, 9, 0, 4, 4, 8, 7)
"""As numbers: the digits stand nowhere in a row but where the reader and the card put them."""


@dataclass
class Seen:
    """All that a traced run leaves behind."""

    texts: list[str] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)


def test_a_traced_run_leaves_no_code_behind(tmp_path: Path) -> None:
    bench = Bench()
    seen = Seen()
    card = Card(
        issue_cps(
            PsHolder(card_type="0", national_id="899700000011", last_name="PIQURE2969", first_name="MAYA"),
            [PsSituation(logical_number=1, billing_number=NURSE, may_sign_invoice=True)],
            ShippedKeys(0),
            code="".join(map(str, TYPED)),
        ),
        bench.entropy,
        seen.blobs.append,
    )
    load(bench.client(), documents(NURSE, 2))
    bench.unplug()
    bench.reader.insert(Slot.PS, card)
    bench.insert_vitale()
    bench.press("VAL")
    type_in(bench, WRONG, seen)
    bench.press("VAL")
    type_in(bench, TYPED, seen)
    assert "2 FACTURES SIGNEES" in bench.text

    trace = io.StringIO()

    def report(exchange: TappedExchange) -> None:
        seen.blobs.append(exchange.command)
        seen.blobs.append(exchange.response or b"")
        trace.write(repr(exchange))

    port = bench.reader.attach("host")
    tapped = TapTransport(InProcessTransport(port.exchange), report)
    client = ReaderClient(AtKeypad(tapped, bench, seen), SeededEntropy(4).take)
    for digits in (WRONG, TYPED):
        AtKeypad.digits = digits
        try:
            client.verify_code_at_reader()
        except StatusError as error:
            seen.texts += [str(error), repr(error), repr(vars(error)), repr(vars(error.message))]
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        pull(client, ledger)
    seen.texts.append(trace.getvalue())
    seen.texts += [
        repr(thing) for thing in (bench.reader, card, port.session, client, card.image, bench.reader.app)
    ]
    seen.blobs += [file.read_bytes() for file in tmp_path.iterdir()]
    seen.blobs += [bytes(bench.image), card.image.build()]

    for digits in (TYPED, WRONG):
        code = "".join(map(str, digits))
        assert not any(code in text for text in seen.texts)
        assert not any(code.encode() in blob for blob in seen.blobs)
        planted = [f"<{code}>"]
        assert in_memory(code) == ["list holds str"], "the search finds what is there"
        planted.clear()
        found = in_memory(code)
        assert found == [], f"still in memory: {found[:3]}"


class AtKeypad(TapTransport):
    """A link behind which somebody types the code as soon as the reader asks for it."""

    digits: tuple[int, ...] = ()

    def __init__(self, inner: TapTransport, bench: Bench, seen: Seen) -> None:
        super().__init__(inner, lambda _: None)
        port = bench.reader.ports[0]
        begin = port.begin

        def beginning(lad: Lad, apdu: bytes) -> None:
            begin(lad, apdu)
            if port.code_entry is not None:
                type_in(bench, AtKeypad.digits, seen)

        port.begin = beginning  # type: ignore[method-assign]


def type_in(bench: Bench, digits: tuple[int, ...], seen: Seen) -> None:
    """Type a code, and look at the screen after each key."""
    for digit in digits:
        bench.press(str(digit))
        seen.texts.append(bench.text)
    bench.press("VAL")
    seen.texts.append(bench.text)


def in_memory(code: str) -> list[str]:
    """Objects of this process that hold the code: all that the collector can reach, and their parts."""
    gc.collect()
    wanted, raw = code, code.encode()
    mine = {id(wanted), id(raw)}
    found: list[str] = []
    reached: set[int] = set()
    for container in gc.get_objects():
        for part in gc.get_referents(container):
            if id(part) in mine or id(part) in reached:
                continue
            if isinstance(part, str):
                hit = wanted in part
            elif isinstance(part, bytes | bytearray):
                hit = raw in part
            else:
                continue
            reached.add(id(part))
            if hit:
                found.append(f"{type(container).__name__} holds {type(part).__name__}")
    return found
