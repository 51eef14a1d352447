"""Findings as Markdown: the summary of a job, or a comment at a change."""

from __future__ import annotations

from collections.abc import Iterator

from imagefit.escaping import address, cell, code, plain
from imagefit.reports.findings.model import Finding, Report
from imagefit.verdicts import VerdictKind

__all__ = ["markdown"]

MOST = 500
"""So many candidates are shown one by one: GitHub takes a summary of 1 MiB."""

ORDER = (VerdictKind.INCOMPATIBLE, VerdictKind.UNKNOWN, VerdictKind.COMPATIBLE)


def markdown(report: Report) -> str:
    """Return what was found: the counts, then each candidate that has findings, then the rules with their sources."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    counts = ", ".join(f"{count} {kind}" for kind in ORDER if (count := report.count(kind)))
    yield f"## imagefit: {counts or 'nothing was checked'}"
    yield ""
    found: dict[int, list[Finding]] = {}
    for finding in report.findings():
        found.setdefault(id(finding.checked), []).append(finding)
    if found:
        yield "| candidate | operation | verdict | rule | why |"
        yield "|---|---|---|---|---|"
    for number, findings in enumerate(found.values()):
        if number == MOST:
            yield f"| and {len(found) - MOST} more | | | | |"
            break
        for finding in findings:
            verdict = finding.checked.verdict
            cells = (
                code(finding.checked.name),
                code(verdict.operation),
                f"**{verdict.verdict}**" if finding.level == "error" else f"{verdict.verdict}",
                code(finding.rule) + (f" ({finding.level})" if finding.level != "error" else ""),
                _why(finding),
            )
            yield "| " + " | ".join(map(cell, cells)) + " |"
    rules = report.rules()
    if rules:
        yield ""
        yield "<details><summary>The rules, and where they are written down</summary>"
        yield ""
        for rule in rules:
            source = report.pack.sources.get(rule.source.document)
            where = plain(" ".join(filter(None, (source.title if source else "", rule.source.section))))
            link = f"[{where}]({address(source.address)})" if source and source.address else where
            yield f"- {code(rule.id)}: {plain(rule.title)}; {link}"
        yield ""
        yield "</details>"


def _why(finding: Finding) -> str:
    remedies = [remedy.text for remedy in finding.result.remedies]
    return plain(finding.result.message) + "".join(f"<br>_{plain(remedy)}_" for remedy in remedies)
