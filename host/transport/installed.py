"""Transports from installed packages: the entry points of the group `tla_sim.transports`.

    [project.entry-points."tla_sim.transports"]
    bluetooth = "practice.bluetooth:open_bluetooth"

The name is the URL's scheme in lower case. The function takes the whole URL and returns a `Transport`, or
raises `BadUrl` or a `LinkError`. tla-sim's own entries take precedence over those of other packages.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints, PackageNotFoundError, distribution, entry_points
from typing import Final, cast

from tla_sim.host.transport.base import BadUrl, Opener, Transport
from tla_sim.protocol.sentence import Sentence

GROUP: Final = "tla_sim.transports"
_OURS: Final = "tla-sim"
_AGAIN: Final = Sentence("Install it again, or uninstall it")


def installed_opener(scheme: str) -> Opener | None:
    """Return the installed opener of a scheme, `None` when there is none.

    Raises `BadUrl` when it cannot be loaded, when two packages offer the scheme, and when the installed entry
    points cannot be read.
    """
    # Our own first: that reads one file only, and no other package can break it.
    found = list(_ours().select(name=scheme) or _all().select(name=scheme))
    if not found:
        return None
    if len(found) > 1:
        packages = " and ".join(sorted(_package(entry) for entry in found))
        raise BadUrl(
            "More than one package opens '{scheme}:' ({packages})",
            "Uninstall all but one of them",
            scheme=scheme,
            packages=packages,
        )
    return _load(found[0])


def installed_schemes() -> frozenset[str]:
    """Return the schemes of all entry points. Raises `BadUrl` when they cannot be read."""
    return frozenset(_all().names)


def _ours() -> EntryPoints:
    try:
        return distribution(_OURS).entry_points.select(group=GROUP)
    except PackageNotFoundError:
        return EntryPoints()


def _all() -> EntryPoints:
    try:
        return entry_points(group=GROUP)
    except Exception as error:
        # One unreadable entry in any package is enough, and Python does not say which package it is.
        why = type(error).__name__
        raise BadUrl(
            "An installed package has entry points that cannot be read ({why})", _AGAIN, why=why
        ) from error


def _load(entry: EntryPoint) -> Opener:
    package, scheme = _package(entry), entry.name
    try:
        opener = entry.load()
    except Exception as error:
        # Another package's module may raise anything while it is imported.
        why = " ".join(f"{type(error).__name__}: {error}".split())
        raise BadUrl(
            "The opener of '{scheme}:' in package {package} is broken ({why})",
            _AGAIN,
            package=package,
            scheme=scheme,
            why=why,
        ) from error
    if not callable(opener):
        raise BadUrl(
            "The opener of '{scheme}:' in package {package} is not a function",
            _AGAIN,
            package=package,
            scheme=scheme,
        )

    def opened(url: str) -> Transport:
        transport = opener(url)
        if not callable(getattr(transport, "transmit", None)):
            raise BadUrl(
                "The opener of '{scheme}:' in package {package} does not return a transport",
                _AGAIN,
                package=package,
                scheme=scheme,
            )
        return cast(Transport, transport)

    return opened


def _package(entry: EntryPoint) -> str:
    return "?" if entry.dist is None else entry.dist.name
