"""What is raised where something that must hold does not."""

from __future__ import annotations


class Violation(AssertionError):
    """Something that must hold does not: `family` is the kind of rule, `subject` what failed.

    Both are the same for all findings of one cause; `detail` is of this one.
    """

    def __init__(self, family: str, subject: str, detail: str = "") -> None:
        super().__init__(f"{family}: {subject}" + (f" ({detail})" if detail else ""))
        self.family = family
        self.subject = subject
        self.detail = detail
