"""`imagefit audit --explain KEY`: one row, as `check --explain` shows a candidate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
ROWS = [
    {"id": "a1", "name": "web", "image.visibility": "private", "image.encrypted": True},
    {"id": "b2", "name": "till", "image.visibility": "public"},
    {"id": "b2", "name": "till-2", "image.visibility": "private"},
]


@pytest.fixture
def table(tmp_path: Path) -> str:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in ROWS))
    return str(file)


def verdicts(result: Result) -> list[dict[str, object]]:
    return json.loads(result.stdout)["verdicts"]


def test_a_row_is_what_check_says_of_it(run: Run, table: str) -> None:
    how = ("--operation", "share", "--format", "json")
    (explained,) = verdicts(run("audit", table, *how, "--explain", "a1"))
    (checked, *_) = verdicts(run("check", table, *how, "--explain"))
    names = ("key", "verdict", "rules", "missing", "ask", "facts", "plans")
    assert {name: explained[name] for name in names} == {name: checked[name] for name in names}


@pytest.mark.parametrize(
    ("keys", "found"),
    [(["a1"], ["a1"]), (["web"], ["a1"]), (["b2", "a1"], ["b2", "b2", "a1"]), (["till-2", "web"], ["b2", "a1"])],
)
def test_rows_are_asked_for_by_key_or_name_and_come_in_that_order(
    run: Run, table: str, keys: list[str], found: list[str]
) -> None:
    options = [part for key in keys for part in ("--explain", key)]
    result = run("audit", table, "--operation", "share", "--format", "json", *options)
    assert [verdict["key"] for verdict in verdicts(result)] == found


def test_the_text_has_conditions_and_where_facts_came_from_and_the_exit_code_is_that_of_the_row(
    run: Run, table: str
) -> None:
    result = run("audit", table, "--operation", "share", "--explain", "web")
    assert result.exit_code == 1
    assert result.stdout.startswith("INCOMPATIBLE: share the image (1 rule against it)\n  row ")
    assert "[false] image.encrypted is false; found true" in result.stdout
    assert f"file:{table}" in "".join(result.stdout.split())
    assert run("audit", table, "--operation", "share", "--explain", "till-2").exit_code == 3


def test_a_row_that_is_not_there_is_named_with_the_nearest(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(
        "".join(f'{{"id": "row-{n}", "name": "image number {n}", "image.encrypted": true}}\n' for n in range(300))
    )
    for wrong, near in (("row-1x7", "row-1"), ("image nunber 12", "image number 12")):
        result = run("audit", str(file), "--operation", "share", "--explain", wrong)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"--explain: unknown row: '{wrong}'" in result.stderr
        assert f"did you mean '{near}" in result.stderr


def test_its_line_stands_in_what_programs_read(run: Run, table: str) -> None:
    result = run("audit", table, "--operation", "share", "--format", "github", "--explain", "till")
    assert f"file={table},line=2," in result.stdout


def test_a_summary_of_single_rows_is_refused(run: Run, table: str) -> None:
    result = run("audit", table, "--operation", "share", "--explain", "a1", "--summary", "-")
    assert result.exit_code == 2
    assert "--summary is of all" in result.stderr
