"""A private PC/SC service, independent of the system's.

The path of pcscd's socket is compiled in, so pcscd runs in a mount namespace where another directory stands
at that path. This needs root, or a system that allows unprivileged user namespaces.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.serve.leftovers import Made, Note, remove_leftovers

_PLACE: Final = "/run/pcscd"
_STOP_SECONDS: Final = 5.0


class NoPrivatePcscd(TlaError):
    """A private PC/SC service cannot be started on this system."""

    category = Category.LINK


class PrivatePcscd:
    """pcscd on a given configuration, running until `close` or until this process ends.

    Programs reach it with PCSCLITE_CSOCK_NAME set to `socket`. Raises NoPrivatePcscd.
    """

    def __init__(self, configuration: str, *, arguments: tuple[str, ...] = ()) -> None:
        missing = [name for name in ("pcscd", "unshare", "setpriv") if shutil.which(name) is None]
        if missing:
            raise NoPrivatePcscd(
                "{missing} is not installed",
                "On Debian: apt install pcscd libccid util-linux",
                missing=", ".join(missing),
            )
        remove_leftovers()
        self._home = Path(tempfile.mkdtemp(prefix="tla-pcscd-"))
        self._note = Note(Made.FOLDER, self._home)
        self._home.chmod(0o755)
        self._place = self._home / "run"
        self._place.mkdir()
        self._log = self._home / "log"
        self._file = self._home / "reader.conf"
        self._file.write_text(configuration, "utf-8")
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def socket(self) -> Path:
        """The path of the socket on which programs reach it."""
        return self._place / "pcscd.comm"

    @property
    def pid(self) -> int | None:
        """The process ID, `None` while it is stopped."""
        return None if self._process is None else self._process.pid

    @property
    def log(self) -> str:
        """The output so far."""
        return self._log.read_text("utf-8", "replace")

    def start(self) -> None:
        """Start pcscd if it is not running. It takes about a second to find the readers."""
        if self._process is not None:
            return
        pcscd = ("pcscd", "--foreground", "--config", str(self._file), *self._arguments)
        # /run/pcscd may not exist where no pcscd ever ran; /run itself then gives way to an empty one.
        inside = (
            f"mkdir -p {_PLACE} 2>/dev/null || {{ mount -t tmpfs tmpfs /run && mkdir {_PLACE}; }} && "
            f"mount --bind {shlex.quote(str(self._place))} {_PLACE} && exec {shlex.join(pcscd)}"
        )
        user = () if os.geteuid() == 0 else ("--map-root-user",)
        # Killed with its parent, since a driver whose terminal is gone may not let it end by itself.
        command = ("setpriv", "--pdeathsig", "KILL", "unshare", *user, "--mount", "sh", "-c", inside)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self) -> None:
        """Stop pcscd, keeping the directory of its socket for another start."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def ended(self, within: float = 0.0) -> bool:
        """Whether pcscd ended by itself, or does so within so many seconds."""
        if self._process is None:
            return False
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(within)
        return self._process.returncode is not None

    def close(self) -> None:
        """Stop pcscd and remove its files."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)
        self._note.withdraw()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()
