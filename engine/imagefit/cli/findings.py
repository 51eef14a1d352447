"""What a check found, with where it stands: a report, for all formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imagefit.cli.exits import is_unknown_failure
from imagefit.readers import Kind
from imagefit.reports.formats import FORMATS

if TYPE_CHECKING:
    from imagefit.reports.findings.model import Place, Report, Side
    from imagefit.rulepack.pack import Pack
    from imagefit.sources.lines import LineFinder
    from imagefit.sources.pairing import Candidate
    from imagefit.sources.subjects import Subject
    from imagefit.verdicts import Verdict

__all__ = ["report_of"]


def report_of(
    checked: Sequence[tuple[Verdict, Candidate]],
    pack: Pack,
    fail_on: str,
    kind: str,
    *,
    explain: bool,
    plans: int,
    known: Sequence[frozenset[str] | None],
) -> Report:
    """Return the report of a check for a format; `known` are the rules of each verdict with findings in a baseline."""
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.reports.findings.model import Checked, Report

    finder = None
    if FORMATS[kind].findings:  # others say nothing of lines
        from imagefit.sources.lines import LineFinder

        subjects = [subject for _, each in checked for subject in (each.image, each.ecs) if subject is not None]
        finder = LineFinder(subject.source for subject in subjects if subject.source is not None)
    found = [
        Checked(verdict, _place(each, finder), _side(each.image), _side(each.ecs), each.subjects, known=of)
        for (verdict, each), of in zip(checked, known, strict=True)
    ]
    return Report(
        pack,
        found,
        is_unknown_failure(fail_on),
        width=text_width(),
        colour=is_colour_wanted(),
        explain=explain,
        plans=plans,
    )


def _place(candidate: Candidate, finder: LineFinder | None) -> Place:
    """Return where to look: at the request or the planned change, else at the image, else at the ECS."""
    from imagefit.reports.findings.model import Place

    ecs = candidate.ecs
    is_asked = ecs is not None and ecs.record.kind is Kind.REQUEST
    subject = ecs if is_asked or candidate.image is None else candidate.image
    if subject is None or not subject.file:
        return Place()
    address = subject.record.key if subject.record.stands_alone else ""
    line = None if finder is None else finder.line(subject.file, subject.record)
    return Place(subject.file, line, address)


def _side(subject: Subject | None) -> Side | None:
    from imagefit.reports.findings.model import Side

    return None if subject is None else Side(subject.record.id, subject.record.name, subject.file)
