"""Hostile texts through every command and every format: nothing acts on a terminal, in Markdown or in HTML.

The texts stand wherever somebody else writes: in a pack, in the names of files and folders, in keys, columns and cells,
in values of options. Formats for programs keep them as they are.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from markdown_it import MarkdownIt

import commands
import imagefit
from htmlpages import Page, is_alone
from imagefit.cli.root import root
from imagefit.reports.formats import FORMATS

ACTS = (
    "\x1b[31mred\x1b]8;;http://evil.example\x07link\x1b]8;;\x07\x1b]52;c;ZXZpbA==\x07\x9b2J\x7f\x08"  # a terminal's
    "\r\nimagefit: FORGED\x85imagefit: FORGED\u2028imagefit: FORGED\u2029imagefit: FORGED\x0bx\x0cx"  # ends of lines
    "\u202eright\u2066\u200f\u061c\u00ad\u200b\ufeff\U000e0041\U000e007f"  # directions, and what is not seen
)
MARKUP = "`code``|cell|<script>alert(1)</script><img src=x>[a](javascript:alert(1))![b](http://evil.example)&lt;*_~~$#"
TEXT = f"# {MARKUP}{ACTS}"
NAME = ACTS.replace("/", "").replace("\0", "")[:80] + "<script>`|"  # of a file
VALUE = ("a" + TEXT).replace(";", "")  # of an enum
SHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # categories of what must not be


def quoted(text: str) -> str:
    """Return a text as YAML."""
    plain = (c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return "".join(['"', *plain, '"'])


def pack(folder: Path) -> Path:
    """Write a pack all of whose free texts are hostile."""
    text = quoted(TEXT)
    rules = f"{NAME}/r.yaml"
    (folder / NAME).mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        f"name: evil\nversion: 1.0.0\ntitle: {text}\nincludes: [words.yaml, {quoted(rules)}]\n"
    )
    (folder / "words.yaml").write_text(
        f"operations: {{go: {{title: {text}, meaning: {text}}}}}\n"
        "fields:\n"
        f"  image.text: {{type: string, meaning: {text}, example: {text}}}\n"
        f"  image.kind: {{type: enum, values: [{quoted(VALUE)}, b], meaning: {text}, example: b}}\n"
        f"  image.many: {{type: set, values: [{quoted(VALUE)}, b], meaning: {text}, example: [b]}}\n"
        f"  ecs.text: {{type: string, meaning: {text}, example: {text}, supplied_by: [ask]}}\n"
        f"calls: {{ask: {{title: {text}, command: {text}, api: {text}, terraform: {text}, file: {text},"
        f" option: {text}}}}}\n"
        f"conditions: {{named: {{meaning: {text}, condition: {{image.kind: b}}}}}}\n"
        f"remedies: {{fix: {{text: {text}, actor: {text}, effects: {{image.kind: {quoted(VALUE)}}}}}}}\n"
        f"sources: {{doc: {{title: {text}, address: {quoted('https://e.example/) ' + MARKUP)}, read: 2026-01-31,"
        f" remarks: {text}}}}}\n"
    )
    (folder / rules).write_text(
        f"- id: r.text\n  title: {text}\n  operations: all\n"
        f"  when: {{is: named}}\n  require: {{image.text: {text}}}\n  severity: error\n"
        f"  message: {quoted(TEXT + ' {image.text}')}\n  description: {text}\n  remedies: [fix]\n"
        f"  error_codes: [{text}]\n  source: {{document: doc, section: {text}}}\n  examples:\n"
        f"  - {{facts: {{image.kind: b, image.text: {text}}}, outcome: pass}}\n"
        f"  - {{facts: {{image.kind: b, image.text: {quoted('x' + TEXT)}}}, outcome: fail}}\n"
        "  - {facts: {image.kind: b}, outcome: unknown}\n"
        f"  - {{facts: {{image.kind: {quoted(VALUE)}}}, outcome: not_applicable}}\n"
        f"- id: r.ecs\n  title: {text}\n  operations: all\n  require: {{image.text: {{same_as: ecs.text}}}}\n"
        f"  severity: warning\n  message: {text}\n  source: {{document: doc, section: {text}}}\n  examples:\n"
        f"  - {{facts: {{image.text: {text}, ecs.text: {text}}}, outcome: pass}}\n"
        f"  - {{facts: {{image.text: {text}, ecs.text: b}}, outcome: fail}}\n"
        "  - {facts: {}, outcome: unknown}\n"
    )
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hostile name, and in it a pack and tables."""
    here = tmp_path_factory.mktemp("hostile") / NAME
    here.mkdir()
    pack(here / "pack")
    shutil.copytree(here / "pack", here / "other")
    other = here / "other" / NAME / "r.yaml"
    other.write_text(other.read_text().replace("severity: error", "severity: warning"))
    columns = ["id", "image.text", "image.kind", TEXT]
    rows = [["a" + TEXT, "x" + TEXT, "b", TEXT], ["b" + TEXT, TEXT, "b", "=1+1"], ["c" + TEXT, "", "b", ""]]
    for name, bad in (("rows", []), ("bad", [["d" + TEXT, TEXT, "c" + TEXT, TEXT]])):
        with (here / f"{name}{NAME}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([columns, *rows, *bad])
    lines = [json.dumps(dict(zip(columns, row, strict=True))) for row in rows]
    (here / f"rows{NAME}.jsonl").write_text("\n".join(lines))
    (here / "ecs.jsonl").write_text(json.dumps({"id": "e" + TEXT, "ecs.text": TEXT}) + "\n")
    (here / RESULT).write_text(run(here, *CHECK, "--format", "json", "--log", LOG).stdout)
    run(here, *CHECK, "--baseline", f"known{NAME}.json", "--write-baseline", "--ignore", "r.text")
    return here


ROWS, BAD, LINES, LOG = f"rows{NAME}.csv", f"bad{NAME}.csv", f"rows{NAME}.jsonl", f"log{NAME}.jsonl"
RESULT = f"result{NAME}.json"
CHECK = ("check", "--operation", "go", "--image", ROWS, "--ecs", "ecs.jsonl")
AUDIT = ("audit", ROWS, "--operation", "go")
MATCH = ("match", "--images", ROWS, "--ecs", "ecs.jsonl", "--operation", "go")
CONVERT = ("convert", ROWS, "-")
KEY = "a" + TEXT
KINDS = tuple(name for name, form in FORMATS.items() if form.rows)  # which keep values as they are
FOR_READERS = (*(name for name in FORMATS if name not in KINDS), "jsonl")
FORGED = re.compile(r"(imagefit: )?FORGED|imagefit: imagefit: FORGED")

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("--version",),
    CHECK,
    (*CHECK, "--explain", "--all-rules", "-v"),
    (*CHECK, "--format", "json", "--explain", "--all-rules"),
    (*CHECK, "--set", f"image.text={TEXT}", "--assume", f"ecs.text={TEXT}"),
    ("check", "--operation", "go", "--image", LINES, "-v"),
    AUDIT,
    (*AUDIT, "-v", "--summary", "-"),
    (*AUDIT, "--format", "jsonl", "--all-rules"),
    (*AUDIT, "-o", f"out{NAME}.csv", "--summary", f"summary{NAME}.json"),
    ("audit", BAD, "--operation", "go", "--on-bad-row", "report"),
    ("audit", BAD, "--operation", "go"),
    MATCH,
    (*MATCH, "-v", "--format", "json"),
    *((*MATCH, "--by", by, *how) for by in ("image", "ecs", "rule") for how in ((), ("--format", "json"))),
    (*MATCH, "--matrix"),
    (*MATCH, "--for-image", KEY),
    (*MATCH, "--for-ecs", "e" + TEXT, "--format", "json"),
    (*MATCH, "--for-image", TEXT),
    *((*MATCH, "--fitting", f"fit{NAME}.{kind}", "--matrix", f"all{NAME}.{kind}") for kind in KINDS),
    ("facts",),
    ("facts", "image.text", "image.kind", "ecs.text"),
    ("facts", "--format", "json"),
    ("facts", TEXT),
    ("rules", "list"),
    ("rules", "list", "--format", "json"),
    ("rules", "show", "r"),
    ("rules", "test"),
    ("rules", "test", "--coverage"),
    ("rules", "test", "--suggest"),
    ("rules", "lint"),
    ("rules", "lint", "--format", "json"),
    ("rules", "diff", "pack", "other"),
    ("rules", "diff", "pack", "other", "--on", ROWS),
    ("rules", "diff", "pack", "other", "--on", ROWS, "--format", "json"),
    ("rules", "verify"),
    ("rules", "verify", "--format", "json"),
    ("rules", "export", "--to", "durable-rules"),
    *(
        ("rules", "sql", "--operation", "go", "--reasons", "--dialect", each, *how)
        for each in ("duckdb", "spark", "postgres", "clickhouse")
        for how in ((), ("--dbt",))
    ),
    ("suggest", "--image", f"{ROWS}#{KEY}", "--ecs", "ecs.jsonl", "--operation", "go"),
    ("suggest", "--image", f"{ROWS}#{KEY}", "--ecs", "ecs.jsonl", "--operation", "go", "--format", "json"),
    ("rules", "docs"),
    ("rules", "schema"),
    ("rules", "new", f"new{NAME}"),
    ("demo", "--to", f"demo{NAME}"),
    ("demo", "--to", "demo"),
    ("config", "show"),
    ("config", "show", "--format", "json"),
    ("config", "init", "-o", "-", ROWS),
    ("config", "init", "-o", f"config{NAME}.toml"),
    ("config", "schema"),
    # what is wrong
    ("check", "--operation", TEXT),
    ("check", "--operation", "go", "--image", TEXT),
    ("check", "--operation", "go", "--set", TEXT),
    ("check", "--operation", "go", "--set", f"image.kind={TEXT}"),
    ("check", "--operation", "go", "--set", f"{TEXT}={TEXT}"),
    ("check", "--operation", "go", "--select", TEXT),
    ("check", "--operation", "go", "--evaluator", TEXT),
    ("check", "--operation", "go", "--fail-on", TEXT),
    ("check", "--operation", "go", "--image", f"{ROWS}#{TEXT}"),
    ("check", "--operation", "go", "--from", TEXT, "--image", ROWS),
    ("check", f"--{TEXT}"),
    ("audit", ROWS, "--operation", "go", "-o", f"no{NAME}/x.csv"),
    ("audit", ROWS, "--operation", "go", "-o", ROWS),
    ("audit", ROWS, "--operation", "go", "--format", TEXT),
    ("rules", "sql", "--operation", "go", "--table", TEXT),
    ("rules", "sql", "--operation", "go", "--facts", TEXT),
    ("rules", "list", "--tag", TEXT),
    ("rules", "test", "--pack", TEXT),
    ("rules", TEXT),
    (TEXT,),
    # verdicts that were written down
    ("replay", LOG),
    ("replay", LOG, "--pack", "other"),
    ("replay", LOG, "--pack", "other", "--format", "json"),
    ("replay", LINES),
    (*CHECK, "--log", LOG, "--redact", TEXT),
    ("waive", RESULT, "--ttl", "1d", "--reason", TEXT, "--owner", TEXT, "--ticket", TEXT, "--waivers", f"w{NAME}.yaml"),
    ("waive", RESULT, "--ttl", "1d", "--reason", TEXT, "--owner", TEXT, "--waivers", "-"),
    ("waive", LINES, "--ttl", TEXT, "--reason", TEXT, "--owner", TEXT),
    ("waive", LINES, "--ttl", "1d", "--reason", TEXT, "--owner", TEXT),
    (*CHECK, "--baseline", RESULT),
    (*CHECK, "--baseline", f"known{NAME}.json"),
    (*AUDIT, "--baseline", f"known{NAME}.json"),
    (*AUDIT, "--baseline", f"new{NAME}.json", "--write-baseline"),
    # findings, for programs and for pages
    *((*verb, "--format", name) for verb in (CHECK, AUDIT, MATCH) for name in FOR_READERS),
    (*AUDIT, "--explain", KEY),
    (*AUDIT, "--explain", KEY, "--format", "json"),
    (*AUDIT, "--explain", TEXT),
    ("suggest", "--request", LINES, "--operation", "go", "--format", "patch"),
    *((*verb, "-o", f"out{NAME}", "--format", name) for verb in (CHECK, AUDIT, MATCH) for name in KINDS),
    # tables of one's own
    *(("convert", ROWS, f"out{NAME}", "--format", name) for name in ("csv", "jsonl", "parquet", "arrow", "xlsx")),
    ("convert", BAD, f"out{NAME}.csv"),
    ("convert", ROWS, f"out.{NAME}"),
    ("convert", ".", f"out{NAME}.csv", "-v"),
    ("map", "suggest", ROWS),
    ("map", "suggest", LINES),
    ("map", "suggest", f"{ROWS}#{TEXT}"),
    (*AUDIT, "--map", f"{TEXT}={TEXT}"),
    (*AUDIT, "--map", f"{TEXT}=image.text"),
    (*AUDIT, "--map", f"{TEXT}x=image.kind"),
    (*AUDIT, "--map-value", f"image.kind:{TEXT}={TEXT}"),
    (*AUDIT, "--map-value", f"{TEXT}:{TEXT}=b"),
    (*AUDIT, "--delimiter", TEXT),
    (*AUDIT, "--encoding", TEXT),
    ("audit", f"nosuch://me:{TEXT}@{TEXT}/x", "--operation", "go"),
)


def leaves(group: click.Group = root, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name)


def test_every_command_is_among_them() -> None:
    assert {path for path in leaves() if not any(command[: len(path)] == path for command in COMMANDS)} == set()


def test_every_format_is_among_them() -> None:
    lacking = set()
    for path in leaves():
        command: Any = root
        for name in path:
            command = command.get_command(click.Context(command), name)
        for param in command.params:
            for choice in (
                param.type.choices if "--format" in param.opts and isinstance(param.type, click.Choice) else ()
            ):
                used = (each for each in COMMANDS if each[: len(path)] == path)
                if choice not in ("text", "yaml") and not any(("--format", choice) in pairwise(each) for each in used):
                    lacking.add((*path, choice))
    assert lacking == set()


def acting(text: str) -> set[str]:
    return {c for c in text if c != "\n" and unicodedata.category(c) in SHOWN}


def run(folder: Path, *arguments: str, **environment: str) -> Result:
    """Run `imagefit` in the folder, with the pack in it."""
    here = os.getcwd()
    os.chdir(folder)
    try:
        env = {"IMAGEFIT_PACK": "pack", **environment}
        result = commands.run(*arguments, env=env)
    finally:
        os.chdir(here)
    assert result.exit_code in (0, 1, 2, 3, 4), (arguments, result.stderr)
    return result


@pytest.mark.parametrize(
    "number", range(len(COMMANDS)), ids=lambda number: f"{number}-{COMMANDS[number][0][:8].strip()!a}"
)
def test_nothing_acts_on_a_terminal_or_forges_a_line(folder: Path, tmp_path: Path, number: int) -> None:
    work = tmp_path / "work"
    shutil.copytree(folder, work)
    result = run(work, *COMMANDS[number])
    for text in (result.stdout, result.stderr):
        assert acting(text) == set()
        assert not [
            line for line in text.split("\n") if re.match(r"(imagefit: )?FORGED|imagefit: imagefit: FORGED", line)
        ]
    is_summary = "rows: go" in result.stderr  # which is a text of several lines
    assert is_summary or [line for line in result.stderr.split("\n")[:-1] if not line.startswith("imagefit: ")] == []


def test_the_table_of_commands_does_what_it_says(folder: Path, tmp_path: Path) -> None:
    """Most of them answer: a table of errors would hold nothing."""
    shutil.copytree(folder, tmp_path / "work")
    wrong = [command for command in COMMANDS[:61] if run(tmp_path / "work", *command).exit_code == 2]
    assert [command[0] for command in wrong] == ["audit", "audit", "match", "facts", "suggest", "suggest", "demo"]


def test_texts_on_a_terminal_are_shown_and_not_left_out(folder: Path) -> None:
    assert "<script>alert(1)</script>" in run(folder, "rules", "show", "r.text").stdout.replace("\n", "")
    assert "\\x1b[31mred" in run(folder, *AUDIT).stdout


def test_formats_for_programs_keep_values_as_they_are(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "work")
    work = tmp_path / "work"
    table = list(csv.reader(io.StringIO(run(work, *AUDIT, "--format", "csv").stdout_bytes.decode(), newline="")))
    assert (table[0][3], table[1][:4]) == (TEXT, ["a" + TEXT, "x" + TEXT, "b", TEXT])
    lines = run(work, *AUDIT, "--format", "jsonl").stdout.split("\n")
    assert [json.loads(line)["key"] for line in lines if line] == [f"{row}{TEXT}" for row in "abc"]
    run(work, *AUDIT, "-o", "out.parquet")
    assert pq.read_table(work / "out.parquet").to_pylist()[0][TEXT] == TEXT
    verdicts = json.loads(run(work, *CHECK, "--format", "json", "--explain").stdout)["verdicts"]
    assert verdicts[0]["facts"]["image.text"]["value"] == "x" + TEXT
    run(work, "audit", BAD, "--operation", "go", "--on-bad-row", "report", "--bad-rows", "bad.jsonl")
    assert json.loads((work / "bad.jsonl").read_text())["file"] == BAD
    (fact,) = (
        fact for fact in json.loads(run(work, "facts", "--format", "json").stdout) if fact["fact"] == "image.text"
    )
    assert (fact["meaning"], fact["example"]) == (TEXT, TEXT)


@pytest.mark.parametrize("verb", [CHECK, AUDIT, MATCH], ids=lambda verb: verb[0])
def test_a_workbook_has_no_formula_and_no_link(folder: Path, tmp_path: Path, verb: tuple[str, ...]) -> None:
    shutil.copytree(folder, tmp_path / "work")
    run(tmp_path / "work", *verb, "-o", "out.xlsx")
    with zipfile.ZipFile(tmp_path / "work" / "out.xlsx") as book:
        texts = [book.read(name).decode() for name in book.namelist()]
    assert not [text for text in texts if re.search(r"<f[ >/]|<hyperlink|externalLink", text)]
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;" in text for text in texts)
    assert {c for text in texts for c in text if c < " "} <= {"\n", "\r", "\t"}


@pytest.mark.parametrize("verb", [CHECK, AUDIT, MATCH, CONVERT], ids=lambda verb: verb[0])
def test_cells_do_not_act_on_a_terminal_where_a_table_is_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]
) -> None:
    from imagefit.cli import output

    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    monkeypatch.chdir(folder)
    monkeypatch.setenv("IMAGEFIT_PACK", "pack")
    terminal = Terminal(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(output.sys, "stdout", terminal)
    root.main([*verb, "--format", "csv"], "imagefit", standalone_mode=False)
    terminal.flush()
    shown = terminal.buffer.getvalue().decode()
    assert acting(shown) == set()
    assert "\\x1b[31mred" in shown


ELEMENTS = {"h1", "h2", "h3", "h4", "p", "ul", "li", "strong", "em", "code", "a", "br", "details", "summary"} | {
    *("table", "thead", "tbody", "tr", "th", "td")
}


@pytest.mark.parametrize(
    "arguments", [("rules", "docs"), *((*verb, "--format", "markdown") for verb in (CHECK, AUDIT, MATCH))]
)
def test_a_page_shows_texts_and_runs_none(folder: Path, arguments: tuple[str, ...]) -> None:
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(run(folder, *arguments).stdout)
    assert set(re.findall(r"</?([a-z0-9]+)", page)) <= ELEMENTS
    assert all(link.startswith(("#", "https://e.example/")) for link in re.findall(r'href="([^"]*)"', page))
    for table in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        heads = table.count("<th>")
        assert {row.count("<td>") for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)[1:]} == {heads}
    visible = unescape(re.sub(r"<[^>]*>", "", page))
    assert visible.count("<script>alert(1)</script>") >= 5
    assert "&lt;*_~~$#" in visible


@pytest.mark.parametrize("arguments", [CHECK, (*AUDIT, "--plans"), MATCH], ids=lambda arguments: arguments[0])
def test_a_page_of_its_own_loads_and_runs_nothing_of_it(folder: Path, arguments: tuple[str, ...]) -> None:
    text = run(folder, *arguments, "--format", "html").stdout
    page = Page(text)
    assert acting(text) == set() and is_alone(page)
    assert len(page.contents["script"]) == 2 and len(page.contents["style"]) == 1
    assert "alert(1)" not in page.contents["script"][1] and text.count("<script>alert(1)</script>") == 0
    assert page.text.count("<script>alert(1)</script>") >= 5
    assert acting(json.dumps(page.data, ensure_ascii=False)) == set()
    assert "<script>alert(1)</script>" in json.dumps(page.data)


TABLE = ("table", "thead", "tbody", "tr", "th", "td")


def test_tables_in_a_notebook_are_text(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    mine = imagefit.load_pack("pack")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        audited = imagefit.audit(ROWS, operation="go", pack=mine)
        matched = imagefit.match(ROWS, "ecs.jsonl", operation="go", pack=mine)
    assert said
    assert [text for text in (str(warning.message) for warning in said) if not text.isprintable()] == []
    naming, counting = (
        (audited, audited.explain(0), mine, mine.rules[1]),
        (matched, audited.summary(), matched.summary()),
    )
    for each in (*naming, *counting):
        text = each._repr_html_()
        page = Page(text)
        assert acting(text) == set() and is_alone(page, has_styles=True)
        assert {tag for tag, _ in page.elements} <= {"div", "p", "b", "span", "code", *TABLE}
        assert any(each is one for one in counting) or "<script>alert(1)</script>" in page.text
    verdict = audited.explain(0)
    for text in (str(audited), repr(audited), str(verdict), repr(verdict), repr(matched), str(matched)):
        assert acting(text) == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_a_shell_is_offered_is_a_line_each(folder: Path, shell: str) -> None:
    for words in (
        "imagefit facts ",
        "imagefit check --set image.kind=",
        "imagefit rules show ",
        "imagefit check --operation ",
    ):
        env = {"_IMAGEFIT_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()))}
        offered = run(folder, **env).stdout
        assert acting(offered) == set()
        assert "FORGED" not in "".join(line for line in offered.split("\n") if line.startswith("imagefit"))
