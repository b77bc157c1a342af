"""The inputs of a reader in order, each with its number."""

from __future__ import annotations

from collections.abc import Iterator

from tla_sim.tools.simulator.history.inputs import Input, Op


class InputLog:
    """Inputs in the order in which they were taken."""

    def __init__(self) -> None:
        self._inputs: list[Input] = []

    def __len__(self) -> int:
        return len(self._inputs)

    def add(self, op: Op, subject: int = 0, number: int = 0, data: bytes = b"") -> None:
        """Add an input."""
        self._inputs.append(Input(op, subject, number, data))

    def __iter__(self) -> Iterator[Input]:
        return iter(self._inputs)
