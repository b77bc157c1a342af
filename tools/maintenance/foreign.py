"""Words of the system and of libraries that `tla` shows, listed here because Babel cannot find them.

Neither ships French that we can rely on: libc has it only where the French locale is installed, typer has
none. typer looks its own words up by gettext.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FOREIGN: Final[Mapping[str, tuple[str, ...]]] = {
    "errno": (
        "Temporary failure in name resolution",
        "No such file or directory",
        "Is a directory",
        "Not a directory",
        "Permission denied",
        "Operation not permitted",
        "File exists",
        "File name too long",
        "Directory not empty",
        "No space left on device",
        "Disk quota exceeded",
        "Read-only file system",
        "Input/output error",
        "Device or resource busy",
        "Too many open files",
        "Invalid argument",
        "Too many levels of symbolic links",
        "No such device or address",
        "Text file busy",
        "Address already in use",
        "Cannot assign requested address",
        "Connection refused",
        "Connection reset by peer",
        "Connection timed out",
        "No route to host",
        "Network is unreachable",
        "Name or service not known",
        "File too large",
        "Cannot allocate memory",
        "Stale file handle",
        "No such device",
        "Too many open files in system",
        "Remote I/O error",
    ),
    "typer": (
        "Arguments",
        "Options",
        "Commands",
        "default: {default}",
        "env var: {var}",
        "required",
    ),
    "tools/fuzz/targets": ("APDUs", "messages", "files", "exchanges", "operations", "blocks", "values"),
}
