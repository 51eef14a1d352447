"""What a check found, with where it stands: for the formats that other programs show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imagefit.cli.exits import FAIL_ON
from imagefit.readers import Kind

if TYPE_CHECKING:
    from imagefit.reports.findings import Place, Report
    from imagefit.rulepack.pack import Pack
    from imagefit.sources.lines import LineFinder
    from imagefit.sources.pairing import Candidate
    from imagefit.verdicts import Verdict

__all__ = ["report_of"]


def report_of(checked: Sequence[tuple[Verdict, Candidate]], pack: Pack, fail_on: str) -> Report:
    """Return the report of a check."""
    from imagefit import __version__
    from imagefit.reports.findings import Checked, Report
    from imagefit.sources.lines import LineFinder

    finder = LineFinder()
    is_failure = fail_on in FAIL_ON[FAIL_ON.index("unknown") : FAIL_ON.index("never")]
    return Report(
        pack, [Checked(verdict, _place(candidate, finder)) for verdict, candidate in checked], is_failure, __version__
    )


def _place(candidate: Candidate, finder: LineFinder) -> Place:
    """Return where to look: at the request or the planned change, else at the image, else at the ECS."""
    from imagefit.reports.findings import Place

    ecs = candidate.ecs
    is_asked = ecs is not None and ecs.record.kind is Kind.REQUEST
    subject = ecs if is_asked or candidate.image is None else candidate.image
    if subject is None or not subject.file:
        return Place()
    address = subject.record.key if subject.record.stands_alone else ""
    return Place(subject.file, finder.line(subject.file, subject.record, subject.source), address)
