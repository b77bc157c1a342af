"""What is distributed: the wheel, where it comes from, and how it gets on in another project's repository."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

import pytest

import tla_sim
from tests.made_once import made_once
from tla_sim.host.ssv.build import BITS
from tla_sim.host.ssv.libraries import library_files
from tla_sim.tools.cli.version import VERSION_LINE

ROOT = Path(__file__).parents[2]
PACKAGES = ("host", "protocol", "reader_fw", "tools")
LEFT_OUT = ("tools/bench/", "tools/maintenance/")
SOURCES = ("MANIFEST.in", "README.md", "pyproject.toml", "setup.py", "src", "tests", *PACKAGES)
INFO = f"tla_sim-{tla_sim.__version__}.dist-info"
LIBRARIES = {f"tla_sim/host/ssv/built/{bits}/{file.name}" for bits in BITS for file in library_files(bits)}
NO_COMPILER = "no-such-compiler"
FRENCH = "tla_sim/tools/language/fr/LC_MESSAGES/tla"
MADE_HERE = shutil.ignore_patterns("__pycache__", "*.egg-info")

IMPORT_EVERYTHING = """
import importlib, json, os, pkgutil, sys, tla_sim

def fail(name):
    raise

for each in pkgutil.walk_packages(tla_sim.__path__, "tla_sim.", fail):
    if not each.name.endswith(".__main__"):
        importlib.import_module(each.name)
named = [(name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items())]
print(json.dumps({name: os.path.realpath(file) for name, file in named if file}))
"""


@dataclass(frozen=True)
class Distributions:
    """The sources as copied, and what was built from them, each way."""

    tree: Path
    sdist: Path
    wheel: Path
    wheel_from_tree: Path
    wheel_without_compiler: Path


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """In nobody's house: nothing of this test run's environment is for the process."""
    ours = ("PYTHON", "PYTEST", "TLA_", "MAKE", "MFLAGS")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env=env | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def done(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What the command printed; it must succeed."""
    ran = run(*command, cwd=cwd, **environment)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    def make(folder: Path) -> None:
        tree = folder / "tree"
        tree.mkdir()
        for name in SOURCES:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name, symlinks=True, ignore=MADE_HERE)
            else:
                shutil.copy(ROOT / name, tree / name)
        # What a checkout that was built before, under other rules, has lying about: a list of too much.
        links = ((tree / package, f"src/tla_sim/{package}") for package in PACKAGES)
        stale = [
            f"{name}/{path.relative_to(folder)}\n"
            for folder, name in (*links, (tree / "tests", "tests"))
            for path in folder.rglob("*")
            if path.is_file()
        ]
        info = tree / "src/tla_sim.egg-info"
        info.mkdir()
        (info / "SOURCES.txt").write_text("".join(stale))
        build = (sys.executable, "-m", "build", "--no-isolation", "--outdir")
        done(*build, folder / "dist", tree, cwd=folder)
        done(*build, folder / "direct", "--wheel", tree, cwd=folder)
        done(*build, folder / "pure", "--wheel", tree, cwd=folder, CC=NO_COMPILER)

    folder = made_once(tmp_path_factory, "built with blanks", make)
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    (wheel,) = (folder / "dist").glob("*.whl")
    (direct,) = (folder / "direct").glob("*.whl")
    (pure,) = (folder / "pure").glob("*.whl")
    return Distributions(folder / "tree", sdist, wheel, direct, pure)


@pytest.fixture(scope="module")
def environment(built: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel, what it needs, and pytest."""

    def make(folder: Path) -> None:
        done(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
        pip = (sys.executable, "-m", "pip", "--python", folder / "venv/bin/python", "install", "--quiet")
        done(*pip, "--no-compile", "-c", ROOT / "constraints.txt", built.wheel, "pytest", cwd=folder)

    return made_once(tmp_path_factory, "environment with blanks", make) / "venv" / "bin"


@pytest.fixture
def practice_software(tmp_path: Path) -> Path:
    """A repository with the names that we have, too; what is in it works only if it is not taken for ours."""
    repository = tmp_path / "practice software"
    (repository / ".git").mkdir(parents=True)
    for package in (*PACKAGES, "tests"):
        (repository / package).mkdir()
        (repository / package / "__init__.py").write_text(f"WHOSE = 'the practice software, {package}'\n")
    for name in ("tools/cli", "tools/testing", "host/transport", "protocol/errors", "reader_fw/reader"):
        (repository / f"{name}.py").write_text(f"raise AssertionError('{name} was taken for our own')\n")
    (repository / "tests/test_practice_software.py").write_text(PRACTICE_TESTS)
    return repository


PRACTICE_TESTS = """
import sys
from pathlib import Path

import host, protocol, reader_fw, tests, tools
from tla_sim.host.client import ReaderClient
from tla_sim.host.transport import open_transport

HERE = Path(__file__).parents[1]


def test_our_packages_are_ours():
    for package in (host, protocol, reader_fw, tests, tools):
        assert package.WHOSE == f"the practice software, {package.__name__}"
        assert Path(package.__file__).is_relative_to(HERE)


def test_in_virtual_time(tla_reader):
    transport = tla_reader.transport("serial")
    assert transport.transmit(bytes.fromhex("8010000000"))[-2:] == b"\\x90\\x00"


def test_over_each_link(tla_client):
    assert tla_client.identify().serial_number.startswith("TLA")


def test_in_a_process_of_its_own(tla_serve):
    served = tla_serve("tcp:0")
    with open_transport(served.urls[0]) as transport:
        assert transport.transmit(bytes.fromhex("8010000000"))[-2:] == b"\\x90\\x00"


def test_theirs_is_from_the_environment():
    theirs = [module for name, module in sys.modules.items() if name.partition(".")[0] == "tla_sim"]
    assert len(theirs) > 50
    assert all(Path(module.__file__).is_relative_to(sys.prefix) for module in theirs)
"""


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_the_four_packages_without_benchmarks_and_maintainers_scripts(
    built: Distributions,
) -> None:
    expected = {
        f"tla_sim/{name.relative_to(built.tree)}": name.read_bytes()
        for package in PACKAGES
        for name in (built.tree / package).rglob("*")
        if name.is_file()
        and name.suffix not in (".mo", ".po")
        and not str(name.relative_to(built.tree)).startswith(LEFT_OUT)
    }
    for name in ("__init__.py", "py.typed"):
        expected[f"tla_sim/{name}"] = (built.tree / "src/tla_sim" / name).read_bytes()
    found = contents(built.wheel)
    made = {f"{FRENCH}.mo", *LIBRARIES}
    assert {name for name in found if not name.startswith(f"{INFO}/")} == {*expected, *made}
    assert {name: found[name] for name in expected} == expected
    for suffix in (".c", ".h", ".json", ".lua", ".mo", ".pem", ".ttf", "/LICENSE.txt", "/py.typed"):
        assert any(name.endswith(suffix) for name in found), suffix


def test_the_wheel_holds_files_and_no_links(built: Distributions) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        assert all(stat.S_ISREG(each.external_attr >> 16) for each in archive.infolist())
    with tarfile.open(built.sdist) as archive:
        assert all(each.isfile() or each.isdir() for each in archive.getmembers())


def test_the_wheel_is_the_same_from_the_source_distribution(built: Distributions) -> None:
    assert contents(built.wheel) == contents(built.wheel_from_tree)


def test_the_source_distribution_is_what_the_wheel_is_built_from(built: Distributions) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {each.name.partition("/")[2] for each in archive.getmembers() if each.isfile()}
    sources = {name.removeprefix("src/") for name in names if name.startswith("src/tla_sim/")}
    modules = {name for name in contents(built.wheel) if name.startswith("tla_sim/")}
    assert sources == modules - {f"{FRENCH}.mo"} - LIBRARIES | {f"{FRENCH}.po"}
    around = {name for name in names if not name.startswith("src/")}
    assert around == {"MANIFEST.in", "PKG-INFO", "README.md", "pyproject.toml", "setup.cfg", "setup.py"}


def test_the_wheel_is_for_linux_and_for_any_python_3(built: Distributions) -> None:
    assert built.wheel.name.endswith("-py3-none-linux_x86_64.whl")
    said = Parser().parsestr(contents(built.wheel)[f"{INFO}/WHEEL"].decode())
    assert said["Root-Is-Purelib"] == "false"


def test_without_a_compiler_the_wheel_has_no_libraries_and_is_for_every_system(built: Distributions) -> None:
    assert built.wheel_without_compiler.name.endswith("-py3-none-any.whl")
    assert set(contents(built.wheel_without_compiler)) == set(contents(built.wheel)) - LIBRARIES


def test_an_installed_wheel_gives_its_libraries_where_there_is_no_compiler(
    built: Distributions, environment: Path, tmp_path: Path
) -> None:
    carried = contents(built.wheel)
    for bits in BITS:
        command = (
            environment / "tla",
            "ssv",
            "build",
            "--bits",
            str(bits),
            "--out",
            tmp_path / "out",
            "--json",
        )
        told = json.loads(done(*command, cwd=tmp_path, CC=NO_COMPILER))
        assert not told["compiled"]
        names = {Path(each).name: Path(each).read_bytes() for each in told["libraries"]}
        assert names == {
            name.rpartition("/")[2]: content
            for name, content in carried.items()
            if name.startswith(f"tla_sim/host/ssv/built/{bits}/")
        }


def test_the_wheel_says_what_it_is(built: Distributions) -> None:
    said = Parser().parsestr(contents(built.wheel)[f"{INFO}/METADATA"].decode())
    assert said["Name"] == "tla-sim"
    assert said["Version"] == tla_sim.__version__
    assert said["Author"] == "tla-sim maintainers"
    assert said["Requires-Python"] == ">=3.11"
    assert str(said.get_payload()).strip() == (ROOT / "README.md").read_text().strip()
    licence = ("License", "License-Expression", "License-File")
    assert not any(said.get_all(name) for name in licence), "the owner has not chosen one"
    assert not any("License" in each for each in said.get_all("Classifier", []))


def test_pip_refuses_an_older_python(built: Distributions, tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "download", "--no-index", "--no-deps", "--only-binary=:all:")
    refused = run(*pip, "--python-version", "3.10", "-d", tmp_path, built.wheel, cwd=tmp_path)
    assert refused.returncode != 0
    assert "requires a different Python: 3.10" in refused.stderr
    done(*pip, "--python-version", "3.11", "-d", tmp_path, built.wheel, cwd=tmp_path)


def test_nothing_in_the_wheel_imports_what_is_not_in_it(built: Distributions, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        archive.extractall(tmp_path / "site")
    site = (tmp_path / "site").resolve()
    loaded = json.loads(
        done(sys.executable, "-c", IMPORT_EVERYTHING, cwd=tmp_path, PYTHONPATH=str(site)).splitlines()[-1]
    )
    assert not [name for name, file in loaded.items() if Path(file).is_relative_to(ROOT / "src")]
    modules = {name for name in loaded if name.partition(".")[0] == "tla_sim"}
    assert all(Path(loaded[name]).is_relative_to(site) for name in modules)
    files = [name for name in contents(built.wheel) if name.endswith(".py")]
    assert len(modules) == sum(not name.endswith("/__main__.py") for name in files)


@pytest.mark.soak
def test_in_a_repository_with_our_names_its_tests_run_with_our_fixtures(
    environment: Path, practice_software: Path
) -> None:
    ran = run(environment / "python", "-m", "pytest", "-v", "-p", "no:cacheprovider", cwd=practice_software)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "8 passed" in ran.stdout
    for link in ("memory", "serial", "ccid", "vpcd"):
        assert f"test_over_each_link[{link}] PASSED" in ran.stdout


@pytest.mark.soak
@pytest.mark.parametrize("started", ["tla", "python -m tla_sim.tools.cli.entry"])
def test_in_a_repository_with_our_names_the_command_runs(
    started: str, environment: Path, practice_software: Path
) -> None:
    program, *rest = started.split()
    command: tuple[str | Path, ...] = (environment / program, *rest)
    assert done(*command, "--version", cwd=practice_software) == f"{VERSION_LINE}\n"
    identify = ("identify", "--json", "--reader", "state:reader?seed=7")
    identity = done(*command, *identify, cwd=practice_software, TLA_LANG="en")
    assert json.loads(identity)["serial_number"].startswith("TLA")
    assert (practice_software / "reader" / "state.json").is_file()


@pytest.mark.soak
def test_in_a_repository_with_our_names_the_demonstration_is_that_of_the_sources(
    environment: Path, practice_software: Path
) -> None:
    demo = ("demo", "--seed", "7")
    shown = done(environment / "tla", *demo, cwd=practice_software, TLA_LANG="en")
    assert shown == done(sys.executable, "-m", "tla_sim.tools.cli.entry", *demo, cwd=ROOT, TLA_LANG="en")


def plain(name: str) -> bool:
    """Whether a module's name is one of ours without the package that it is in."""
    return name.partition(".")[0] in PACKAGES


def test_no_module_is_loaded_twice() -> None:
    loaded = json.loads(done(sys.executable, "-c", IMPORT_EVERYTHING, cwd=ROOT).splitlines()[-1])
    folders = (ROOT / "src", *(ROOT / package for package in PACKAGES))
    ours = {
        name: file
        for name, file in loaded.items()
        if any(Path(file).is_relative_to(folder) for folder in folders)
    }
    assert {name.partition(".")[0] for name in ours} == {"tla_sim"}
    assert not [name for name in loaded if plain(name)]
    sources = [str(path) for folder in folders for path in folder.rglob("*.py") if path.stem != "__main__"]
    assert sorted(ours.values()) == sorted(sources)


def test_the_tests_themselves_load_no_module_twice() -> None:
    """By now pytest has imported conftest.py and, in a run of them all, every test."""
    assert "tests.conftest" in sys.modules
    assert not [name for name in sys.modules if plain(name)]
    files = [
        Path(module.__file__).resolve()
        for name, module in sys.modules.items()
        if name.partition(".")[0] in ("tla_sim", "tests") and module.__file__
    ]
    assert len(set(files)) == len(files) > 1
