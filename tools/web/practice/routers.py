"""The routes of the practice's screens, one module a screen."""

from __future__ import annotations

from typing import Final

from tla_sim.tools.web.practice import home, invoices, lists, pieces

ROUTERS: Final = (home.router, invoices.router, lists.router, pieces.router)
