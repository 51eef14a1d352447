"""What was found, for those who read it elsewhere: code hosts, CI servers, a summary of a job.

A format is a function of a `Report` in a module of its own, and a line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from imagefit.reports.findings.model import Checked, Finding, Place, Report

__all__ = ["FORMATS", "Checked", "Finding", "Place", "Report", "report_text"]

FORMATS: Mapping[str, str] = {
    "concise": "imagefit.reports.findings.lines:concise",
    "github": "imagefit.reports.findings.lines:github",
    "markdown": "imagefit.reports.findings.summary:markdown",
    "sarif": "imagefit.reports.findings.sarif:sarif",
    "junit": "imagefit.reports.findings.junit:junit",
}
"""The formats, and the place of the function that makes each."""


def report_text(name: str, report: Report) -> str:
    """Return a report in a format of `FORMATS`, with a line end after it if it is not empty."""
    module, _, function = FORMATS[name].partition(":")
    text: str = getattr(import_module(module), function)(report)
    return text if not text or text.endswith("\n") else text + "\n"
