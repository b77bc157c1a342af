"""A symbolic link with a stable name, for a target whose name is different each time."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tla_sim.protocol.errors import PortUnavailable
from tla_sim.reader_fw.serve.leftovers import Made, Note, remove_leftovers


class StableLink:
    """A link from `path` to `target` until `remove`; it replaces another link at `path`.

    If this process is killed, the next one that makes such a link removes it.

    Construction raises PortUnavailable if `path` is something else, or if the link cannot be made.
    """

    def __init__(self, path: Path, target: str) -> None:
        self._path = path
        self._target = target
        # One that cannot be looked at, such as a name too long, cannot be made either: that is said below.
        if os.path.lexists(path) and not path.is_symlink():
            raise PortUnavailable(
                "{path} exists already, and is not a link", "Choose another path", path=path
            )
        remove_leftovers()
        self._note = Note(Made.LINK, path, target)
        # Made beside it and moved, so that a host never finds the path missing.
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with suppress(FileNotFoundError):
                temporary.unlink()
            temporary.symlink_to(target)
            temporary.replace(path)
        except OSError as error:
            self._note.withdraw()
            reason = error.strerror or str(error)
            raise PortUnavailable(
                "{path} cannot be made: {reason}", "Choose another path", path=path, reason=reason
            ) from None

    @property
    def mine(self) -> bool:
        """Whether the path still leads to the target."""
        with suppress(OSError):
            return str(self._path.readlink()) == self._target
        return False

    def remove(self) -> None:
        """Remove the link, unless something else has replaced it."""
        if self.mine:
            with suppress(OSError):
                self._path.unlink()
        self._note.withdraw()
