"""Plant a bug: compile a function from its changed source, and put it in place of the old one."""

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
    """The source that a mutant replaces no longer exists: adapt the mutant."""


def apply_mutant(name: str) -> None:
    """Plant a bug in this process, if it is not planted yet."""
    if name not in _planted:
        _planted[name] = _plant(BY_NAME[name])


@contextmanager
def plant(name: str) -> Iterator[None]:
    """Plant a bug for the duration of the block."""
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
    new = _compile_changed(old, mutant, vars(module))
    setattr(holder, name, new)
    restore_handler = _replace_handler(old, new)

    def restore() -> None:
        setattr(holder, name, old)
        restore_handler()

    return restore


def _compile_changed(old: Any, mutant: Mutant, names: dict[str, Any]) -> Any:
    source = textwrap.dedent(inspect.getsource(old))
    if source.count(mutant.before) < 1:
        raise MutantStale(f"{mutant.name}: {mutant.place} holds no {mutant.before!r}")
    lines = source.replace(mutant.before, mutant.after).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(("def ", "class ")))
    code = compile("\n".join(lines[start:]), mutant.place, "exec", flags=__future__.annotations.compiler_flag)
    made: dict[str, Any] = {}
    exec(code, names, made)  # the project's own source
    return made[old.__name__]


def _replace_handler(old: Any, new: Any) -> Callable[[], None]:
    """Replace a handler in the dispatch table, which has its own reference. Return how to undo that."""
    from tla_sim.reader_fw.app.handlers.dispatch import handlers

    table = handlers()
    before = {ins: each for ins, each in table.items() if each.handler is old}
    table.update({ins: each._replace(handler=new) for ins, each in before.items()})
    return lambda: table.update(before)
