"""A match as a page: what was counted of all pairs, and the pairs themselves, as many as a page holds.

The pairs are judged again as rows of an audit, which knows how to give each its reasons and its plan; and the rows that
are alike are worked out once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from imagefit.auditing.results import Audited, Results
from imagefit.auditing.tally import Tally
from imagefit.auditing.task import OperationTask
from imagefit.columns.column import Encoded
from imagefit.columns.encoding import Encoder
from imagefit.facts import OriginKind
from imagefit.matching.product import Product
from imagefit.matching.sides import Side
from imagefit.matching.summary import Summary, summary_of
from imagefit.reports.html.audit import MOST_ROWS, cases_of
from imagefit.reports.html.contents import Contents, Missing, Stopped
from imagefit.reports.html.facts import fact_columns
from imagefit.reports.html.heat import Heat, Line
from imagefit.reports.html.page import page_html
from imagefit.reports.html.rows import Coded, Rows
from imagefit.reports.match.text import assumed_lines
from imagefit.reports.match.view import View
from imagefit.rulepack.pack import Severity
from imagefit.supply import flag

__all__ = ["match_html", "view_html"]

MOST_FAMILIES = 300
AT_ONCE = 32_768
"""So many pairs are judged at a time."""


def view_html(view: View) -> str:
    """Return a match as a page: all of it, or that of the one image or ECS that is asked for."""
    return match_html(view.match.only(view.image, view.ecs) if view.is_of_one else view.match)


def match_html(product: Product) -> str:
    """Return a match as a page."""
    images, ecss = _labels(product.images), _labels(product.ecss)
    rows, tally = _judged(product, images, ecss)
    summary = summary_of(product)
    alone = {row["rule"]: row["alone"] for row in product.alone().to_pylist()}
    is_whole = rows.count == product.size
    notes = list(_notes(summary))
    if not is_whole:
        notes.append(f"The numbers are those of all {product.size:,} pairs; the table has the first {rows.count:,}.")
    report = Contents(
        verb="match",
        noun="pairs",
        of=f"{summary.images:,} images with {summary.ecss:,} ECSs",
        pack=product.pack,
        operations=[product.operation],
        counts=product.counts(),
        stopped=[
            Stopped(each.rule, each.fail, alone.get(each.rule), each.unknown)
            for each in summary.rules
            if each.severity is Severity.ERROR and (each.fail or each.unknown)
        ],
        missing=[
            Missing(
                each.fact,
                each.lacking,
                each.of,
                "ECSs" if each.side == "ecs" else f"{each.side}s",
                flag(product.pack.fields[each.fact]),
            )
            for each in summary.missing
        ],
        rows=rows,
        levers=tally.summary().levers if is_whole else None,
        heat=_heat(product, images, ecss),
        notes=notes,
    )
    return page_html(report)


def _notes(summary: Summary) -> Iterator[str]:
    """Say who finds a partner, and what was assumed."""
    for side, of, what in (
        (summary.images_fitting, summary.images, "images"),
        (summary.ecss_fitting, summary.ecss, "ECSs"),
    ):
        yield f"{side.fitting:,} of {of:,} {what} fit something, {side.undecided:,} may, {side.unfit:,} fit nothing."
    for text in assumed_lines(summary.assumed, summary.assumed_of):
        yield f"assumed: {text}"


def _judged(product: Product, images: list[str], ecss: list[str]) -> tuple[Rows, Tally]:
    """Return as many pairs as a page holds, judged as the rows of an audit, and what that counts."""
    rows, tally = Rows(), Tally(product.pack)
    task = OperationTask(product.pack, product.operation, product.select, product.ignore, plans=True)
    for i, j in _places(product):
        encoded = _pairs(product, i, j)
        results = Results(task, task.judge(encoded))
        audited = Audited(encoded, [(results, None)], {})
        tally.add(audited, str)  # reasons are not shown with examples here
        labels = [_label("image", "Image", images, i), _label("ecs", "ECS", ecss, j)]
        cases, numbers = cases_of(results.columns(), audited.operations, product.pack)
        rows.add(cases, numbers, [*labels, *fact_columns(encoded, product.pack)])
    return rows, tally


def _places(product: Product) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the numbers of the images and the ECSs of some pairs at a time, image by image."""
    others = min(product.ecss.count, MOST_ROWS)
    if not others or not product.images.count:
        return
    images = min(product.images.count, MOST_ROWS // others)
    step = max(1, AT_ONCE // others)
    for start in range(0, images, step):
        some = np.arange(start, min(start + step, images))
        yield np.repeat(some, others), np.tile(np.arange(others), len(some))


def _pairs(product: Product, i: NDArray[np.intp], j: NDArray[np.intp]) -> Encoded:
    """Return pairs as rows, completed as the match completes them."""
    encoder = Encoder(product.pack.fields, product.supply)
    columns = [side.encoded.take(own).columns for side, own in ((product.images, i), (product.ecss, j))]
    joined = encoder.joined(len(i), columns)
    return Encoded(
        joined.rows, joined.columns, {**_assumed(product.images, i), **_assumed(product.ecss, j), **joined.assumed}
    )


def _assumed(side: Side, rows: NDArray[np.intp]) -> Mapping[str, NDArray[np.bool_]]:
    """Return the rows of a side in which a fact was assumed already."""
    found: dict[str, NDArray[np.bool_]] = {}
    for row, origins in enumerate(side.origins):
        for name, origin in origins.items():
            if origin.kind is OriginKind.ASSUMED and name in side.encoded.columns:
                found.setdefault(name, np.zeros(side.count, np.bool_))[row] = True
    return {name: mask[rows] for name, mask in found.items()}


def _labels(side: Side) -> list[str]:
    """Return what to call each of a side, no two alike."""
    seen: set[str] = set()
    made = []
    for row in range(side.count):
        name = side.label(row)
        if name in seen:
            name = f"{name} (no. {row + 1})"
        seen.add(name)
        made.append(name)
    return made


def _label(name: str, title: str, labels: list[str], rows: NDArray[np.intp]) -> Coded:
    used, own = np.unique(rows, return_inverse=True)
    made = Coded(name, "label", title)
    made.add([labels[row] for row in used.tolist()], own)
    return made


def _heat(product: Product, images: list[str], ecss: list[str]) -> Heat | None:
    """Return images with families of ECSs: what a flavor's id begins with, up to the first dot."""
    names = [label.partition(".")[0] for label in ecss]
    families = sorted(dict.fromkeys(names))
    places = {name: place for place, name in enumerate(families)}
    of = np.array([places[name] for name in names], np.intp)
    if not 1 < len(families) <= MOST_FAMILIES:  # servers have no families
        return None
    counts = [product.pairs(None, np.flatnonzero(of == family)).by_row for family in range(len(families))]
    compatible = np.stack([fit for fit, _ in counts], axis=1)
    undecided = np.stack([may for _, may in counts], axis=1)
    both = np.concatenate([compatible, undecided], axis=1)
    patterns, own = np.unique(both, axis=0, return_inverse=True)
    lines = []
    for number, pattern in enumerate(patterns):
        members = np.flatnonzero(own.ravel() == number).tolist()
        fit, may = pattern[: len(families)].tolist(), pattern[len(families) :].tolist()
        lines.append(Line(images[members[0]], tuple(members), tuple(fit), tuple(may)))
    lines.sort(key=lambda each: (sum(each.compatible), sum(each.undecided), each.members))
    return Heat(families, np.bincount(of, minlength=len(families)).tolist(), of.tolist(), lines)
