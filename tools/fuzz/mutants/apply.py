"""Planting a bug: the function is compiled anew from its changed source and put in its old place."""

from __future__ import annotations
import __future__

import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tla_sim.tools.fuzz.mutants.declared import BY_NAME, Mutant

_planted: dict[str, Callable[[], None]] = {}


class MutantStale(ValueError):
    """The source that a mutant replaces is not there any more: adapt the mutant."""


def apply_mutant(name: str) -> None:
    """Plant a bug in this process, once."""
    if name not in _planted:
        _planted[name] = _plant(BY_NAME[name])


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The bug is there inside the block."""
    apply_mutant(name)
    try:
        yield
    finally:
        _planted.pop(name)()


def _plant(mutant: Mutant) -> Callable[[], None]:
    module_name, _, path = mutant.place.partition(":")
    module = importlib.import_module(module_name)
    *owners, name = path.split(".")
    holder: Any = module
    for owner in owners:
        holder = getattr(holder, owner)
    old = getattr(holder, name)
    new = _changed(old, mutant, vars(module))
    setattr(holder, name, new)
    restore_handler = _in_dispatch(old, new)

    def restore() -> None:
        setattr(holder, name, old)
        restore_handler()

    return restore


def _changed(old: Any, mutant: Mutant, names: dict[str, Any]) -> Any:
    source = textwrap.dedent(inspect.getsource(old))
    if source.count(mutant.before) < 1:
        raise MutantStale(f"{mutant.name}: {mutant.place} holds no {mutant.before!r}")
    lines = source.replace(mutant.before, mutant.after).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(("def ", "class ")))
    code = compile("\n".join(lines[start:]), mutant.place, "exec", flags=__future__.annotations.compiler_flag)
    made: dict[str, Any] = {}
    exec(code, names, made)  # the project's own source
    return made[old.__name__]


def _in_dispatch(old: Any, new: Any) -> Callable[[], None]:
    """Handlers stand in the dispatch table, not only in their module."""
    from tla_sim.reader_fw.app.handlers.dispatch import handlers

    table = handlers()
    before = {ins: each for ins, each in table.items() if each.handler is old}
    table.update({ins: each._replace(handler=new) for ins, each in before.items()})
    return lambda: table.update(before)
