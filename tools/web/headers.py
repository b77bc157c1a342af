"""Headers that every answer carries, against what a browser would do by itself."""

from __future__ import annotations

from typing import Final

POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The content security policy: nothing from another machine, nothing inline, no frame around the page."""

HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
SANDBOX: Final = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""What a person's file may do in the browser that opens it: nothing."""
NOT_KEPT: Final = (b"cache-control", b"no-store")
"""Added to an answer that says nothing about caches itself."""
