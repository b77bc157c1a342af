"""make: what it says in a checkout without links, what it lists, and that pre-commit runs what it runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
NEEDED = ("Makefile", "pyproject.toml", "constraints.txt")
PACKAGES = ("host", "protocol", "reader_fw", "tools")
NO_PACKAGES_NEEDED = {"help", "clean"}


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """As from a shell, though the tests themselves may run under make or in a hook of git."""
    theirs = ("MAKE", "MFLAGS", "GIT_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    env["LC_ALL"] = "C"
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def targets() -> set[str]:
    phony = re.search(r"(?m)^\.PHONY: (.*)$", (ROOT / "Makefile").read_text())
    assert phony is not None
    return set(phony[1].split()) - {"linked"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What git leaves behind where links are switched off, in a path with blanks."""
    tree = tmp_path / "a checkout"
    (tree / "src/tla_sim").mkdir(parents=True)
    for name in NEEDED:
        shutil.copy(ROOT / name, tree / name)
    for package in PACKAGES:
        (tree / package).mkdir()
        (tree / package / "__init__.py").touch()
        (tree / "src/tla_sim" / package).symlink_to(f"../../{package}")
    for command in (("init", "--quiet"), ("add", "."), ("config", "core.symlinks", "false")):
        assert run("git", *command, cwd=tree).returncode == 0
    shutil.rmtree(tree / "src")
    assert run("git", "checkout", "--", "src", cwd=tree).returncode == 0
    assert (tree / "src/tla_sim/host").read_text() == "../../host"
    return tree


@pytest.mark.parametrize("target", sorted(targets() - NO_PACKAGES_NEEDED))
def test_without_links_every_target_that_needs_the_packages_says_what_to_set(
    target: str, checkout: Path
) -> None:
    done = run("make", target, cwd=checkout)
    assert done.returncode != 0
    assert not done.stdout
    said, stopped = done.stderr.splitlines()
    assert said == (
        "src/tla_sim/host is not a link in this checkout: run git config core.symlinks true, "
        "then git checkout -- src (on Windows, switch developer mode on first)."
    )
    assert stopped.startswith("make: ***")
    assert not (checkout / ".venv").exists(), "it says so before it installs anything"


def test_what_it_says_to_do_without_links_helps(checkout: Path) -> None:
    said = run("make", "demo", cwd=checkout).stderr.splitlines()[0]
    for command in re.findall(r"git [a-z][\w .-]*", said.partition(" (")[0]):
        assert run(*command.split(), cwd=checkout).returncode == 0
    assert (checkout / "src/tla_sim/host").is_symlink()
    done = run("make", "linked", cwd=checkout)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_lists_every_target_and_no_other() -> None:
    listed = run("make", "help", cwd=ROOT).stdout.splitlines()
    assert {line.split()[0] for line in listed} == targets()
    assert all(line.split(maxsplit=1)[1] for line in listed)


def test_pre_commit_runs_what_make_lint_runs() -> None:
    lint = run("make", "--dry-run", "--old-file=.venv/test", "lint", cwd=ROOT).stdout.splitlines()
    configuration = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repository in configuration["repos"] for hook in repository["hooks"]]
    assert [hook["entry"] for hook in hooks] == lint
    assert {repository["repo"] for repository in configuration["repos"]} == {"local"}
    assert not any(hook["pass_filenames"] for hook in hooks)
    assert all(hook["language"] == "system" and hook["always_run"] for hook in hooks)
