"""A pack that is kept as data is the pack that was loaded, for as long as its files are what they were."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import warnings
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given

from boxes import WORDS, header, rule
from commands import run
from imagefit import ImagefitWarning, Pack, PackError, load_pack
from imagefit.api import packs as shipping
from imagefit.api.packs import compile_shipped, load_pack_from_cache, shipped_packs
from imagefit.conditions import leaves
from imagefit.rulepack import loading
from imagefit.rulepack.compiled import dump, load
from imagefit.rulepack.digest import digest
from packfiles import PLUGS, edited, shipped_pack, small_pack, write_pack
from strategies import packs

PARTS = [field.name for field in fields(Pack) if field.init]


def back(pack: Pack) -> Pack:
    """Write a pack as JSON and read it."""
    data, examples = json.loads(json.dumps(dump(pack)))
    return load(data, lambda: examples)


def places(pack: Pack) -> list[object]:
    """Return what equality leaves out: where rules, comparisons and fields stand, and what conditions are called."""
    conditions = [part for rule in pack.rules for part in (rule.when, rule.require)]
    named = [getattr(part, "name", None) for whole in conditions for part in (whole, *getattr(whole, "parts", ()))]
    at = [leaf.position for condition in conditions for leaf in leaves(condition)]
    return [named, at, [rule.position for rule in pack.rules], [field.position for field in pack.fields.values()]]


def is_same(one: Pack, other: Pack) -> bool:
    """Compare what two packs have, in which order, and where it stands in their files."""
    has_same = all(getattr(one, part) == getattr(other, part) for part in PARTS)
    has_order = list(one.fields) == list(other.fields) and list(one.remedies) == list(other.remedies)
    return has_same and has_order and places(one) == places(other) and one.digest == other.digest == digest(other)


@pytest.mark.parametrize("name", ["huawei-ims", "open-telekom-cloud"])
def test_a_pack_that_ships_comes_back_from_data_as_it_was(name: str) -> None:
    pack = shipped_pack(name)
    assert is_same(pack, back(pack))
    assert (back(pack).name, back(pack).extends) == (pack.name, pack.extends)


def test_a_rule_that_an_adjustment_made_is_one_rule_afterwards_too() -> None:
    pack = back(shipped_pack("open-telekom-cloud"))
    made = [adjustment.after for adjustment in pack.adjustments if adjustment.after is not None]
    assert made and all(any(rule is of_pack for of_pack in pack.rules) for rule in made)


def test_rules_that_came_back_are_as_any_other_wherever_they_are_taken() -> None:
    pack = shipped_pack("huawei-ims")
    rules = back(pack).rules
    assert pickle.loads(pickle.dumps(rules)) == rules == pack.rules
    assert is_same(pack, back(back(pack)))
    assert [rule.examples for rule in rules] == [rule.examples for rule in pack.rules]
    slices = [[rule.examples[:2] for rule in of] for of in (rules, pack.rules)]
    assert slices[0] == slices[1]


@given(packs())
def test_any_pack_comes_back_from_data_as_it_was(pack: Pack) -> None:
    pack = replace(pack, digest=digest(pack))
    assert is_same(pack, back(pack))


def test_data_of_other_classes_are_not_read() -> None:
    data, examples = json.loads(json.dumps(dump(small_pack())))
    data["shape"][0].append("more")
    with pytest.raises(ValueError, match="other classes"):
        load(data, lambda: examples)


# -- in the user's cache ------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "imagefit"


@pytest.fixture
def plugs(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "plugs", PLUGS)


@pytest.fixture
def yaml_is_closed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what lets every reading of YAML fail from then on."""

    def read(*_arguments: object) -> None:
        raise AssertionError("YAML is read")

    return lambda: monkeypatch.setattr(loading, "read_yaml", read)


def test_a_pack_is_read_once(plugs: Path, cache: Path, yaml_is_closed: Callable[[], None]) -> None:
    first = load_pack_from_cache(plugs)
    yaml_is_closed()
    assert is_same(first, load_pack_from_cache(plugs))
    assert is_same(first, load_pack_from_cache(str(plugs)))
    assert [path.suffix for path in cache.iterdir()] == [".json"]  # and nothing half-written beside it


def test_what_names_it_otherwise_has_other_places(plugs: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_pack_from_cache(plugs)
    monkeypatch.chdir(plugs.parent)
    place = load_pack_from_cache("plugs").rules[0].position
    assert place is not None and place.file == "plugs/fit.yaml"


@pytest.mark.parametrize("file", sorted(PLUGS))
def test_a_pack_of_which_a_file_has_changed_is_read_anew(file: str, plugs: Path, cache: Path) -> None:
    load_pack_from_cache(plugs)
    (plugs / file).write_text(PLUGS[file] + "\n? [")
    with pytest.raises(PackError, match=file):
        load_pack_from_cache(plugs)
    (plugs / file).unlink()
    with pytest.raises(PackError):
        load_pack_from_cache(plugs)


def test_a_change_of_the_pack_that_one_extends_counts(tmp_path: Path, cache: Path) -> None:
    light, dark, warm = (rule(name, "require: {box.sealed: true}") for name in ("light", "dark", "warm"))
    base = write_pack(tmp_path / "base", {"pack.yaml": header(), "words.yaml": WORDS, "boxes.yaml": light + dark})
    dropped = "adjustments: [{drop: boxes.dark, why: nobody asks for it, loosens: true}]"
    mine = write_pack(tmp_path / "mine", {"pack.yaml": header("mine", f"extends: ../base\n{dropped}")})
    with pytest.warns(ImagefitWarning):
        assert [each.id for each in load_pack_from_cache(mine).rules] == ["boxes.light"]
        write_pack(base, {"boxes.yaml": light + dark + warm})
        assert [each.id for each in load_pack_from_cache(mine).rules] == ["boxes.light", "boxes.warm"]


def test_half_a_file_is_replaced(plugs: Path, cache: Path, yaml_is_closed: Callable[[], None]) -> None:
    first = load_pack_from_cache(plugs)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    for many in (len(whole) - 1, whole.index(b"\n") + 1, whole.index(b"\n"), whole.index(b"\n") - 1, 9):
        kept.write_bytes(whole[:many])
        assert is_same(first, load_pack_from_cache(plugs))
        assert kept.read_bytes() == whole


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b"null", b'{"mark": 1', b"[" * 100_000])
def test_what_can_not_be_read_is_replaced(
    content: bytes, plugs: Path, cache: Path, yaml_is_closed: Callable[[], None]
) -> None:
    first = load_pack_from_cache(plugs)
    (kept,) = cache.iterdir()
    kept.write_bytes(content)
    assert is_same(first, load_pack_from_cache(plugs))
    yaml_is_closed()
    assert is_same(first, load_pack_from_cache(plugs))


def test_another_version_reads_anew(plugs: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_pack_from_cache(plugs)
    (kept,) = cache.iterdir()
    before = kept.read_bytes()
    monkeypatch.setattr(shipping, "code_mark", lambda *modules: "another")
    load_pack_from_cache(plugs)
    assert kept.read_bytes() != before


def test_without_a_place_for_it_a_pack_loads(plugs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    for folder in (str(tmp_path / "file"), "not/absolute"):
        monkeypatch.setenv("XDG_CACHE_HOME", folder)
        assert load_pack_from_cache(plugs).name == "plugs"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "plugs"]


def test_what_is_to_be_said_of_a_pack_is_said_again(plugs: Path, cache: Path) -> None:
    start = PLUGS["fit.yaml"].index("    - {facts:")
    line = PLUGS["fit.yaml"][start:].split("\n")[0]
    write_pack(plugs, edited("fit.yaml", line + "\n", ""))
    said = []
    for _ in range(2):
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            load_pack_from_cache(plugs)
        said.append([(warning.category, str(warning.message)) for warning in found])
    assert said[0] == said[1] and said[0][0][0] is ImagefitWarning


def test_a_bound_number_of_packs_is_kept(plugs: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    for number in range(100):
        (cache / f"{number}.json").write_text("{}")
    load_pack_from_cache(plugs)
    assert len(list(cache.iterdir())) <= 64


# -- on the command line ------------------------------------------------------------------------


def test_the_command_line_reads_a_pack_once_unless_it_is_asked_to(
    plugs: Path, cache: Path, yaml_is_closed: Callable[[], None]
) -> None:
    listed = run("rules", "list", "--pack", str(plugs)).stdout
    yaml_is_closed()
    assert run("rules", "list", "--pack", str(plugs)).stdout == listed
    for line in (["--no-cache", "rules", "list"], ["rules", "list", "--no-cache"]):
        result = run(*line, "--pack", str(plugs))
        assert result.exit_code == 70 and "YAML is read" in result.stderr
    result = run("rules", "list", "--pack", str(plugs), env={"IMAGEFIT_NO_CACHE": "1"})
    assert "YAML is read" in result.stderr


@pytest.mark.parametrize("verb", ["test", "lint"])
def test_who_asks_whether_a_pack_is_right_has_it_read(
    verb: str, plugs: Path, cache: Path, yaml_is_closed: Callable[[], None]
) -> None:
    load_pack_from_cache(plugs)
    yaml_is_closed()
    assert "YAML is read" in run("rules", verb, "--pack", str(plugs)).stderr


# -- compiled for a wheel -----------------------------------------------------------------------


def test_packs_that_are_compiled_into_another_folder_are_read_from_wherever_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, installed = tmp_path / "built", tmp_path / "installed"
    shutil.copytree(shipped_packs()["huawei-ims"], built)
    written = [load_pack(), load_pack("open-telekom-cloud")]
    compile_shipped(built)  # from the checkout's files
    built.rename(installed)
    monkeypatch.setattr(shipping, "shipped_folder", lambda name: installed)
    monkeypatch.setattr(loading, "read_yaml", None)
    assert all(map(is_same, written, [load_pack(), load_pack("open-telekom-cloud")]))
    for compiled in installed.rglob("pack.json"):
        assert str(tmp_path).encode() not in compiled.read_bytes()
        assert os.fsencode(shipped_packs()["huawei-ims"]) not in compiled.read_bytes()
        (compiled.parent / "pack.yaml").write_text("")
    with pytest.raises(TypeError):  # YAML is read
        load_pack()


def test_packs_that_ship_are_compiled_and_read_where_the_yaml_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yaml_is_closed: Callable[[], None]
) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(shipped_packs()["huawei-ims"], rules, ignore=shutil.ignore_patterns("huawei-ims-*"))
    monkeypatch.setattr(shipping, "shipped_folder", lambda name: rules)
    written = [load_pack(), load_pack("huawei-ims"), load_pack("open-telekom-cloud")]
    compile_shipped(rules)
    with monkeypatch.context() as closed:
        closed.setattr(loading, "read_yaml", None)
        assert all(map(is_same, written, [load_pack(), load_pack("huawei-ims"), load_pack("open-telekom-cloud")]))
    (rules / "boot.yaml").write_text((rules / "boot.yaml").read_text() + "\n# as it was\n")
    yaml_is_closed()
    for name in (None, "open-telekom-cloud"):
        with pytest.raises(AssertionError, match="YAML is read"):
            load_pack(name)
