"""Binding a function of SSV to what the server does: parameters by name, checked and decoded."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import RESOURCES, TEXTS, Function, Parameter
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.frames import Values
from tla_sim.host.ssv.server.workstation import Workstation

Answer = bytes | Sequence[bytes] | str | None
"""What a handler returns: its zone out, its zones out, the moment, or nothing."""

Handler = Callable[..., Answer]
"""`handler(workstation, **inputs)`: texts as str, zones as bytes or a tuple of bytes, a char as int."""


@dataclass(frozen=True)
class Bound:
    """A function with its handler."""

    function: Function
    handler: Handler

    def carry_out(self, work: Workstation, values: Values) -> dict[str, Any]:
        """Return the outputs by name. Raises CallRefused for a text that does not fit, and the handler's
        errors."""
        inputs = {each.name: _decoded(each, values[each.name]) for each in self.function.inputs}
        answer = self.handler(work, **inputs)
        outputs = self.function.outputs
        if not outputs:
            return {}
        return {outputs[0].name: answer.encode() if isinstance(answer, str) else answer}


def bind_call(function: Function, handler: Handler) -> Bound:
    """Return a function with its handler. Raises ValueError when their parameters have other names."""
    names = [each.name for each in function.inputs]
    _, *taken = inspect.signature(handler).parameters
    if taken != names:
        raise ValueError(f"{function.name} has the parameters {names}, its handler {taken}")
    return Bound(function, handler)


def _decoded(parameter: Parameter, value: Any) -> Any:
    if parameter.form not in TEXTS:
        return value
    fits = len(value) <= parameter.longest and b"\0" not in value
    try:
        text: str = value.decode()
    except UnicodeDecodeError:
        fits, text = False, ""
    if not fits:
        resource = parameter.form in RESOURCES
        raise CallRefused(
            SsvCode.NAME if resource else SsvCode.INPUT,
            "The {parameter} takes at most {longest} bytes of UTF-8",
            "Correct it",
            parameter=parameter.doc,
            longest=parameter.longest,
        )
    return text
