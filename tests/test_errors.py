"""Errors say where, what was found, what was expected and what was probably meant."""

from __future__ import annotations

import difflib
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.errors import (
    EvaluatorError,
    ImagefitError,
    InputError,
    PackError,
    Problem,
    UnknownNameError,
    nearest,
    one_line,
    shortened,
)


def test_every_error_is_an_imagefit_error() -> None:
    for kind in (PackError, InputError, UnknownNameError, EvaluatorError):
        assert issubclass(kind, ImagefitError)
    assert issubclass(UnknownNameError, InputError)
    assert imagefit.PackError is PackError


def test_a_problem_is_one_line_with_its_place() -> None:
    problem = Problem("boot.yaml", 3, 7, "unknown fact", found="'a.b'", expected="a fact", nearest="a.c")
    assert str(problem) == "boot.yaml:3:7: unknown fact: 'a.b'; expected a fact; did you mean 'a.c'?"
    assert str(Problem("boot.yaml", 0, 0, "the file is empty")) == "boot.yaml: the file is empty"


def test_a_pack_error_has_each_problem_once_in_the_order_of_places() -> None:
    late, early, same = Problem("b.yaml", 1, 1, "x"), Problem("a.yaml", 10, 1, "y"), Problem("a.yaml", 9, 30, "z")
    error = PackError([late, early, same, late])
    assert error.problems == (same, early, late)
    assert str(error).splitlines() == [str(same), str(early), str(late)]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InputError("wrong"), "wrong"),
        (InputError("wrong", file="a.csv"), "a.csv: wrong"),
        (InputError("wrong", file="a.csv", row=3, column="x"), "a.csv, row 3, x: wrong"),
        (InputError("wrong", row="images[2]", value=7), "images[2]: wrong: 7"),
        (
            InputError("wrong", column="x", value="a", expected="one of b, c", nearest="b"),
            "x: wrong: 'a'; expected one of b, c; did you mean 'b'?",
        ),
        (InputError("wrong", value=""), "wrong: ''"),
        (InputError("wrong", value=False), "wrong: False"),
    ],
)
def test_an_input_error_says_what_is_known_of_its_place(error: InputError, text: str) -> None:
    assert str(error) == text


def test_a_place_is_filled_in_where_it_was_not_known_yet() -> None:
    error = UnknownNameError("unknown fact", column="x", value="a", nearest="b")
    error.__cause__ = cause = ValueError("why")
    placed = error.at(file="a.csv", row=2, column="other")
    assert str(placed) == "a.csv, row 2, x: unknown fact: 'a'; did you mean 'b'?"
    assert type(placed) is UnknownNameError
    assert placed.__cause__ is cause
    assert error.file is None


def test_an_unknown_name_that_begins_others_lists_those() -> None:
    known = [f"a.rule-{number}" for number in range(20)] + ["b.one-thing", "b.one-more", "c.single"]
    assert str(UnknownNameError.of("rule", "b.one", known)) == (
        "unknown rule: 'b.one'; expected one of b.one-more, b.one-thing"
    )
    assert UnknownNameError.of("rule", "b.on", [*known, "b.one"]).nearest == "b.one", "it begins all the others"
    assert str(UnknownNameError.of("rule", "c", known)) == "unknown rule: 'c'; did you mean 'c.single'?"
    assert UnknownNameError.of("rule", "a", known).expected is None, "too many to list"
    assert UnknownNameError.of("rule", "c.singel", known).nearest == "c.single"


def test_an_unknown_name_lists_all_if_they_are_few() -> None:
    error = UnknownNameError.of("verb", "chek", ["match", "check", "audit"])
    assert str(error) == "unknown verb: 'chek'; expected one of audit, check, match; did you mean 'check'?"
    many = [f"name-{n}" for n in range(13)]
    assert UnknownNameError.of("verb", "zzz", many).expected is None
    assert UnknownNameError.of("verb", "zzz", many[:12]).expected is not None
    assert UnknownNameError.of("verb", "zzz", []).expected is None


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("image.boot_mod", ["image.boot_mode", "image.status"], "image.boot_mode"),
        ("IMAGE.BOOT_MODE", ["image.boot_mode", "image.status"], "image.boot_mode"),
        ("image-boot-mode", ["image.status", "image_boot_mode"], "image_boot_mode"),
        ("type-c", ["type_g", "type_c"], "type_c"),
        ("Type_C", ["type_g", "type_c", "type_f"], "type_c"),
        ("CREATE-EC", ["share", "create_ecs"], "create_ecs"),
        ("xyz", ["image.boot_mode"], None),
        ("anything", [], None),
        ("", ["a"], None),
    ],
)
def test_the_nearest_name_is_the_one_that_was_probably_meant(name: str, known: list[str], expected: str | None) -> None:
    assert nearest(name, known) == expected
    assert nearest(name, reversed(known)) == expected


def test_a_very_long_name_is_compared_by_its_beginning() -> None:
    assert nearest("x" * 1_000_000, ["y" * 10]) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        (b"\xff", "b'\\xff'"),
        (7, "7"),
        (["a", None], "['a', None]"),
        ("x" * 200, "'" + "x" * 78 + "…"),
        ("\x1b[31mred", r"'\x1b[31mred'"),
        ("a\nb", r"'a\nb'"),
        ("\u202etxt", r"'\u202etxt'"),
    ],
)
def test_a_value_is_shown_on_one_line_without_control_characters(value: object, text: str) -> None:
    assert shortened(value) == text


def test_a_text_is_cut_to_the_limit_and_no_shorter() -> None:
    assert one_line("abc", 3) == "abc"
    assert one_line("abcd", 3) == "ab…"
    assert one_line("\x00", 10) == r"\x00"


def test_errors_of_other_processes_arrive_whole() -> None:
    error = InputError("wrong", file="a.csv", row=3, column="x", value="a", expected="b", nearest="c")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    problem = Problem("a.yaml", 1, 2, "wrong")
    assert pickle.loads(pickle.dumps(PackError([problem]))).problems == (problem,)


def test_a_row_is_a_number_and_any_other_place_a_text() -> None:
    in_row, elsewhere = InputError("wrong", row=3), InputError("wrong", row="the header")
    assert (in_row.row, in_row.place) == (3, None)
    assert (elsewhere.row, elsewhere.place) == (None, "the header")
    assert str(elsewhere.at(file="a.csv", row=1)) == "a.csv, the header: wrong"
    assert str(in_row.at(file="a.csv", row="the header")) == "a.csv, row 3: wrong"


def test_an_option_is_a_place_of_its_own() -> None:
    error = InputError("no value", column="box.kind").at(option="--set")
    assert (error.option, error.column) == ("--set", "box.kind")
    assert str(InputError("no value", option="--set", column="box.kind")) == "--set, box.kind: no value"
    assert InputError("no value", option="--set").at(option="--assume").option == "--set"


@given(st.text("abAB-_é", max_size=12), st.lists(st.text("abAB-_é", max_size=12), max_size=6))
def test_the_nearest_name_is_the_one_that_difflib_says(name: str, known: list[str]) -> None:
    folded = {each.casefold().replace("-", "_"): each for each in sorted(known)}
    own = name.casefold().replace("-", "_")
    expected = [own] if own in folded else difflib.get_close_matches(own, folded, n=1, cutoff=0.6)
    assert nearest(name, known) == (folded[expected[0]] if expected else None)
