"""Compile the French catalogue wherever the project is built; all else of the build is in pyproject.toml."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.build_py import build_py

CATALOGUE = Path("tla_sim/tools/language/fr/LC_MESSAGES")


class BuildWithFrench(build_py):
    """The modules, and `tla.mo` beside them: in the sources where the project is installed as it lies."""

    def run(self) -> None:
        super().run()
        to = Path("src" if self.editable_mode else self.build_lib) / CATALOGUE / "tla.mo"
        to.parent.mkdir(parents=True, exist_ok=True)
        with (Path("src") / CATALOGUE / "tla.po").open("rb") as file:
            catalogue = read_po(file, locale="fr", domain="tla")
        with to.open("wb") as file:
            write_mo(file, catalogue)


setup(cmdclass={"build_py": BuildWithFrench})
