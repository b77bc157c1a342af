"""A campaign as JUnit XML: a test case per target, a failure per finding."""

from __future__ import annotations

from xml.etree import ElementTree

from tla_sim.tools.fuzz.report_data import Report


def render(report: Report) -> bytes:
    """Return the XML document."""
    found = len(report.findings)
    suite = ElementTree.Element(
        "testsuite",
        name="tla fuzz",
        tests=str(len(report.targets) + found),
        failures=str(found),
        errors="0",
        time=f"{report.seconds:.2f}",
    )
    for each in report.targets:
        ElementTree.SubElement(suite, "testcase", classname="fuzz", name=f"{each.name}: {each.cases} cases")
    for finding in report.findings:
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"fuzz.{finding.target}", name=_plain(finding.cause)
        )
        failure = ElementTree.SubElement(case, "failure", message=_plain(finding.message)[:500])
        failure.text = f"{finding.file_name}\n{finding.origin}"
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def _plain(text: str) -> str:
    """Replace the characters that XML 1.0 does not allow."""
    return "".join(char if char >= " " or char in "\n\t" else "?" for char in text)
