"""A program that calls the functions of SSV at the server, with no socket in between, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tla_sim.host.client import ReaderClient
from tla_sim.host.ssv.declaration import TEXTS, Form, Function
from tla_sim.host.ssv.failure import code_of
from tla_sim.host.ssv.frames import build_call, parse_answer, parse_call
from tla_sim.host.ssv.server.dispatch import FUNCTIONS, answer_call
from tla_sim.host.ssv.server.workstation import Workstation
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.zone import decode_zone, encode_zone
from tla_sim.tools.cast.people import CODE

_USUAL = {"ps_resource": "CPS", "reader": "Log_SV", "code": CODE}
_EMPTY: dict[Form, Any] = {Form.ZONE_IN: b"", Form.ZONES_IN: (), Form.CHAR: 0, Form.NUMBER: 0, Form.BYTE: 0}


class Returned(NamedTuple):
    """What a program gets: the code, and the zones out or the moment."""

    code: int
    zones: tuple[bytes, ...] = ()
    moment: str = ""

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of all zones, one zone behind another."""
        return tuple(group for zone in self.zones for group in decode_zone(zone))


class Program:
    """A program on a workstation. Calls go through the bytes of the socket, both ways."""

    def __init__(self, client: ReaderClient, ledger_path: Path, **settings: Any) -> None:
        self.work = Workstation(client, ledger_path, **settings)

    def call(self, function: Function, **inputs: str | int | bytes | Sequence[bytes]) -> Returned:
        """Call a function; resources, code and what else is left out are the usual ones, or empty."""
        values: dict[str, Any] = {}
        for each in function.inputs:
            value = inputs.pop(each.name, _USUAL.get(each.name, ""))
            if each.form in TEXTS:
                values[each.name] = value.encode() if isinstance(value, str) else value
            elif each.form is Form.ZONES_IN:
                values[each.name] = tuple(value)  # type: ignore[arg-type]
            else:
                values[each.name] = value or _EMPTY[each.form]
        assert not inputs, f"{function.name} has no {', '.join(inputs)}"
        named, decoded, _ = parse_call(build_call(function, values, 1_000), FUNCTIONS)
        try:
            answer = answer_call(self.work, named, decoded)
        except TlaError as error:
            return Returned(code_of(error, repeatable=named.repeatable))
        code, outputs = parse_answer(function, answer)
        if code or not outputs:
            return Returned(code)
        (output,) = function.outputs
        value = outputs[output.name]
        if output.form is Form.MOMENT_OUT:
            return Returned(code, moment=value.decode())
        return Returned(code, tuple(value) if output.form is Form.ZONES_OUT else (value,))


def zone(*groups: Group) -> bytes:
    """Return the zone of these groups."""
    return encode_zone(groups)
