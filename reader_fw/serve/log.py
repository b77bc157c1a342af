"""The log of serving, `tla_sim.serve`: links, hosts that come and go, and power, but never their data."""

from __future__ import annotations

import logging
from typing import Final

LOG: Final = logging.getLogger("tla_sim.serve")
LOG.addHandler(logging.NullHandler())
