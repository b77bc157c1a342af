"""The cast: the shipped practice, modelled on the samples in the field's notices, and everybody's cards."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from pathlib import Path

from tla_sim.host.practice.file import parse_practice
from tla_sim.host.practice.model import Practice


def practice_path() -> AbstractContextManager[Path]:
    """Provide the example practice as a file while the context lasts."""
    return as_file(files(__name__) / "practice.json")


def demo_practice() -> Practice:
    """Load the example practice.

    >>> tla_sim.demo_practice().name == practice.name
    True
    """
    return parse_practice((files(__name__) / "practice.json").read_bytes(), "practice.json")
