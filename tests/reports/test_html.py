"""Pages of HTML: what stands in them, and that nothing of what stands in them acts."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import imagefit
from htmlpages import Page, is_alone, unpacked
from imagefit.reports.findings.model import Checked, Report
from imagefit.reports.html.check import report_html
from imagefit.reports.html.rows import Case, Coded, Rows, packed
from packfiles import shipped_pack

FACTS = [
    {"id": "a", "name": "web", "image.status": "active", "image.encrypted": False, "team": "blue"},
    {"id": "b", "name": "db", "image.status": "queued", "image.encrypted": True, "team": "red"},
    {"id": "c", "name": "", "image.status": "queued", "image.encrypted": None, "team": "red"},
]


def audited(rows: Any, tmp_path: Path, operation: str = "share", **options: Any) -> Page:
    imagefit.audit(rows, operation=operation, **options).write(tmp_path / "page.html")
    return Page((tmp_path / "page.html").read_text("utf-8"))


def checked(*verdicts: imagefit.Verdict, plans: int = 3) -> Page:
    return Page(report_html(Report(shipped_pack(), list(map(Checked, verdicts)), plans=plans)))


def policy_of(page: Page) -> dict[str, str]:
    (content,) = (a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    return dict(part.strip().split(" ", 1) for part in str(content).split(";"))


def test_the_verdict_stands_first(tmp_path: Path) -> None:
    page = audited(FACTS, tmp_path, "delete", select=["status"])
    assert page.heading == "2 of 3 candidates do not fit"
    assert "✕ 2 incompatible 66.7 %? 0 unknown 0.0 %✓ 1 compatible 33.3 %" in page.text


@pytest.mark.parametrize(
    ("statuses", "line"),
    [
        (["active", "active"], "All 2 candidates fit"),
        (["active", None], "1 of 2 candidates is not decided"),
        (["queued", None, None], "1 of 3 candidates does not fit"),
        (["queued"], "The candidate does not fit"),
        ([], "Nothing was checked"),
    ],
)
def test_the_verdict_is_that_of_the_worst(statuses: list[str | None], line: str, tmp_path: Path) -> None:
    import pandas as pd

    rows = pd.DataFrame({"image.status": pd.array(statuses, "string")})
    assert audited(rows, tmp_path, "delete", select=["status"]).heading == line


def test_each_row_has_its_case_and_its_facts(tmp_path: Path) -> None:
    page = audited(FACTS, tmp_path, plans=True)
    audit = imagefit.audit(FACTS, operation="share", plans=True)
    data = page.data
    cases = [data["cases"][number] for number in unpacked(data["rows"]["cases"])]
    ids = [rule["id"] for rule in data["rules"]]
    table = audit.to_pandas()
    for case, (_, row) in zip(cases, table.iterrows(), strict=True):
        assert ("compatible", "unknown", "incompatible")[case["verdict"]] == row["verdict"]
        assert tuple(ids[rule] for rule, outcome, _ in case["rules"] if outcome == 0) == row["failed_rules"]
        assert tuple(ids[rule] for rule, outcome, _ in case["rules"] if outcome == 1) == row["unknown_rules"]
        assert tuple(data["texts"][text] for _, outcome, text in case["rules"] if outcome < 2) == row["reasons"]
        assert tuple(data["facts"][fact]["name"] for fact in case["missing"]) == row["missing_facts"]
        assert len(case["plans"]) == bool(row["plan"])
    assert page.decoded("key") == ["a", "b", "c"]
    assert page.decoded("name") == ["web", "db", None]
    assert page.decoded("image.status") == ["active", "queued", "queued"]
    assert page.decoded("image.encrypted") == ["false", "true", None]
    assert page.decoded("team") == ["blue", "red", "red"]


def test_a_fact_that_was_assumed_says_so(tmp_path: Path) -> None:
    page = audited(FACTS, tmp_path, assume={"image.encrypted": False})
    assert page.decoded("image.encrypted") == ["false", "true", "false (assumed)"]


def test_rows_of_several_operations_and_batches_stand_in_their_order(tmp_path: Path) -> None:
    rows = [
        {"id": str(n), "operation": ("share", "delete")[n % 2], "image.status": ("active", "queued")[n // 2 % 2]}
        for n in range(7)
    ]
    for start, name in ((0, "one.jsonl"), (4, "two.jsonl")):
        (tmp_path / name).write_text("\n".join(map(json.dumps, rows[start : start + 4 if not start else None])))
    page = audited([tmp_path / "one.jsonl", tmp_path / "two.jsonl"], tmp_path, None)  # type: ignore[arg-type]
    data = page.data
    cases = [data["cases"][number] for number in unpacked(data["rows"]["cases"])]
    pack = shipped_pack()
    assert [data["operations"][case["operation"]] for case in cases] == [
        pack.operations[str(row["operation"])].title for row in rows
    ]
    assert page.decoded("key") == [row["id"] for row in rows]


def test_a_page_holds_so_many_rows_and_counts_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagefit.reports.html.audit.MOST_ROWS", 2)
    page = audited(FACTS, tmp_path, "delete", select=["status"])
    assert page.data["rows"]["count"] == 2 and page.decoded("key") == ["a", "b"]
    assert page.heading == "2 of 3 candidates do not fit"
    assert "the table has the first 2" in page.text
    assert all(len(column["values"]) <= 2 for column in page.data["columns"])  # of the rows that are there


def test_a_page_takes_no_more_rows_once_its_columns_have_very_many_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagefit.reports.html.audit.HtmlWriter.rows_at_once", 100)
    monkeypatch.setattr("imagefit.reports.html.audit.MOST_VALUES", 2)
    rows = [{**FACTS[0], "id": f"i{number}"} for number in range(200)]
    page = audited(rows, tmp_path, "delete", select=["status"])
    assert page.decoded("key") == [f"i{number}" for number in range(100)]
    assert "the table has the first 100" in page.text


def test_the_policy_lets_one_script_and_one_style_act(tmp_path: Path) -> None:
    page = audited(FACTS, tmp_path)
    policy = policy_of(page)
    assert policy["default-src"] == "'none'"
    assert {name for name, value in policy.items() if value != "'none'"} == {
        "script-src",
        "style-src",
        "require-trusted-types-for",
    }
    for name, content in (("script-src", page.contents["script"][1]), ("style-src", page.contents["style"][0])):
        assert policy[name] == f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
    assert [a.get("type") for tag, a in page.elements if tag == "script"] == ["application/json", None]
    assert is_alone(page)


def test_scripts_make_nothing_of_text_but_text() -> None:
    static = Path(str(imagefit.__file__)).parent / "reports" / "html" / "static"
    scripts = "".join(file.read_text("utf-8") for file in static.glob("*.js"))
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|fetch\(|XMLHttp|import\("
    assert re.findall(forbidden + r"|WebSocket|localStorage|cookie|createContextualFragment|DOMParser", scripts) == []


def test_a_plot_stands_beside_its_numbers_or_is_described(tmp_path: Path) -> None:
    page = audited(FACTS, tmp_path)
    plots = [a for tag, a in page.elements if tag == "svg"]
    assert plots and all(a.get("aria-hidden") == "true" or (a["role"] == "img" and a["aria-label"]) for a in plots)
    described = next(a["aria-label"] for a in plots if a.get("role") == "img")
    assert described == "2 incompatible (66.7 %), 1 unknown (33.3 %), 0 compatible (0.0 %)"


def test_a_check_has_its_plans() -> None:
    facts = {"image.visibility": "private", "image.boot_mode": "uefi", "ecs.accelerator": "npu"}
    verdict = imagefit.check(facts, operation="create_ecs", key="mine")
    page = checked(verdict)
    (case,) = page.data["cases"]
    steps = [[step["text"] for step in page.data["plans"][plan]["steps"]] for plan in case["plans"]]
    assert steps == [[step.text for step in plan.steps] for plan in verdict.plans(3)]
    assert page.heading == "mine does not fit" and is_alone(page)


def test_a_check_that_is_open_says_what_to_ask() -> None:
    verdict = imagefit.check({"image.visibility": "private"}, operation="create_ecs", key="mine")
    (case,) = checked(verdict).data["cases"]
    assert case["asks"] == [[ask.command, ask.option] for ask in verdict.ask] != []


def test_several_checks_are_counted() -> None:
    statuses = ("active", "queued", "queued", None)
    verdicts = [
        imagefit.check({"image.status": status}, operation="delete", select=["status"], key=str(number))
        for number, status in enumerate(statuses)
    ]
    page = checked(*verdicts, plans=0)
    assert page.heading == "2 of 4 candidates do not fit"
    assert page.decoded("key") == ["0", "1", "2", "3"]


def test_two_columns_of_one_name_are_two(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame([["active", "x", "y"]] * 2, columns=["image.status", "mine", "mine"])
    page = audited(frame, tmp_path, "delete")
    assert page.decoded("mine") == ["x", "x"] and page.decoded("mine (again)") == ["y", "y"]


IMAGES = [
    {"id": "a", "image.architecture": "x86_64", "image.status": "active", "image.owner": "me"},
    {"id": "b", "image.architecture": "arm64", "image.status": "queued", "image.owner": "you"},
    {"id": "c", "image.architecture": None, "image.status": "active", "image.visibility": "private"},
]
ECSS = [{"id": f"{f}.large.{n}", "ecs.architecture": a} for f, a in (("c7", "x86_64"), ("k1", "arm64")) for n in (2, 4)]
OPTIONS: dict[str, Any] = {"set": {"image.region": "here"}, "assume": {"ecs.account": "@image.owner"}}


def test_each_pair_of_a_match_is_explained_as_a_check_of_it_is(tmp_path: Path) -> None:
    match = imagefit.match(IMAGES, ECSS, operation="create_ecs", **OPTIONS)
    match.write(tmp_path / "match.html")
    page = Page((tmp_path / "match.html").read_text("utf-8"))
    data, pairs = page.data, [(i, j) for i in range(len(IMAGES)) for j in range(len(ECSS))]
    assert list(zip(page.decoded("image"), page.decoded("ecs"), strict=True)) == [
        (IMAGES[i]["id"], ECSS[j]["id"]) for i, j in pairs
    ]
    for number, (i, j) in zip(unpacked(data["rows"]["cases"]), pairs, strict=True):
        case, verdict = data["cases"][number], match.explain(i, j)
        assert ("compatible", "unknown", "incompatible")[case["verdict"]] == verdict.verdict
        said = [(data["rules"][rule]["id"], outcome) for rule, outcome, _ in case["rules"] if outcome < 2]
        assert said == [*((rule.rule, 0) for rule in verdict.failed), *((rule.rule, 1) for rule in verdict.undecided)]
        assert bool(case["plans"]) == (verdict.verdict == "incompatible" and bool(verdict.plans(1)))
    assert page.decoded("ecs.account")[:5] == ["me (assumed)"] * 4 + ["you (assumed)"]
    assert page.decoded("image.region") == ["here"] * len(pairs)
    assert "assumed: ecs.account" in page.text


def test_a_match_that_is_too_large_shows_its_first_pairs_and_counts_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagefit.reports.html.match.MOST_ROWS", 9)
    imagefit.match(IMAGES, ECSS, operation="create_ecs").write(tmp_path / "match.html")
    page = Page((tmp_path / "match.html").read_text("utf-8"))
    assert page.data["rows"]["count"] == 8 and page.decoded("image") == ["a"] * 4 + ["b"] * 4
    assert "of 12 pairs" in page.heading and "the table has the first 8" in page.text


def test_a_family_counts_what_fits_each_image(tmp_path: Path) -> None:
    match = imagefit.match(IMAGES, ECSS, operation="create_ecs", select=["arch.matches"])
    match.write(tmp_path / "match.html")
    page = Page((tmp_path / "match.html").read_text("utf-8"))
    heat = page.data["heat"]
    assert heat["families"] == ["c7", "k1"] and heat["family_of"] == [0, 0, 1, 1]
    fields = [cell for cell in page.cells("td") if re.fullmatch("[✓?✕]( [0-9,/]+)?", cell)]
    assert fields == ["? 2", "? 2", "✓ 2", "✕", "✕", "✓ 2"], "c, then a, then b: those that fit least first"


def test_small_numbers_take_few_bytes() -> None:
    import numpy as np

    for size, width in ((1, 1), (256, 1), (257, 2), (65_536, 2), (65_537, 4)):
        numbers = [0, size - 1]
        told = packed(np.array(numbers), size)
        assert (told["bytes"], unpacked(told)) == (width, numbers)


def test_columns_that_begin_later_are_unknown_before() -> None:
    import numpy as np

    from imagefit.verdicts import VerdictKind

    rows, case = Rows(), Case(VerdictKind.COMPATIBLE, "share")
    first, second = Coded("a", "own", ""), Coded("b", "own", "")
    first.add(["x"], np.zeros(2, np.uint8))
    second.add(["y", "x"], np.array([1, 0]))
    rows.add([case], np.zeros(2, np.uint8), [first])
    rows.add([case], np.zeros(2, np.uint8), [second])
    found = {c.name: c.values(4) for c in rows.columns.values()}
    assert found == {"a": ["x", "x", None, None], "b": [None, None, "x", "y"]}


def test_a_page_is_the_same_on_every_run(tmp_path: Path) -> None:
    pages = []
    for name in ("one.html", "two.html"):
        imagefit.audit(FACTS, operation="share", plans=True).write(tmp_path / name)
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]
