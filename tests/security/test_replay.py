"""A link session that was recorded and is played again signs nothing and lets nothing go."""

from __future__ import annotations

from pathlib import Path

from tests.reader_kit import Bench
from tla_sim.host.client import ReaderClient
from tla_sim.host.desk.certification import certify_at_desk
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.tools.cast.invoices import documents, invoices
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import CODE, DOCTOR, MAYA, NURSE
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport

QUICK = LinkSettings(baud=None)


def test_a_recorded_session_signs_nothing_and_lets_nothing_go(tmp_path: Path) -> None:
    bench = Bench()
    load(bench.client(), documents(DOCTOR, 2))
    bench.unplug()
    bench.insert_ps(MAYA)
    bench.insert_vitale()
    bench.press("VAL")
    bench.type_code()
    assert "2 FACTURES SIGNEES" in bench.text
    sent: list[bytes] = []
    port = bench.reader.attach("line")
    clock = bench.reader.board.clock

    class Recorded(T1Link):
        def receive(self, data: bytes) -> bytes:
            sent.append(data)
            return super().receive(data)

    cable = VirtualCable(Recorded(port, clock, QUICK), clock, bench.reader.tick, None)
    with cable_transport(cable, QUICK) as transport, Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        client = ReaderClient(transport, SeededEntropy(8).take)
        client.verify_code(CODE)
        prepared = OutgoingDocument.of(invoices(NURSE, 1)[0])
        certify_at_desk(client, ledger, TrustAnchors.shipped(), prepared)
    port.detach()

    store = bench.reader.app.store
    for again in ("the same power-on", "switched off and on"):
        if again != "the same power-on":
            bench.reader.power_off()
            bench.reader.power_on()
        store = bench.reader.app.store
        before = store.counter, store.entries()
        replayed = T1Link(bench.reader.attach("replay"), clock, QUICK)
        answers = b""
        for data in sent:
            answers += replayed.receive(data)
            for _ in range(200):
                if replayed.wake_at is None or replayed.wake_at > clock.now_ms + 2_000:
                    break
                bench.reader.tick(max(replayed.wake_at - clock.now_ms, 0))
                answers += replayed.tick()
        assert answers, "the reader answered the replayed blocks"
        assert (store.counter, store.entries()) == before, again
        bench.unplug()
    card = bench.client().read_ps_card()
    assert card.tries_left == 3, "a replayed code costs no try"
