"""A line a finding: for people who grep, and for the annotations of GitHub Actions."""

from __future__ import annotations

from imagefit.escaping import line
from imagefit.reports.findings.model import Finding, Report

__all__ = ["concise", "github"]


def concise(report: Report) -> str:
    """Return ``images.json#web: error boot.uefi-on-heterogeneous: the image ...``, a line a finding."""
    return "\n".join(
        line(f"{finding.checked.name}: {finding.level} {finding.rule}: {finding.result.message}")
        for finding in report.findings()
    )


COMMANDS = {"error": "error", "warning": "warning", "unknown": "notice", "waived": "notice"}


def github(report: Report) -> str:
    """Return workflow commands, which GitHub shows at the file and the line; what is undecided and fails, as errors."""
    return "\n".join(_command(finding, report) for finding in report.findings())


def _command(finding: Finding, report: Report) -> str:
    place, result = finding.checked.place, finding.result
    name = COMMANDS[finding.level]
    if finding.level == "unknown" and report.is_unknown_failure:
        name = "error"
    properties = {
        "file": place.file if place.file != "-" else "",
        "line": str(place.line or ""),
        "title": f"{finding.rule} ({finding.level})",
    }
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    key = finding.checked.verdict.key
    return f"::{name} {said}::{_data(line((f'{key}: ' if key else '') + result.message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(line(text)).replace(":", "%3A").replace(",", "%2C")
