"""The report of a run: as text for a terminal, as tables for the documentation, and as charts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charts import line_chart
from records import OURS, Record, Records

if TYPE_CHECKING:
    from jobs import Job
from targets import Reached, reached

__all__ = ["JOBS_HEAD", "ROOT", "as_text", "between", "job_line", "write_docs", "write_jobs"]

ROOT = Path(__file__).parents[1]
MEASURES = {
    "masks from memory": "a table in memory: verdict, failing and unknown rules of each row",
    "masks from Parquet": "the same from a Parquet file",
    "columns": "a table in memory: all result columns but the reasons",
    "columns and reasons": "a table in memory: verdict and reasons as text",
    "cross product": "every image with every ECS: verdicts counted",
    "large cross product": "the same, many more",
    "large cross product from files": "the same from Parquet files, in its own process",
    "Parquet to Parquet": "a file to a file, with reasons, in its own process",
    "one check, verdict only": "one candidate",
    "one check, explained": "one candidate, with explanation",
    "one check, all rules explained": "one candidate, every rule of the operation explained",
    "one check, explained, as a dict": "one candidate, with explanation, as JSON data",
    "loading the pack": "a pack, loaded and checked, examples included",
    "a process, start to end": "a process, from start to end",
}


JOBS_HEAD = """| job | data | each | imagefit, CPU | the others | ratio | target | wall | peak MB |
|---|---|---|---:|---|---:|---|---|---|"""


def as_text(found: Records, about: Any) -> str:
    """Return what was measured and what was reached, for a terminal."""
    lines = ["", f"{about['machine']}; load {about['load'][0]:.1f}; {_versions(about)}"]
    for measure, title in MEASURES.items():
        for data in dict.fromkeys(r.data for r in found.of(measure)):
            lines += ["", f"{title} ({data})"]
            lines += [_line(record, found) for record in found.of(measure, data)]
    lines += ["", f"{'target':<58} {'data':<12} {'wanted':>9} {'reached':>9}"]
    for target in reached(found):
        if target.figure is not None:
            mark = "" if target.is_met else "  missed"
            lines.append(f"{target.what:<58} {target.data:<12} {target.wanted_text:>9} {target.figure_text:>9}{mark}")
    return "\n".join(lines)


def write_docs(found: Records, about: Any) -> None:
    """Write the tables into docs/performance.md and the README, and the charts into docs/."""
    between(ROOT / "docs/performance.md", "targets", _targets_table(reached(found)))
    between(ROOT / "docs/performance.md", "measured", _measured_tables(found, about))
    between(ROOT / "README.md", "benchmarks", _summary(found, about))
    _charts(found, about)


def write_jobs(found: Sequence[tuple[Job, list[Record]]]) -> None:
    """Write the whole jobs into docs/performance.md, and what they need beside the peers into the README."""
    between(ROOT / "docs/performance.md", "jobs", "\n".join([JOBS_HEAD, *(job_line(*each) for each in found)]))
    lines = ["| CPU time | imagefit, all rules | DuckDB, five rules | Polars, five rules |", "|---|---:|---:|---:|"]
    for job, records in found:
        cells = [next((_time(r.cpu / r.items) for r in records if r.tool == tool and r.cpu), "") for tool in FILE_TOOLS]
        if job.unit in ("row", "image") and " to " in job.name:
            lines.append(f"| {job.name} ({job.data}), per {job.unit} | **{cells[0]}** | {' | '.join(cells[1:])} |")
    between(ROOT / "README.md", "jobs", "\n".join(lines))


FILE_TOOLS = (OURS, "DuckDB", "Polars")


def job_line(job: Job, found: Sequence[Record]) -> str:
    """Return the line of a job in the table of `JOBS_HEAD`: CPU seconds an item, wall and memory of each tool."""
    ratio, mark = job.ratio(found), ""
    figure, sign = (1 / ratio, "≥") if job.is_least else (ratio, "≤")
    if job.most is not None:
        is_met = figure >= job.most if job.is_least else figure <= job.most
        mark = f"{sign} {job.most:g}x: {'met' if is_met else '**missed**'}"
    ours, *others = (_time((r.cpu or 0) / r.items) for r in found)
    beside = ", ".join(f"{r.tool} {own}" for r, own in zip(found[1:], others, strict=True))
    walls = ", ".join(_time(r.median / r.items) for r in found)
    peaks = ", ".join(f"{(r.peak_mib or 0) * 1.048576:.0f}" for r in found)
    each = f"of {_count(job.items)} {job.unit}s" if job.items > 1 else job.unit
    return f"| {job.name} | {job.data} | {each} | {ours} | {beside} | {figure:.2f}x | {mark} | {walls} | {peaks} |"


def _line(record: Record, found: Records) -> str:
    ours = found.one(record.measure, OURS, record.data)
    times = f"{record.each_ns / ours.each_ns:8.2f}x" if ours and record.tool != OURS else " " * 9
    peak = f"  peak {record.peak_mib * 1.048576:.0f} MB" if record.peak_mib else ""
    return f"  {record.tool:<34} {_count(record.items):>14} {record.unit}s {_each(record):>12} {times}{peak}"


def _targets_table(targets: Sequence[Reached]) -> str:
    lines = ["| | data | target | reached | |", "|---|---|---:|---:|---|"]
    for t in targets:
        if t.figure is not None:
            mark = "met" if t.is_met else "**missed**"
            lines.append(f"| {t.what} | {t.data} | {t.wanted_text} | {t.figure_text} | {mark} |")
    return "\n".join(lines)


def _measured_tables(found: Records, about: Any) -> str:
    parts = [
        f"Measured on {about['date']} on {about['machine']} "
        f"(load {about['load'][0]:.1f} at the end); {_versions(about)}."
    ]
    for measure, title in MEASURES.items():
        kinds = list(dict.fromkeys(r.data for r in found.of(measure)))
        for data in sorted(kinds, reverse=True):
            rows = [f"\n**{title[0].upper()}{title[1:]}** ({data})\n", "| | measured | each | against imagefit |"]
            rows.append("|---|---:|---:|---:|")
            ours = found.one(measure, OURS, data)
            for record in found.of(measure, data):
                times = f"{record.each_ns / ours.each_ns:.2f}x" if ours and record.tool != OURS else ""
                peak = f", peak {record.peak_mib * 1.048576:.0f} MB" if record.peak_mib else ""
                name = f"**{record.tool}**" if record.tool.startswith(OURS) else record.tool
                rows.append(f"| {name} | {_count(record.items)} {record.unit}s{peak} | {_each(record)} | {times} |")
            parts += rows
    return "\n".join(parts)


def _summary(found: Records, about: Any) -> str:
    """Return the few lines that the README has."""
    lines = ["| | imagefit | DuckDB | Polars | pandas | pandera |", "|---|---:|---:|---:|---:|---:|"]
    rows = (
        ("a table in memory", "masks from memory"),
        ("a Parquet file", "masks from Parquet"),
        ("reasons as text", "columns and reasons"),
        ("the same, written to a Parquet file", "Parquet to Parquet"),
        ("every image with every ECS", "cross product"),
    )
    for title, measure in rows:
        cells = [found.one(measure, tool, "skewed") for tool in (OURS, "DuckDB", "Polars", "pandas", "pandera")]
        if cells[0]:
            texts = ["" if cell is None else _each(cell) for cell in cells]
            items = f"{_count(cells[0].items)} {cells[0].unit}s"
            lines.append(f"| {title} ({items}), per {cells[0].unit} | **{texts[0]}** | {' | '.join(texts[1:])} |")
    return "\n".join(
        [*lines, "", f"On {about['machine']}; how it was measured: [docs/performance.md](docs/performance.md)."]
    )


def _charts(found: Records, about: Any) -> None:
    rules, docs = "55 rules over 57 facts", ROOT / "docs"
    charts = (
        ("rows", "Time against rows", f"verdict, failing and unknown rules; {rules}; skewed data", "candidates"),
        ("rules", "Time against rules", "generated rules over 40 facts; 1 000 000 candidates", "rules"),
        (
            "pairs",
            "Time against pairs",
            "create_ecs, 49 rules; images x 2 000 ECSs, from the sides to the counts",
            "pairs",
        ),
    )
    for name, title, note, label in charts:
        series = found.series(f"growth with {name}")
        if series:
            line_chart(docs / f"growth-{name}.svg", title, f"{note}; {about['machine']}", label, "", series)


def between(path: Path, name: str, text: str) -> None:
    """Replace what stands between two marker comments of a file."""
    marker = f"<!-- {name} -->"
    old = path.read_text(encoding="utf-8")
    if old.count(marker) != 2:
        raise ValueError(f"{path.name} does not have the marker {marker} twice")
    new = re.sub(f"{marker}.*{marker}", lambda _: f"{marker}\n{text}\n{marker}", old, flags=re.DOTALL)
    path.write_text(new, encoding="utf-8")


def _each(record: Record) -> str:
    return _time(record.each_ns / 1e9)


def _time(seconds: float) -> str:
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds * 1e6:.3g} µs" if seconds >= 1e-6 else f"{seconds * 1e9:.3g} ns"


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _versions(about: Any) -> str:
    names = ("python", "numpy", "pandas", "pyarrow", "polars", "duckdb", "pandera", "durable_rules")
    return ", ".join(f"{name} {about[name]}" for name in names if name in about)
