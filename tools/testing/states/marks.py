"""The markers of named states, and which test provides which state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pytest

PROVIDES: Final = "tla_provides"
REQUIRES: Final = "tla_requires"
FIXTURE: Final = "tla_reader"


def provided_state(item: pytest.Item) -> str | None:
    """Return the name of the state that a test provides. Raises pytest.UsageError for a wrong marker."""
    return _name_in(item, PROVIDES)


def required_state(item: pytest.Item) -> str | None:
    """Return the name of the state that a test starts from. Raises pytest.UsageError for a wrong marker."""
    return _name_in(item, REQUIRES)


def _name_in(item: pytest.Item, marker: str) -> str | None:
    mark = item.get_closest_marker(marker)
    if mark is None:
        return None
    if len(mark.args) != 1 or mark.kwargs or not isinstance(mark.args[0], str) or not mark.args[0]:
        raise pytest.UsageError(f'{item.nodeid}: write the marker as {marker}("name of the state")')
    if FIXTURE not in getattr(item, "fixturenames", ()):
        raise pytest.UsageError(f"{item.nodeid} is marked {marker}, but does not use the fixture {FIXTURE}")
    return str(mark.args[0])


def add_providers(providers: dict[str, pytest.Item], items: Iterable[pytest.Item]) -> None:
    """Enter which state each test provides. Raises pytest.UsageError when two tests provide the same."""
    for item in items:
        name = provided_state(item)
        if name is None:
            continue
        other = providers.setdefault(name, item)
        if other.nodeid != item.nodeid:
            raise pytest.UsageError(
                f'Two tests provide the state "{name}": {other.nodeid} and {item.nodeid}. '
                "Let one test provide it, or give the states different names"
            )


def check_cycles(providers: Mapping[str, pytest.Item]) -> None:
    """Check that no state requires itself in the end. Raises pytest.UsageError with the way round."""
    for name in providers:
        way = [name]
        while (before := required_state(providers[way[-1]])) in providers:
            assert before is not None
            if before in way:
                circle = " requires ".join(f'"{each}"' for each in (*way[way.index(before) :], before))
                raise pytest.UsageError(f"States that require each other can never be reached: {circle}")
            way.append(before)
