"""Folders that go with the process that made them, also when it is killed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Self

from tla_sim.reader_fw.serve.leftovers import Made, Note, remove_leftovers


class PassingFolder:
    """A new folder among the system's temporary ones, nobody else's, that is removed by `close`.

    That of a process that was killed is removed when another one makes its own.
    """

    def __init__(self, prefix: str) -> None:
        remove_leftovers()
        self._folder = tempfile.TemporaryDirectory(prefix=prefix)
        self.path = Path(self._folder.name)
        self._note = Note(Made.FOLDER, self.path)

    def close(self) -> None:
        """Remove the folder with all that is in it. May be called twice."""
        self._folder.cleanup()
        self._note.withdraw()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
