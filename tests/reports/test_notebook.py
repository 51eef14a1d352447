"""What a notebook shows of results: the verdict first, with its sign, then why, then the caller's own columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import imagefit
from htmlpages import Page, is_alone
from packfiles import shipped_pack

ROWS = [
    {"id": "a", "mine": "left", "image.status": "active"},
    {"id": "b", "mine": "right", "image.status": "queued"},
    {"id": "c", "mine": "right", "image.status": None},
]
ECSS = [{"id": "e", "ecs.architecture": "x86_64"}]


def audited() -> imagefit.Audit:
    return imagefit.audit(ROWS, operation="delete", select=["status"])


def matched() -> imagefit.Match:
    images = [{"id": "i", "image.architecture": "arm64"}, {"id": "j", "image.architecture": "x86_64"}]
    return imagefit.match(images, ECSS, operation="create_ecs", select=["arch.matches"])


def checked(status: str | None) -> imagefit.Verdict:
    return imagefit.check({"image.status": status}, operation="delete", select=["status"], key="web")


FRAGMENTS: list[tuple[Callable[[], Any], str]] = [
    (audited, "✕ incompatible 1 of 3 candidates does not fit"),
    (lambda: audited().summary(), "✕ incompatible 1 of 3 candidates does not fit"),
    (matched, "✕ incompatible 1 of 2 pairs does not fit"),
    (lambda: matched().summary(), "✕ incompatible 1 of 2 pairs does not fit"),
    (lambda: checked("queued"), "✕ incompatible delete, web"),
    (lambda: checked(None), "? unknown delete, web"),
    (lambda: checked("active"), "✓ compatible delete, web"),
    (shipped_pack, "huawei-ims 1.0.0"),
    (lambda: shipped_pack().rule("arch.matches"), "arch.matches"),
]


@pytest.mark.parametrize(("made", "first"), FRAGMENTS)
def test_what_counts_most_stands_first(made: Callable[[], Any], first: str) -> None:
    page = Page(made()._repr_html_())
    assert page.text.startswith(first)
    assert is_alone(page, has_styles=True) and page.contents == {"script": [], "style": []}


def test_the_callers_columns_come_after_the_verdict_and_the_reasons() -> None:
    page = Page(audited()._repr_html_())
    assert page.cells("th")[3:] == ["verdict", "reasons", "warnings", "id", "mine", "image.status"]
    assert page.cells("td")[3:9] == ["✓ compatible", "", "", "a", "left", "active"]
    assert page.cells("td")[10] == audited().explain(1).failed[0].message


def test_rows_beyond_the_first_are_counted() -> None:
    page = Page(imagefit.audit(ROWS * 10, operation="delete", select=["status"])._repr_html_())
    assert page.text.endswith("… 10 more rows")


def test_a_verdict_says_why_and_where_it_is_written() -> None:
    verdict = checked("queued")
    text = Page(verdict._repr_html_()).text
    (rule,) = verdict.failed
    assert rule.message in text and rule.rule in text and rule.source.section in text
    assert all(remedy.text in text for remedy in rule.remedies)


def test_a_pack_counts_its_rules_by_concern() -> None:
    pack = shipped_pack()
    page = Page(pack._repr_html_())
    cells = page.cells("td")
    boots = [rule for rule in pack.rules if rule.concern == "boot"]
    assert int(cells[cells.index("boot") + 1]) == sum(rule.severity == "error" for rule in boots)


def test_a_rule_shows_its_conditions_and_examples() -> None:
    rule = shipped_pack().rule("boot.uefi-on-heterogeneous")
    page = Page(rule._repr_html_())
    assert "image.boot_mode is bios" in page.text
    assert page.cells("td")[::2] == [example.outcome.replace("_", " ") for example in rule.examples]
