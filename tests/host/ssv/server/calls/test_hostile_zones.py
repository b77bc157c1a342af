"""Zones that are damaged anywhere: each function at the desk answers with one of its codes, and goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desk_kit import invoice, with_dre
from tests.host.ssv.server.calls.desk import ProgramsDesk
from tests.ssv_kit import zone
from tla_sim.host.sending.arl import compose
from tla_sim.host.ssv.declaration import Function
from tla_sim.host.ssv.functions import (
    FORMATER_FACTURES,
    FORMATER_FICHIER,
    FORMATER_LOT,
    SECURISER_FACTURE,
    TRADUIRE_ARL,
    TRADUIRE_FSE,
)
from tla_sim.protocol.groups.ssv_calls import FilePart, HeldLot, LotFileHeader
from tla_sim.tools.cast.people import SECRETARY

_HOW = {"create": ord("3"), "securing": ord("2")}


@dataclass(frozen=True)
class Case:
    """A function, its other inputs, and a zone that it takes."""

    function: Function
    zone: bytes
    more: dict[str, Any]

    def call(self, desk: ProgramsDesk, raw: bytes) -> int:
        """Call it with these bytes, and return the code."""
        several = any(each.name == "zones" for each in self.function.inputs)
        given: dict[str, Any] = {"zones": [raw]} if several else {"zone": raw}
        return desk.program().call(self.function, **given, **self.more).code


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[ProgramsDesk, Sequence[Case]]:
    """A desk where each of the zones is taken."""
    desk = ProgramsDesk(tmp_path_factory.mktemp("hostile"))
    prepared = zone(*with_dre(invoice("190305001")).groups())
    desk.bench.insert_ps(SECRETARY, cpe=True)
    partial = desk.program().call(FORMATER_FACTURES, zone=prepared, **_HOW).zones[0]
    desk.bench.insert_ps()
    final = desk.program().call(SECURISER_FACTURE, zone=partial).zones[0]
    lots = desk.program().call(FORMATER_LOT, zones=[final])
    files = desk.program().call(FORMATER_FICHIER, zone=b"".join(lots.zones))
    headers = [each for each in files.groups if isinstance(each, LotFileHeader)]
    arl = compose(headers[0].identity, bytes.fromhex(headers[0].digest))
    assert all(isinstance(each, HeldLot) for each in lots.groups)
    cases = (
        Case(FORMATER_FACTURES, prepared, _HOW),
        Case(SECURISER_FACTURE, partial, {}),
        Case(FORMATER_LOT, final, {}),
        Case(FORMATER_FICHIER, b"".join(lots.zones), {}),
        Case(TRADUIRE_ARL, arl, {}),
        Case(TRADUIRE_ARL, zone(FilePart(position=1, content=arl)), {}),
        Case(TRADUIRE_FSE, final, {}),
    )
    return desk, cases


def damaged(data: st.DataObject, raw: bytes) -> bytes:
    """The bytes with some of them changed, taken out or added."""
    spoilt = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 3))):
        first = data.draw(st.integers(0, len(spoilt)))
        last = min(first + data.draw(st.integers(0, 4)), len(spoilt))
        spoilt[first:last] = data.draw(st.binary(max_size=4))
    return bytes(spoilt)


@given(data=st.data())
def test_a_damaged_zone_has_one_of_the_functions_codes(
    scene: tuple[ProgramsDesk, Sequence[Case]], data: st.DataObject
) -> None:
    desk, cases = scene
    case = data.draw(st.sampled_from(cases))
    code = case.call(desk, damaged(data, case.zone))
    assert code in (0, *case.function.codes), f"{case.function.name}: {code:04X}"
