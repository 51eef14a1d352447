"""What is to be reached: ratios within one run, and a few figures that stand alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from records import OURS, Records

__all__ = ["Reached", "reached"]


@dataclass(frozen=True, slots=True)
class Reached:
    """A target, and what was reached: `figure` has to be at least, or at most, `wanted`."""

    what: str
    data: str
    figure: float | None
    wanted: float
    is_at_least: bool
    unit: str = "x"

    @property
    def is_met(self) -> bool | None:
        """Whether it is reached; None if it was not measured."""
        if self.figure is None:
            return None
        return self.figure >= self.wanted if self.is_at_least else self.figure <= self.wanted

    @property
    def wanted_text(self) -> str:
        """The target as text."""
        return f"{'≥' if self.is_at_least else '≤'} {self.wanted:g}{self._suffix}"

    @property
    def figure_text(self) -> str:
        """What was reached as text."""
        if self.figure is None:
            return "-"
        digits = 0 if self.figure >= 100 else 1 if self.figure >= 10 else 2
        return f"{self.figure:.{digits}f}{self._suffix}"

    @property
    def _suffix(self) -> str:
        return "x" if self.unit == "x" else f" {self.unit}"


def reached(found: Records) -> list[Reached]:
    """Return every target with what was reached."""
    return [*_tables(found), *_pairs(found), *_memory(found), *_checks(found)]


def _tables(found: Records) -> Iterator[Reached]:
    memory, file = "masks from memory", "masks from Parquet"
    for data in ("skewed", "adversarial"):
        for peer, wanted in (("pandas", 30.0), ("DuckDB", 5.0), ("Polars", 3.5)):
            yield Reached(f"table from Arrow, against {peer}", data, _times(found, memory, peer, data), wanted, True)
        decoding = _times(found, file, "pyarrow decoding", data)
        yield Reached(
            "table from Parquet, against decoding alone", data, None if not decoding else 1 / decoding, 1.4, False
        )
        yield Reached("table from Parquet, against Polars", data, _times(found, file, "Polars", data), 1.0, True)
        without, with_ = found.one("columns", OURS, data), found.one("columns and reasons", OURS, data)
        figure = with_.each_ns / without.each_ns if with_ and without else None
        yield Reached("the same with reasons, against without", data, figure, 1.5, False)


def _pairs(found: Records) -> Iterator[Reached]:
    for data in ("skewed", "adversarial"):
        for peer, wanted in (("DuckDB", 150.0), ("Polars", 60.0)):
            figure = _times(found, "cross product", peer, data)
            yield Reached(f"cross product, cold, against {peer}", data, figure, wanted, True)
    large = found.one("large cross product", OURS)
    count = f"{large.items:,} pairs".replace(",", " ") if large else "2 billion pairs"
    yield Reached(f"{count}: per pair", "skewed", large and large.each_ns, 0.5, False, "ns")
    files = found.one("large cross product from files", OURS)
    peak = files and files.peak_mib and files.peak_mib * 1.048576
    yield Reached(f"{count}, from files: peak memory", "skewed", peak, 500, False, "MB")


def _memory(found: Records) -> Iterator[Reached]:
    for record in sorted(found.of("Parquet to Parquet"), key=lambda r: r.items):
        count = f"{record.items:,}".replace(",", " ")
        peak = record.peak_mib and record.peak_mib * 1.048576
        yield Reached(f"peak memory, Parquet to Parquet, {count} rows", record.data, peak, 500, False, "MB")


def _checks(found: Records) -> Iterator[Reached]:
    tabular = f"{OURS}, tabular"
    verdict = found.one("one check, verdict only", tabular)
    explained = found.one("one check, explained", tabular, "the same again")
    peer = found.one("one check, verdict only", "durable_rules")
    figure = peer.median / verdict.median if peer and verdict else None
    yield Reached("one check (tabular), verdict only, against durable_rules", "distinct", figure, 15, True)
    figure = explained.median / explained.items * 1e6 if explained else None
    yield Reached("one check (tabular) with full explanation, p50", "the same again", figure, 25, False, "µs")


def _times(found: Records, measure: str, peer: str, data: str) -> float | None:
    """Return how many times as long a peer needs for an item."""
    ours, its = found.one(measure, OURS, data), found.one(measure, peer, data)
    return its.each_ns / ours.each_ns if ours and its else None
