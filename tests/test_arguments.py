"""What the functions of the public interface say of arguments of the wrong kind: which one, and what is expected."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import imagefit

FACTS = {"image.status": "active"}
ROWS = [FACTS]


def check(**given: Any) -> object:
    return imagefit.check(**{"facts": FACTS, "operation": "share", **given})


def audit(**given: Any) -> object:
    return imagefit.audit(ROWS, **{"operation": "share", **given})


def match(**given: Any) -> object:
    return imagefit.match(ROWS, [{"ecs.family": "c7n"}], **{"operation": "create_ecs", **given})


def suggest(**given: Any) -> object:
    return imagefit.suggest(image=FACTS, **given)


def read(**given: Any) -> object:
    return imagefit.read([FACTS], **given)


@pytest.mark.parametrize("function", [check, audit, match, suggest, read])
@pytest.mark.parametrize("pack", ["open-telekom-cloud", 3, [], ""])
def test_what_is_no_pack_is_refused_with_what_makes_one(function: Callable[..., object], pack: object) -> None:
    with pytest.raises(imagefit.InputError, match=r"^pack: not a pack: .*load_pack"):
        function(pack=pack)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (check, "operation"),
        (check, "evaluator"),
        (check, "flavor"),
        (audit, "operation"),
        (audit, "evaluator"),
        (audit, "prefix"),
        (match, "operation"),
        (match, "evaluator"),
        (suggest, "operation"),
        (suggest, "flavor"),
        (suggest, "like"),
        (suggest, "zone"),
        (read, "format"),
        (read, "region"),
        (read, "zone"),
        (read, "delimiter"),
        (audit, "encoding"),
    ],
)
@pytest.mark.parametrize("value", [3, ["share"], {"share": 1}])
def test_what_is_no_text_is_refused_by_the_name_of_its_argument(
    function: Callable[..., object], name: str, value: object
) -> None:
    with pytest.raises(imagefit.InputError, match=rf"^{name}: not a text: .*; expected one text"):
        function(**{name: value})


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (check, "facts"),
        (check, "assume"),
        (audit, "map"),
        (match, "map"),
        (suggest, "map"),
        (read, "map"),
        (audit, "set"),
        (audit, "assume"),
        (match, "set"),
        (match, "assume"),
        (suggest, "wanted"),
        (suggest, "set"),
        (suggest, "assume"),
    ],
)
@pytest.mark.parametrize("value", ["image.status=active", [FACTS], 3])
def test_what_is_no_mapping_is_refused_by_the_name_of_its_argument(
    function: Callable[..., object], name: str, value: object
) -> None:
    with pytest.raises(imagefit.InputError, match=rf"^{name}: not a mapping: .*; expected {{NAME: VALUE"):
        function(**{name: value})


@pytest.mark.parametrize("name", ["flavor", "assume", "origins"])
@pytest.mark.parametrize("value", [0, [], (), pd.Series(["a"])])
def test_an_argument_of_the_wrong_kind_is_refused_where_it_is_false_or_has_no_truth(name: str, value: object) -> None:
    with pytest.raises(imagefit.InputError, match=rf"^{name}: not a (text|mapping)"):
        check(**{name: value})


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (check, "evaluator"),
        (check, "key"),
        (match, "operation"),
        (match, "evaluator"),
        (suggest, "operation"),
        (audit, "prefix"),
    ],
)
def test_none_is_refused_for_a_text_that_is_needed(function: Callable[..., object], name: str) -> None:
    with pytest.raises(imagefit.InputError, match=rf"^{name}: not a text; expected one text$"):
        function(**{name: None})


@pytest.mark.parametrize("key", [3, np.int64(3), Path("x")])
def test_a_key_that_is_no_text_could_be_none_of_a_verdict_s_json(key: object) -> None:
    with pytest.raises(imagefit.InputError, match=r"^key: not a text: .*; expected one text"):
        check(key=key)


@pytest.mark.parametrize("function", [imagefit.with_waivers, imagefit.load_pack])
@pytest.mark.parametrize("path", [3, b"x", ["x"], {}])
def test_what_is_no_path_is_refused(function: Callable[..., object], path: object) -> None:
    with pytest.raises(imagefit.InputError, match=r"^path: not a path: .*; expected one path"):
        function(path)


@pytest.mark.parametrize("function", [imagefit.with_waivers, imagefit.load_pack])
@pytest.mark.parametrize("path", ["a\0b", "\ud800"])
def test_a_text_that_can_be_no_path_names_no_pack_and_no_waivers(function: Callable[..., object], path: str) -> None:
    with pytest.raises(imagefit.PackError, match=r"can't be read|no such pack"):
        function(path)


def test_a_day_is_a_date_or_a_time_of_it(tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("waivers:\n- {rule: status, reason: r, owner: o, until: 2030-06-01}\n")
    for day in (date(2030, 1, 1), datetime(2030, 1, 1, 12)):
        made = imagefit.with_waivers(waivers, today=day)
        assert imagefit.check({"image.status": "queued"}, operation="delete", pack=made).waived
    with pytest.warns(imagefit.ImagefitWarning, match="expired on 2030-06-01"):
        imagefit.with_waivers(waivers, today=datetime(2030, 6, 2))
    for day in ("2030-01-01", 3):  # type: ignore[assignment]
        with pytest.raises(imagefit.InputError, match=r"^today: not a day: .*; expected a datetime.date"):
            imagefit.with_waivers(waivers, today=day)


@pytest.mark.parametrize("function", [check, audit, match, suggest])
@pytest.mark.parametrize("name", ["select", "ignore"])
@pytest.mark.parametrize("value", [None, 3, ["status", 3], pd.Series([3])])
def test_what_selects_no_rules_is_refused(function: Callable[..., object], name: str, value: object) -> None:
    with pytest.raises(imagefit.InputError, match="not what selects or ignores rules"):
        function(**{name: value})


def test_a_name_that_is_no_text_is_no_fact() -> None:
    with pytest.raises(imagefit.UnknownNameError, match="unknown fact: '3'"):
        imagefit.check({3: "active"}, operation="share")  # type: ignore[dict-item]


def test_a_delimiter_is_what_the_command_line_takes_for_one(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id|image.status\na|active\n")
    for sign in ("|", "pipe"):
        (record,) = imagefit.read(table, delimiter=sign).records
        assert record.facts == {"image.status": "active"}
    for wrong in (";;", '"', "\n", "é"):
        with pytest.raises(
            imagefit.InputError, match=r"^delimiter: nothing that separates cells: .*; expected one sign"
        ):
            imagefit.read(table, delimiter=wrong)


@pytest.mark.parametrize("count", [-1, "3", 2.5, None, np.array([1])])
def test_what_is_no_number_of_things_is_refused(count: Any) -> None:
    pair = imagefit.match(ROWS, [{"id": "e", "ecs.family": "c7n"}], operation="create_ecs")
    for name, function in (
        ("limit", lambda: imagefit.check(FACTS, operation="share").plans(limit=count)),
        ("limit", lambda: suggest(flavor="c7n.large.2", limit=count)),
        ("n", lambda: pair.misses(image=0, n=count)),
        ("most", lambda: pair.matrix(most=count)),
    ):
        with pytest.raises(imagefit.InputError, match=rf"^{name}: not a number of things.*; expected 0, 1, 2, \.\.\."):
            function()


def test_a_number_of_things_may_be_of_another_type() -> None:
    assert imagefit.check(FACTS, operation="share").plans(limit=np.int64(2)) is not None


def test_suggest_takes_several_paths_as_check_does(tmp_path: Path) -> None:
    paths = []
    for architecture in ("arm64", "x86_64"):
        paths.append(tmp_path / f"{architecture}.json")
        paths[-1].write_text(json.dumps([{"id": architecture, "image.architecture": architecture}]))
    found = imagefit.suggest(image=paths, flavor="c7n.large.2", select="arch.matches")
    assert [each.key for each in found.fitting] == ["x86_64"] and found.counts["others"] == 1


@pytest.mark.parametrize("text", ["[" + "x" * 300, '{"images": [' + '{"id": "a"}, ' * 40 + "]}", "a\0b?"])
@pytest.mark.parametrize("end", ["", "#web-1"])
def test_a_text_that_can_be_no_path_is_refused_as_one_that_names_no_file(text: str, end: str) -> None:
    with pytest.raises(imagefit.InputError):
        imagefit.check(image=text + end, operation="share")
    with pytest.raises(imagefit.InputError):
        imagefit.audit(text + end, operation="share")
