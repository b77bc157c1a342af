"""The routes of the practice's screens, one module a screen."""

from __future__ import annotations

from typing import Final

from tla_sim.tools.web.practice import (
    answers,
    editing,
    files,
    home,
    invoices,
    lists,
    loading,
    lots,
    pieces,
    sending,
)

ROUTERS: Final = (
    home.router,
    invoices.router,
    lists.router,
    loading.router,
    pieces.router,
    lots.router,
    files.router,
    sending.router,
    answers.router,
    editing.router,
)
