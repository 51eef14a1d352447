"""Findings as Markdown: the summary of a job, or a comment at a change."""

from __future__ import annotations

from collections.abc import Iterator

from imagefit.escaping import address, cell, code, plain
from imagefit.reports.findings.model import Finding, Report

__all__ = ["markdown"]

MOST_CHARACTERS = 200_000
"""So long is the table at most: GitHub takes a summary of 1 MiB, and a character may take four bytes of it."""


def markdown(report: Report) -> str:
    """Return what was found: the counts, then each candidate that has findings, then the rules with their sources."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"## imagefit: {report.counted() or 'nothing was checked'}"
    yield ""
    rows = list(map(_row, report.findings()))
    if rows:
        yield "| candidate | operation | verdict | rule | why |"
        yield "|---|---|---|---|---|"
    length = 0
    for number, row in enumerate(rows):
        length += len(row)
        if length > MOST_CHARACTERS:
            yield f"| and {len(rows) - number:,} more findings | | | | |"
            break
        yield row
    if left := report.left_out():
        yield ""
        yield f"{plain(left)}."
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


def _row(finding: Finding) -> str:
    verdict = finding.checked.verdict
    cells = (
        code(finding.checked.name),
        code(verdict.operation),
        f"**{verdict.verdict}**" if finding.level == "error" else f"{verdict.verdict}",
        code(finding.rule) + (f" ({finding.label})" if finding.label != "error" else ""),
        _why(finding),
    )
    return f"| {' | '.join(map(cell, cells))} |"


def _why(finding: Finding) -> str:
    remedies = [remedy.text for remedy in finding.result.remedies]
    return plain(finding.message) + "".join(f"<br>_{plain(remedy)}_" for remedy in remedies)
