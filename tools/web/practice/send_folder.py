"""The folder that files of lots are proposed to be sent into."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from tla_sim.tools.web.api.model import Told
from tla_sim.tools.web.surgery.surgery import Surgery

Proposed = Literal["outbox", "ledger", "home"]


class SendFolder(Told):
    """A folder that is there on the server's machine, by its whole path."""

    path: str
    what: Proposed = Field(
        description="The kept ledger's outbox, else the folder of that ledger; the home of the server's user."
    )


def propose_folder(surgery: Surgery) -> SendFolder | None:
    """Return a folder to send files into, `None` where there is none; none is made."""
    for what, place in _places(surgery):
        try:
            path = place.expanduser().resolve()
            there = path.is_dir()
        except (OSError, RuntimeError):  # nobody's home, links in a circle, a name that is too long
            continue
        if there and str(path).isprintable():
            return SendFolder(path=str(path), what=what)
    return None


def _places(surgery: Surgery) -> tuple[tuple[Proposed, Path], ...]:
    if surgery.kept is None:
        return (("home", Path("~")),)
    return ("outbox", surgery.outbox), ("ledger", surgery.kept.parent)
