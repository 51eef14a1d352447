"""Findings as JUnit's XML, which every CI server shows: a suite an operation, a case a candidate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from imagefit.escaping import line
from imagefit.reports.findings.model import Checked, Finding, Report, findings_of
from imagefit.verdicts import VerdictKind

__all__ = ["junit"]

# XML 1.0 has no way to write these, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """Return the suites; what is incompatible is a failure, what is undecided an error where the run fails for it."""
    by_operation: dict[str, list[Checked]] = {}
    for checked in report.checked:
        by_operation.setdefault(checked.verdict.operation, []).append(checked)
    root = ElementTree.Element("testsuites", name="imagefit")
    for operation, cases in by_operation.items():
        _suite(root, operation, cases, report)
    _count(root, report.checked, report)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: ElementTree.Element, operation: str, cases: Sequence[Checked], report: Report) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_text(operation))
    _count(suite, cases, report)
    properties = ElementTree.SubElement(suite, "properties")
    told = {"pack": f"{report.pack.name} {report.pack.version}", "digest": report.pack.digest}
    for name, value in (told | ({"left out": left} if (left := report.left_out()) else {})).items():
        ElementTree.SubElement(properties, "property", name=name, value=_text(value))
    for checked in cases:
        place = checked.place
        attributes = {
            "name": _text(checked.verdict.key or operation),
            "classname": _text(place.file or "imagefit"),
            "time": "0",
        }
        if place.file:
            attributes["file"] = _text(place.file)
        if place.line:
            attributes["line"] = str(place.line)
        case = ElementTree.SubElement(suite, "testcase", attributes)
        found = list(findings_of(checked))
        kind = _outcome(checked, report)
        if kind:
            deciding = [finding for finding in found if finding.level in ("error", "unknown", "waived")]
            outcome = ElementTree.SubElement(
                case,
                kind,
                message=_text("; ".join(finding.message for finding in deciding)),
                type=_text(", ".join(finding.rule for finding in deciding)),
            )
            outcome.text = _told(deciding)
        rest = [finding for finding in found if not kind or finding.level == "warning"]
        if rest:
            ElementTree.SubElement(case, "system-out").text = _told(rest)


def _outcome(checked: Checked, report: Report) -> str:
    verdict = checked.counting
    if verdict is VerdictKind.INCOMPATIBLE:
        return "failure"
    if verdict is VerdictKind.UNKNOWN and report.is_unknown_failure:
        return "error"
    is_accepted = checked.verdict.waived or checked.verdict.verdict is not verdict
    return "skipped" if verdict is VerdictKind.COMPATIBLE and is_accepted else ""


def _count(element: ElementTree.Element, cases: Sequence[Checked], report: Report) -> None:
    outcomes = [_outcome(checked, report) for checked in cases]
    element.set("tests", str(len(cases)))
    element.set("failures", str(outcomes.count("failure")))
    element.set("errors", str(outcomes.count("error")))
    element.set("skipped", str(outcomes.count("skipped")))
    element.set("time", "0")


def _told(findings: Sequence[Finding]) -> str:
    lines = []
    for finding in findings:
        result = finding.result
        lines.append(f"{finding.label} {finding.rule}: {finding.message}")
        lines += [f"  remedy: {remedy.text}" for remedy in result.remedies]
        if result.missing:
            lines.append(f"  depends on: {', '.join(result.missing)}")
    return "\n".join(map(_text, lines))


def _text(text: str) -> str:
    """Return text that XML can hold: control and direction characters as escapes."""
    return _NOT_XML.sub("\ufffd", line(text))
