"""Where the server's socket is: the same place for the libraries in C and for the server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

VARIABLE: Final = "TLA_SSV_SOCKET"
SECONDS_VARIABLE: Final = "TLA_SSV_SECONDS"
"""Shortens every wait of the libraries to so many seconds, for tests."""
RUNTIME: Final = "XDG_RUNTIME_DIR"
FOLDER: Final = "tla-ssv"
NAME: Final = "socket"
MAX_SOCKET_PATH: Final = 107
"""Bytes of a Unix socket's path, without the NUL. Source: Linux, unix(7)."""


def socket_path(environment: Mapping[str, str] | None = None, uid: int | None = None) -> Path:
    """Return the socket's path: TLA_SSV_SOCKET, else one in the user's runtime folder, else below /tmp."""
    known = os.environ if environment is None else environment
    if known.get(VARIABLE):
        return Path(known[VARIABLE])
    if known.get(RUNTIME):
        return Path(known[RUNTIME]) / FOLDER / NAME
    return Path(f"/tmp/{FOLDER}-{os.getuid() if uid is None else uid}") / NAME
