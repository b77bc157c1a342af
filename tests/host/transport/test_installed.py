"""Ways to a reader that installed packages bring: found by their entry points, and told of when broken."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import get_type_hints

import pytest

from tests.host.transport.transport_conformance import TransportConformance
from tla_sim.host.transport import BUILT_IN, BadUrl, Transport, open_transport, register, schemes
from tla_sim.host.transport.installed import GROUP
from tla_sim.tools.simulator.state_transport import open_state

ROOT = Path(__file__).parents[3]
ECHOING = """
from tests.fake_reader import FakeReader
from tests.host.transport.test_transport import _plain_exchange
from tla_sim.host.transport.in_process import InProcessTransport

def open_echo(url):
    return InProcessTransport(_plain_exchange(FakeReader()), url)
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a package as pip leaves it: its module, its metadata, its entry points."""

    def installed(package: str, points: str, source: str = "", module: str = "their_transport") -> None:
        site = tmp_path / package
        info = site / f"{package.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(points)
        (site / f"{module}.py").write_text(source)
        monkeypatch.delitem(sys.modules, module, raising=False)
        monkeypatch.syspath_prepend(str(site))

    return installed


def offering(*lines: str) -> str:
    return "\n".join((f"[{GROUP}]", *lines))


class TestInstalled(TransportConformance):
    """A transport of another package is as good as any."""

    @pytest.fixture
    def transport(self, install: Install) -> Transport:
        install("practice-echo", offering("echo = their_transport:open_echo"), ECHOING)
        return open_transport("echo:here")


def test_an_installed_scheme_is_listed_and_asked_for_in_any_case(install: Install) -> None:
    assert "echo" not in schemes()
    install("practice-echo", offering("echo = their_transport:open_echo"), ECHOING)
    assert "echo" in schemes()
    assert open_transport("Echo:here").url == "Echo:here"
    with pytest.raises(BadUrl, match=r"Begin it with one of echo:, galss:, memory:"):
        open_transport("ecco:here")


@pytest.mark.parametrize(
    ("target", "source", "said"),
    [
        ("their_transport:open_it", "import no_such_library", "(ModuleNotFoundError: No module named 'no_su"),
        ("their_transport:open_it", "", "(AttributeError: module 'their_transport' has no attribute"),
        ("their_transport:open_it", "def open_it(url:\n  pass", "(SyntaxError: "),
        (
            "their_transport:open_it",
            "raise OSError(1, 'two\\nlines')",
            "(PermissionError: [Errno 1] two li",
        ),
        ("gone_for_good:open_it", "", "(ModuleNotFoundError: No module named 'gone_for_good')"),
        ("no function, a sentence", "", "Error: "),
        (
            "their_transport:open_it",
            "open_it = 'text'",
            "' in package broken-ways is not a function. Inst",
        ),
    ],
)
def test_a_broken_one_is_named_with_its_package_in_one_sentence(
    target: str, source: str, said: str, install: Install
) -> None:
    install("broken-ways", offering(f"broken = {target}"), source)
    with pytest.raises(BadUrl) as caught:
        open_transport("broken:here")
    assert str(caught.value).startswith("The opener of 'broken:' in package broken-ways is ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_gives_no_transport_is_named_too(install: Install) -> None:
    install("half-made", offering("half = their_transport:open_it"), "def open_it(url): return None")
    with pytest.raises(BadUrl, match="opener of 'half:' in package half-made does not return a transport"):
        open_transport("half:here")


def test_two_packages_for_one_scheme_are_named(install: Install) -> None:
    install("practice-b", offering("twice = their_transport:open_echo"), ECHOING)
    install("practice-a", offering("twice = their_transport:open_echo"), ECHOING)
    with pytest.raises(BadUrl, match=r"More than one package opens 'twice:' \(practice-a and practice-b\)"):
        open_transport("twice:here")


@pytest.mark.parametrize(
    ("url", "ours"),
    [("serial:", "a device"), ("memory:", "a reader"), ("state:", "a directory")],
)
def test_nobody_takes_a_scheme_of_ours(url: str, ours: str, install: Install) -> None:
    install("greedy", offering(f"{url[:-1]} = their_transport:open_echo"), ECHOING)
    with pytest.raises(BadUrl, match=f"does not name {ours}"):
        open_transport(url)


def test_unreadable_entry_points_of_a_stranger_are_a_sentence(install: Install) -> None:
    install("torn", "[console_scripts]\nno equals sign here\n")
    with pytest.raises(BadUrl, match=r"An installed package has entry points that cannot be read \(\w+\)"):
        open_transport("bluetooth:TLA")
    with pytest.raises(BadUrl, match="does not name a directory"):
        open_transport("state:")


def test_a_registered_scheme_goes_before_an_installed_one(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tla_sim.host.transport._registered", {})
    install("practice-late", offering("late = gone_for_good:open_it"))
    register("late", open_state)
    with pytest.raises(BadUrl, match="does not name a directory"):
        open_transport("late:")


@pytest.mark.parametrize("scheme", BUILT_IN)
def test_what_is_built_in_cannot_be_registered(scheme: str) -> None:
    with pytest.raises(ValueError, match="taken"):
        register(scheme, open_state)


def test_the_project_declares_as_entry_points_what_is_built_in_and_the_state() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["entry-points"][GROUP]
    assert declared == BUILT_IN | {"state": f"{open_state.__module__}:{open_state.__name__}"}
    installed = distribution("tla-sim").entry_points.select(group=GROUP)
    assert {entry.name: entry.value for entry in installed} == declared
    for entry in installed:
        hints = get_type_hints(entry.load())
        assert hints["url"] is str
        assert Transport in hints["return"].__mro__


def test_the_state_of_a_directory_opens_with_the_host_alone_imported(tmp_path: Path) -> None:
    code = (
        "from tla_sim.host.transport import open_transport\n"
        f"with open_transport('state:{tmp_path}/reader?seed=3') as transport:\n"
        "    print(transport.transmit(bytes.fromhex('8010000000'))[-2:].hex())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "9000\n"


def test_built_in_schemes_open_without_a_look_at_what_is_installed() -> None:
    code = (
        "import sys, contextlib\n"
        "from tla_sim.host.transport import BUILT_IN, open_transport\n"
        "from tla_sim.protocol.errors import TlaError\n"
        "for scheme in BUILT_IN:\n"
        "    with contextlib.suppress(TlaError): open_transport(f'{scheme}:?no=option')\n"
        "assert 'tla_sim.host.transport.installed' not in sys.modules\n"
        "print(len(BUILT_IN))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{len(BUILT_IN)}\n"
