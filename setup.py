"""Compile the French catalogue and the C libraries wherever the project is built; all else of the build is in
pyproject.toml.

Without a C compiler the wheel has no libraries and is for every system.
"""

import platform
import shutil
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

CATALOGUE = Path("tla_sim/tools/language/fr/LC_MESSAGES")
LIBRARIES = Path("tla_sim/host/ssv/built")

# Nothing is left beside the sources.
sys.dont_write_bytecode = True
sys.path.insert(0, str(Path("src").absolute()))
from tla_sim.host.ssv.build import BITS, BuildFailed, build  # noqa: E402


class BuildWithFrenchAndLibraries(build_py):
    """The modules, and beside them `tla.mo`: in the sources where the project is installed as it lies.

    In a wheel for Linux x86-64 also the C libraries, as `tla ssv build` compiles them.
    """

    def run(self) -> None:
        super().run()
        to = Path("src" if self.editable_mode else self.build_lib) / CATALOGUE / "tla.mo"
        to.parent.mkdir(parents=True, exist_ok=True)
        with (Path("src") / CATALOGUE / "tla.po").open("rb") as file:
            catalogue = read_po(file, locale="fr", domain="tla")
        with to.open("wb") as file:
            write_mo(file, catalogue)
        if not self.editable_mode:
            self._build_libraries(Path(self.build_lib) / LIBRARIES)

    def _build_libraries(self, to: Path) -> None:
        shutil.rmtree(to, ignore_errors=True)
        if (sys.platform, platform.machine()) != ("linux", "x86_64"):
            return
        for bits in BITS:
            made = Path(self.get_finalized_command("build").build_temp).absolute() / f"libraries{bits}"
            try:
                built = build(made, bits)
            except BuildFailed as error:
                print(f"No C libraries of {bits} bits: {error.message}. {error.action}.", file=sys.stderr)
                continue
            (to / str(bits)).mkdir(parents=True)
            for library in built.libraries:
                shutil.copy(library, to / str(bits))


class WheelWithLibraries(bdist_wheel):
    """A wheel for any Python 3: of this system when it has libraries, else of every one."""

    def run(self) -> None:
        self.run_command("build")
        self.skip_build = True
        built = Path(self.get_finalized_command("build").build_lib) / LIBRARIES
        if built.is_dir():
            self.root_is_pure = False
            # What is installed goes where modules of this machine go.
            self.distribution.has_ext_modules = lambda: True
        super().run()

    def get_tag(self) -> tuple[str, str, str]:
        if self.root_is_pure:
            return super().get_tag()
        return "py3", "none", self.plat_name.replace("-", "_").replace(".", "_")


setup(cmdclass={"build_py": BuildWithFrenchAndLibraries, "bdist_wheel": WheelWithLibraries})
