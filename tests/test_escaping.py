"""Texts of others in texts of ours: what each function of `imagefit.escaping` lets through, and how it is shown."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from htmlpages import Page
from imagefit.escaping import address, cell, code, in_json, in_script, line, lines, plain
from imagefit.reports.html.elements import element, markup

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=120)
MARKUP = st.lists(
    st.sampled_from([*"`|\\<>[]()*_~#&!:=+-. \n1a", "``", "](", "<script>", "javascript:", "http://e", "&lt;", "1."]),
    max_size=16,
).map("".join)
ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
RENDER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("镜像", "镜像"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\x07\x7f\x9b", "a\\x07\\x7f\\x9b"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("a\u2028b\ufeff", "a\\u2028b\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_acts_on_a_terminal_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert line(text) == shown


@given(ANY_TEXT)
def test_a_line_has_no_character_that_acts(text: str) -> None:
    assert not {unicodedata.category(c) for c in line(text)} & ACTING


def test_lines_end_where_a_line_feed_says_so_and_nowhere_else() -> None:
    assert lines("a\r\nb\x85c\u2028d\x0be") == "a\\x0d\nb\\x85c\\u2028d\\x0be"


def test_json_says_the_same_and_has_no_character_that_acts() -> None:
    text = " ".join(map(chr, range(sys.maxunicode + 1)))  # apart, for two surrogates would become one character
    escaped = in_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(escaped) == text
    assert {c for c in escaped if unicodedata.category(c) in ACTING} == set()


def shown(markdown: str) -> str:
    """The text that a reader sees of a paragraph: what stands in its code counts as text, other elements do not."""
    (paragraph,) = re.findall(r"\A<p>(.*)</p>\n\Z", RENDER.render(markdown), re.DOTALL)
    assert "<" not in re.sub("</?code>", "", paragraph)
    return unescape(re.sub("</?code>", "", paragraph))


@given(MARKUP | ANY_TEXT)
@example("1. a")
@example("- a")
@example("---")
@example("    a")
@example("a\n===")
@example("&lt;b&gt;")
def test_markdown_shows_plain_text_as_it_is(text: str) -> None:
    seen = " ".join(text.split())
    if seen:
        assert shown(plain(text)) == line(seen)


@given(MARKUP | ANY_TEXT)
@example("`")
@example(" a ")
@example("  ")
def test_markdown_shows_code_as_it_is(text: str) -> None:
    if text.strip():
        assert shown("x" + code(text)) == "x" + line(text)


@given(st.lists(MARKUP | ANY_TEXT, min_size=2, max_size=3), st.booleans())
@example(["a\\", "|b"], True)
@example(["\\|", "\\\\|"], False)
def test_a_cell_is_a_cell_whatever_is_in_it(texts: list[str], is_code: bool) -> None:
    how = code if is_code else plain
    row = "| " + " | ".join(cell(how(text)) for text in texts) + " |"
    table = RENDER.render("\n".join(["|a" * len(texts) + "|", "|-" * len(texts) + "|", row]))
    cells = re.findall(r"<td>(.*?)</td>", table, re.DOTALL)
    assert len(cells) == len(texts)
    for text, found in zip(texts, cells, strict=True):
        seen = line(text if is_code else " ".join(text.split()))
        assert unescape(re.sub("</?code>", "", found)).strip() == seen.strip()


@given(MARKUP | ANY_TEXT)
@example("https://e.com/) <script>")
@example("JavaScript:alert(1)")
@example("data:text/html,x")
def test_an_address_stays_in_its_link_and_is_of_the_web(text: str) -> None:
    target = address(text)
    assert re.fullmatch(r"[A-Za-z0-9%/?#@!$&*+,;=~:._-]*", target)
    assert ":" not in target or target.lower().startswith(("http://", "https://"))
    rendered = RENDER.render(f"[a]({target}) b")
    assert re.fullmatch(r'<p><a href="[^"]*">a</a> b</p>\n', rendered)


def test_addresses_of_the_web_are_left_as_they_are() -> None:
    known = "https://support.example.com/api-ims/ims_03_0702.html?a=b&c=%20#section-1"
    assert address(known) == known


@given(ANY_TEXT, ANY_TEXT)
def test_an_element_of_html_has_its_texts_and_no_other_element(text: str, value: str) -> None:
    page = Page(markup(element("p", {"title": value}, text, element("b", None, value), text)))
    assert page.elements == [("p", {"title": line(value)}), ("b", {})]
    assert page.text == line(text) + line(value) + line(text)


@given(ANY_TEXT)
def test_json_in_a_script_says_the_same_and_does_not_end_it(text: str) -> None:
    written = in_script(json.dumps([text]))
    assert json.loads(written) == [text] and not {"<", ">", "&", "\u2028", "\u2029"} & set(written)


def test_messages_are_one_line_whatever_is_in_them() -> None:
    from imagefit.errors import InputError, Problem, UnknownNameError

    bad = "a\nimagefit: b\x1b[31m\u202e"
    errors = [
        InputError(bad, file=bad, row=bad, column=bad, option=bad, value=bad, expected=bad, nearest=bad),
        UnknownNameError.of(bad, bad, [bad]),
        Problem(bad, 1, 1, bad, found=bad, expected=bad, nearest=bad),
    ]
    assert [text for text in map(str, errors) if not text.isprintable()] == []
