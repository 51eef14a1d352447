from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imagefit.reports.layout import Page, cell_width, wrapped

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=120)


@given(ANY_TEXT, st.integers(min_value=20, max_value=90))
def test_wrapped_lines_are_never_wider_than_asked(text: str, width: int) -> None:
    assert all(cell_width(line) <= width for line in wrapped(text, width))


@given(st.lists(st.text("abc", min_size=1, max_size=9), max_size=30), st.integers(min_value=20, max_value=60))
def test_wrapping_loses_no_word(words: list[str], width: int) -> None:
    assert " ".join(wrapped(" ".join(words), width)).split() == words


def test_a_word_wider_than_a_line_is_cut() -> None:
    assert wrapped("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


def test_wide_characters_take_two_columns() -> None:
    assert cell_width("镜像a") == 5
    assert wrapped("镜像镜像镜", 8) == ["镜像镜像", "镜"]


def test_labelled_text_hangs_beside_its_label() -> None:
    page = Page(width=30)
    page.labelled("remedy", "replicate the image there first", 2, 10)
    assert str(page).split("\n") == ["  remedy  replicate the image", "          there first"]


def test_a_label_too_wide_stands_above_its_text() -> None:
    page = Page(width=40)
    page.labelled("a label that is wide", "text", 2, 10)
    assert str(page).split("\n") == ["  a label that is wide", "          text"]


def test_a_table_aligns_its_columns() -> None:
    page = Page(width=40)
    page.table([("a", "one"), ("long", "two")], 2, [10])
    assert str(page).split("\n") == ["  a     one", "  long  two"]


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT), min_size=1, max_size=5))
def test_tables_and_grids_stay_within_the_page(rows: list[tuple[str, str, str]]) -> None:
    page = Page(width=80)
    page.table(rows, 4, [30, 20])
    page.grid(rows, 2)
    assert all(cell_width(line) <= 80 for line in str(page).split("\n"))


def test_a_name_that_would_be_cut_stands_below() -> None:
    page = Page(30)
    page.table([("a-long-rule-id", "image.full_ecs_origin"), ("b", "image.type")], 2, [20])
    assert str(page) == "  a-long-rule-id\n    image.full_ecs_origin\n  b               image.type"


def test_numbers_are_right_aligned_beside_and_before_a_text() -> None:
    page = Page(30)
    page.aligned(("rule", "fail"), [("boxes.light", "1,024"), ("boxes.sealed", "7")], 2)
    page.counted([("9", "a"), ("1,000", "b")], 2)
    assert str(page).split("\n") == [
        "rule             fail",
        "  boxes.light   1,024",
        "  boxes.sealed      7",
        "      9  a",
        "  1,000  b",
    ]


def test_a_text_too_wide_for_its_numbers_stands_above_them() -> None:
    page = Page(20)
    page.aligned(("rule", "fail"), [("a-rule-with-a-long-name", "7")], 0)
    assert str(page).split("\n") == ["rule            fail", "a-rule-with-a-long-name", "                   7"]


def test_nothing_in_a_line_acts_on_a_terminal() -> None:
    page = Page(30)
    page.line(("a\x1b[31m", None), ("\u202eb", None))
    page.aligned(("a", "b"), [("\x9b2J", "7")], 0)
    assert str(page).isascii()
    assert "\x1b" not in str(page)


def test_only_a_coloured_page_has_escape_sequences() -> None:
    plain, coloured = Page(), Page(colour=True)
    for page in (plain, coloured):
        page.text("verdict", style="bad")
    assert str(plain) == "verdict"
    assert str(coloured) == "\x1b[1;31mverdict\x1b[0m"
