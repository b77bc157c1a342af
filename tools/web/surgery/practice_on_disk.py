"""The file that a server's practice was read from, which an edited one may replace if somebody says so."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tla_sim.host.practice.file import read_practice_file
from tla_sim.host.whole_file import replace_file
from tla_sim.protocol.errors import Category, TlaError

_BESIDE: Final = ".bak"


class PracticeNotWritten(TlaError):
    """The practice's file cannot be replaced; nothing was changed."""

    category = Category.REFUSED


class PracticeOnDisk:
    """A practice's file, as it was when it was read or last written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = read_practice_file(path)
        self._kept = False

    @property
    def name(self) -> str:
        """Its name, without its folder."""
        return self.path.name

    def replace(self, text: str) -> None:
        """Write the file anew, old or new at any moment. What it had at first is kept beside it as `….bak`,
        or as `….bak.1` and so on where there is one already.

        Raises `PracticeNotWritten`, also where another program changed it.
        """
        content = text.encode()
        try:
            there = self.path.read_bytes()
            if there != self._known:
                raise PracticeNotWritten(
                    "{file} was changed by another program since it was read",
                    "Save the practice as another file, and bring both together",
                    file=self.name,
                )
            mode = stat.S_IMODE(self.path.stat().st_mode)
            if not self._kept:
                self._keep(there, mode)
            replace_file(self.path, content, mode)
        except OSError as error:
            raise PracticeNotWritten(
                "{file} cannot be written: {reason}",
                "Check its permissions and its disk",
                file=self.name,
                reason=(error.strerror or str(error)).lower(),
            ) from None
        self._known = content

    def _keep(self, content: bytes, mode: int) -> None:
        for place in self._places():
            try:
                with place.open("xb") as file:
                    os.fchmod(file.fileno(), mode)
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            except FileExistsError:
                continue
            self._kept = True
            return

    def _places(self) -> Iterator[Path]:
        first = self.path.with_name(f"{self.name}{_BESIDE}")
        return itertools.chain((first,), (first.with_name(f"{first.name}.{n}") for n in itertools.count(1)))


def practice_on_disk(path: Path | None) -> PracticeOnDisk | None:
    """Return the file that a practice was read from, `None` for what cannot be written, such as a pipe."""
    return PracticeOnDisk(path) if path is not None and path.is_file() else None
