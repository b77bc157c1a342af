"""A served reader goes back to a snapshot while a host is at its cable."""

from __future__ import annotations

from pathlib import Path

from tests.integration.simulator import simulator, tla
from tests.tools.simulator.kept_kit import client_of, push_all
from tla_sim.host.transport import open_transport


def test_a_served_reader_goes_back_and_its_host_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "empty.snapshot"
    with simulator(tmp_path / "reader", "tcp:0", arguments=("--record",)) as reader:
        with open_transport(reader.urls[0]) as transport:
            client = client_of(transport)
            reader.say(f"save {file}", "screen")
            reader.wait_for("2: screen")
            push_all(client)
            assert len(client.list_documents()) == 2
        reader.say(f"restore {file}", "expect ATTENTE ORDRE", "screen")
        reader.wait_for("5: screen")
        with open_transport(reader.urls[0]) as transport:
            assert client_of(transport).list_documents() == ()
    assert "test keys" in tla("snapshot", "show", file)
