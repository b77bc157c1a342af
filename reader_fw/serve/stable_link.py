"""A symbolic link whose name stays while what it leads to is another one each time."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tla_sim.protocol.errors import PortUnavailable


class StableLink:
    """`path` leads to `target` until `remove`; another link at `path` gives way.

    Raises PortUnavailable where something else is, or the link cannot be made.
    """

    def __init__(self, path: Path, target: str) -> None:
        self._path = path
        self._target = target
        if path.exists() and not path.is_symlink():
            raise PortUnavailable(
                "{path} exists already, and is not a link", "Choose another path", path=path
            )
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with suppress(FileNotFoundError):
                temporary.unlink()
            temporary.symlink_to(target)
            temporary.replace(path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise PortUnavailable(
                "{path} cannot be made: {reason}", "Choose another path", path=path, reason=reason
            ) from None

    @property
    def mine(self) -> bool:
        """Whether nobody put anything else there meanwhile."""
        with suppress(OSError):
            return str(self._path.readlink()) == self._target
        return False

    def remove(self) -> None:
        """Take it away, unless something else is there by now."""
        if self.mine:
            with suppress(OSError):
                self._path.unlink()
