"""A line a finding: for people who grep, and for the annotations of GitHub Actions."""

from __future__ import annotations

from imagefit.escaping import line
from imagefit.reports.findings.model import Finding, Report

__all__ = ["concise", "github"]


def concise(report: Report) -> str:
    """Return ``images.json#web: error boot.uefi-on-heterogeneous: the image ...``, a line a finding."""
    found = [f"{each.checked.name}: {each.label} {each.rule}: {each.message}" for each in report.findings()]
    if left := report.left_out():
        found.append(f"imagefit: {left}")
    return "".join(f"{line(text)}\n" for text in found)


COMMANDS = {"error": "error", "warning": "warning", "unknown": "notice", "waived": "notice"}


def github(report: Report) -> str:
    """Return workflow commands, which GitHub shows at the file and the line; what is undecided and fails, as errors."""
    told = [_command(finding, report) for finding in report.findings()]
    if left := report.left_out():
        told.append(f"::warning title=imagefit::{_data(left)}")
    return "".join(f"{text}\n" for text in told)


def _command(finding: Finding, report: Report) -> str:
    place = finding.checked.place
    name = COMMANDS[finding.level]
    if finding.level == "unknown" and report.is_unknown_failure:
        name = "error"
    if finding.is_known:
        name = "notice"
    properties = {
        "file": place.file if place.file != "-" else "",
        "line": str(place.line or ""),
        "title": f"{finding.rule} ({finding.label})",
    }
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    key = finding.checked.verdict.key
    return f"::{name} {said}::{_data(line((f'{key}: ' if key else '') + finding.message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(line(text)).replace(":", "%3A").replace(",", "%2C")
