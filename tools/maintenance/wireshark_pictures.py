"""The pictures in the page on Wireshark, in `docs/pictures`, taken of its real window.

    python -m tla_sim.tools.maintenance.wireshark_pictures

It needs Debian's wireshark, xvfb, xdotool and imagemagick. Wireshark gets a home of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image

from tla_sim.tools.capture.pcapng import read_packets

PICTURES: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PRACTICE: Final = Path(__file__).resolve().parents[1] / "cast" / "practice.json"
_WIDTH: Final = 1280
_HEIGHT: Final = 800
_COLOURS: Final = 128
_TLA: Final = (sys.executable, "-m", "tla_sim.tools.cli.entry", "--lang", "en")
_COLUMNS: Final = (
    'gui.column.format: "No.", "%m", "Time", "%t", "Link", "%Cus:frame.interface_name:0:R", "Info", "%i"\n'
    "gui.layout_content_3: NONE\n"
)
_WIDEN_LINK: Final = "mousemove 237 101 click --repeat 2 --delay 80 1"
"""A double click on the right edge of the column."""
_WINDOW: Final = (
    "gui.geometry_main_x: 0\ngui.geometry_main_y: 0\n"
    f"gui.geometry_main_width: {_WIDTH}\ngui.geometry_main_height: {_HEIGHT}\n"
    "column.width: %m, 50, %t, 110, %Cus:frame.interface_name:0:R, 210, %i, 860\n"
    "gui.geometry_main_upper_pane: 250\n"
)


Actions = Sequence[str | Callable[[], None]]


class Desktop:
    """A screen of its own, and the home of whoever sits at it."""

    def __init__(self, display: str, home: Path) -> None:
        self.home = home
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        self._environment = os.environ | {
            "DISPLAY": display,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_RUNTIME_DIR": str(runtime),
            "LANG": "C.UTF-8",
        }
        self.tla("trace", "install-wireshark")
        settings = home / ".config" / "wireshark"
        (settings / "preferences").write_text(_COLUMNS)
        (settings / "recent").write_text(_WINDOW)
        (settings / "recent_common").write_text("privs.warn_if_elevated: FALSE\n")

    def tla(self, *words: str | os.PathLike[str]) -> None:
        """Run `tla`."""
        subprocess.run([*_TLA, *words], env=self._environment, cwd=self.home, check=True)

    def load(self, port: str) -> None:
        """Load the shipped practice's invoices by a port."""
        shutil.copy(PRACTICE, self.home / "practice.json")
        self.tla("push", "practice.json", "--reader", f"serial:{port}", "--ledger", "l.db", "--others", "yes")

    @contextmanager
    def running(self, *words: str | os.PathLike[str]) -> Iterator[subprocess.Popen[bytes]]:
        """Run a program during a block."""
        process = subprocess.Popen(words, env=self._environment, cwd=self.home, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()

    def do(self, *actions: str | Callable[[], None]) -> None:
        """Do something with mouse and keyboard, in xdotool's words, or anything else."""
        for action in actions:
            if callable(action):
                action()
            else:
                subprocess.run(["xdotool", *action.split()], env=self._environment, check=True)
            time.sleep(0.6)

    def picture(self, name: str, *wireshark: str | os.PathLike[str], then: Actions = ()) -> None:
        """Take a picture of Wireshark's window, once `then` is done."""
        with self.running("wireshark", *wireshark):
            self._wait_for_window()
            self.do(f"search --onlyvisible --name Wireshark windowsize {_WIDTH} {_HEIGHT} windowmove 0 0")
            time.sleep(3)
            self.do(*then)
            time.sleep(1)
            taken = self.home / f"{name}.png"
            subprocess.run(["import", "-window", "root", taken], env=self._environment, check=True)
        with Image.open(taken) as image:
            image.convert("RGB").quantize(_COLOURS).save(PICTURES / f"wireshark-{name}.png", optimize=True)

    def _wait_for_window(self) -> None:
        for _ in range(120):
            found = subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--name", "Wireshark"],
                env=self._environment,
                capture_output=True,
                check=False,
            )
            if found.stdout.strip():
                return
            time.sleep(0.5)
        raise RuntimeError("Wireshark shows no window")


@contextmanager
def desktop() -> Iterator[Desktop]:
    """Have a screen in memory."""
    with TemporaryDirectory(prefix="wireshark-") as folder:
        home = Path(folder)
        number, written = os.pipe()
        screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(written), "-screen", "0", f"{_WIDTH}x{_HEIGHT}x24"],
            pass_fds=(written,),
            stderr=subprocess.DEVNULL,
        )
        os.close(written)
        try:
            with os.fdopen(number) as told:
                display = told.readline().strip()
            yield Desktop(f":{display}", home)
        finally:
            screen.terminate()
            screen.wait()


def show_file(desk: Desktop) -> None:
    """A load, opened down to the fields of an invoice."""
    desk.tla("demo", "--seed", "1", "--trace", "round.pcapng")
    desk.picture(
        "file",
        "-g",
        "10",
        "-r",
        "round.pcapng",
        then=(
            _WIDEN_LINK,
            "mousemove 200 390 click 1",
            "key ctrl+Left",
            "key End",
            "key shift+Right",
            f"key {'Down ' * 40}",
        ),
    )


def show_live(desk: Desktop) -> None:
    """The list of interfaces, with running readers in it."""
    with desk.running(*_TLA, "sim", "--state", "desk", "--link", "tcp:0"):
        time.sleep(3)
        with desk.running(*_TLA, "web"):
            time.sleep(4)
            desk.picture("live")


def show_capture(desk: Desktop) -> None:
    """A running reader, captured while it is loaded."""
    with desk.running(*_TLA, "sim", "--state", "desk", "--link", "pty:port") as reader:
        time.sleep(3)
        load = partial(desk.load, "port")
        desk.picture("capture", "-k", "-i", f"tla:{reader.pid}-1", then=(load, _WIDEN_LINK))


def show_tap(desk: Desktop) -> None:
    """A tapped line with a block that arrived damaged."""
    with desk.running(
        *_TLA, "sim", "--state", "round", "--link", "pty:reader", "--faults", "seed=5,line.bits:3e-4"
    ):
        time.sleep(3)
        with desk.running(*_TLA, "trace", "serial", "pty:program", "reader", "--out", "tap.pcapng"):
            time.sleep(2)
            desk.load("program")
    desk.picture(
        "tap",
        "-g",
        str(_first_remark(desk.home / "tap.pcapng")),
        "-r",
        "tap.pcapng",
        then=(_WIDEN_LINK, "mousemove 200 352 click 1", "key ctrl+Left", "key End", "key shift+Right"),
    )


def _first_remark(capture: Path) -> int:
    """Return the number of the first block that something is said about."""
    with capture.open("rb") as stream:
        packets = enumerate(read_packets(stream), 1)
        return next(
            number for number, each in packets if each.comment and each.interface.name.endswith("T=1")
        )


SCENES: Final[tuple[Callable[[Desktop], None], ...]] = (show_file, show_live, show_capture, show_tap)


def main(names: Sequence[str]) -> None:
    """Take all pictures, or those of the scenes named."""
    for scene in SCENES:
        if not names or scene.__name__.removeprefix("show_") in names:
            with desktop() as desk:
                scene(desk)


if __name__ == "__main__":
    main(sys.argv[1:])
