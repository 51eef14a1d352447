"""The question the other way round: which flavors take an image, which images fit an ECS."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import imagefit
from commands import run
from imagefit.explanations.candidate.prepared import prepare
from imagefit.facts import Facts
from imagefit.planning.choices import Alternatives, suggestions
from imagefit.planning.distance import distance_from
from imagefit.planning.planner import planner_of
from imagefit.rulepack.pack import Choice, Distance, Pack
from imagefit.supply import Completed, Supply
from strategies import FEW_FIELDS, few_candidates, packs_with_remedies, values

IMAGE = {"id": "i", "image.architecture": "x86_64", "image.boot_mode": "uefi", "image.visibility": "private"}
OWN = {"image.type": "system_disk", "image.status": "active", "image.owner": "me", "ecs.account": "me"}
FLAVORS = [
    {"id": "arm", "ecs.architecture": "arm64", "ecs.accelerator": "none", "ecs.memory_mib": 4096, "ecs.family": "kc1"},
    {"id": "big", "ecs.architecture": "x86_64", "ecs.accelerator": "none", "ecs.memory_mib": 16384, "ecs.family": "c7"},
    {
        "id": "small",
        "ecs.architecture": "x86_64",
        "ecs.accelerator": "none",
        "ecs.memory_mib": 4096,
        "ecs.family": "c7",
    },
    {"id": "gpu", "ecs.architecture": "x86_64", "ecs.accelerator": "gpu", "ecs.memory_mib": 4096, "ecs.family": "pi2"},
]
SELECT = ["arch.matches", "boot.uefi-on-heterogeneous"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    images, flavors = tmp_path / "images.json", tmp_path / "flavors.json"
    images.write_text(json.dumps([{**IMAGE, **OWN}, {**IMAGE, **OWN, "id": "j", "image.architecture": "arm64"}]))
    flavors.write_text(json.dumps(FLAVORS))
    return str(images), str(flavors)


def test_flavors_that_take_an_image_come_first_and_the_nearest_of_them_before_others(files: tuple[str, str]) -> None:
    images, flavors = files
    wanted = {"ecs.memory_mib": 16384, "ecs.family": "c6"}
    found = imagefit.suggest(image=f"{images}#i", ecs=flavors, wanted=wanted, select=SELECT)
    assert [each.key for each in found.fitting] == ["big", "small"]
    assert [each.verdict for each in found.fitting] == ["compatible", "compatible"]
    assert [(each.key, each.plan and each.plan.remedies) for each in found.one_step] == [
        ("gpu", ("set-boot-mode-bios",))
    ]
    assert (found.others, found.reasons) == (1, (("arch.matches", 1),))


def test_each_verdict_is_that_of_a_check(files: tuple[str, str]) -> None:
    images, flavors = files
    found = imagefit.suggest(image=f"{images}#i", ecs=flavors)
    for each in (*found.fitting, *found.undecided, *found.one_step):
        verdict = imagefit.check(image=f"{images}#i", ecs=f"{flavors}#{each.key}", operation="create_ecs")
        assert (each.verdict, each.missing) == (verdict.verdict, verdict.missing)
        assert each.plan is None or each.plan.remedies in [plan.remedies for plan in verdict.plans(100)]


def test_images_that_fit_one_flavor(files: tuple[str, str]) -> None:
    images, flavors = files
    found = imagefit.suggest(image=images, ecs=f"{flavors}#arm", select=["arch.matches"])
    assert found.what == "image" and [each.key for each in found.fitting] == ["j"] and found.others == 1


def test_without_flavors_the_catalog_is_asked(files: tuple[str, str]) -> None:
    found = imagefit.suggest(image=f"{files[0]}#i", like="c7n.xlarge.2", select=["arch.matches"])
    assert found.fitting[0].key == "c7n.xlarge.2" and found.counts["fitting"] > 200 and len(found.fitting) == 10
    assert {each.verdict for each in found.fitting} == {"compatible"}
    assert found.others > 10 and dict(found.reasons) == {"arch.matches": found.others}


def test_the_command_line_shows_them(files: tuple[str, str]) -> None:
    images, flavors = files
    command = ["suggest", "--image", f"{images}#i", "--ecs", flavors, "--select", ",".join(SELECT)]
    shown = run(*command, env={"COLUMNS": "80"}).stdout
    assert "2 flavors that fit, the nearest first:\n  big\n  small\n" in shown
    assert "  gpu\n    image owner: set the image's boot mode to BIOS" in shown
    assert "1 more does not fit, stopped by\n  1  arch.matches" in shown
    found = json.loads(run(*command, "--format", "json").stdout)
    assert [each["key"] for each in found["fitting"]] == ["big", "small"]


def test_several_of_both_are_refused(files: tuple[str, str]) -> None:
    with pytest.raises(imagefit.InputError, match="2 images and 4 ECSs"):
        imagefit.suggest(image=files[0], ecs=files[1])


def test_a_pack_that_does_not_say_what_is_near_is_refused(files: tuple[str, str], lamps: Pack) -> None:
    with pytest.raises(imagefit.InputError):
        imagefit.suggest(image=f"{files[0]}#i", pack=lamps, operation="screw_in")


NUMBERS = st.integers(1, 1 << 20)
BY = Choice(
    "c", "c", "ecs", ("a", "b"), (Distance("a", "^[a-z]+", "other", 8, ""), Distance("b", "", "doublings", 2, ""))
)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (["--image", "images.json#i", "--os", "ubuntu 22"], "image.os_version"),
        (["--image", "images.json#i", "--near", "image.type=iso"], "image.type"),
        (["--image", "images.json", "--flavor", "c7n.large.2", "--vcpus", "4"], "ecs.vcpus"),
        (["--image", "images.json#i", "--memory-gib", "nan"], "--memory-gib"),
        (["--image", "images.json#i", "--memory-gib", "1e999"], "--memory-gib"),
    ],
)
def test_what_is_asked_for_and_tells_nothing_of_what_is_chosen_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str], named: str
) -> None:
    (tmp_path / "images.json").write_text(json.dumps([{**IMAGE, **OWN}]))
    monkeypatch.chdir(tmp_path)
    result = run("suggest", *asked)
    assert result.exit_code == 2 and named in result.stderr and "internal" not in result.stderr


def test_what_a_step_leaves_undecided_is_said(tmp_path: Path) -> None:
    images = tmp_path / "images.json"
    images.write_text(json.dumps([{**IMAGE, **OWN, "id": "queued", "image.status": "queued"}]))
    command = ["suggest", "--image", str(images), "--flavor", "c7n.large.2", "--select"]
    env = {"COLUMNS": "80"}
    whole = run(*command, "status.active", env=env).stdout
    assert "1 image that would fit with one step:" in whole and "undecided" not in whole
    part = run(*command, "status.active,locality", env=env).stdout
    assert "fit with one step" not in part and "then nothing known speaks against it" in part
    (undecided,) = [line for line in part.splitlines() if "undecided" in line]
    assert {"image.region", "ecs.region"} <= set(undecided.replace(",", "").split())


def test_a_pack_that_knows_no_flavors_is_offered_none(tmp_path: Path) -> None:
    assert run("rules", "new", str(tmp_path / "pack")).exit_code == 0
    with (tmp_path / "pack" / "remedies.yaml").open("a") as file:
        file.write("choices:\n")
        for name, of, fact in (("lamp", "image", "lamp.base"), ("socket", "ecs", "socket.base")):
            distance = f"[{{fact: {fact}, weight: 1, meaning: another base}}]"
            file.write(f"  {name}: {{title: {name}, of: {of}, facts: [{fact}], distance: {distance}}}\n")
    lamps = tmp_path / "lamps.json"
    lamps.write_text(json.dumps([{"id": "a", "lamp.base": "e14"}, {"id": "b", "lamp.base": "e27"}]))
    sockets = tmp_path / "sockets.json"
    sockets.write_text(json.dumps([{"id": "s", "socket.base": "e27"}]))
    command = ["suggest", "--pack", str(tmp_path / "pack"), "--image", f"{lamps}#a"]
    screwed = ["--operation", "screw_in"]
    for options, said in (
        (screwed, "nothing to choose from: flavors are nothing for this pack"),
        ([*screwed, "--flavor", "c7n.large.2"], "--flavor: a flavor is nothing for this pack"),
        ([*screwed, "--like", "c7n.large.2", "--ecs", str(sockets)], "--flavor: a flavor is nothing for this pack"),
        (["--ecs", str(sockets)], "--operation: say what is to be done; expected one of"),
    ):
        result = run(*command, *options)
        assert result.exit_code == 2 and said in result.stderr
    check = ["check", "--pack", str(tmp_path / "pack"), "--flavor", "c7n.large.2", *screwed]
    assert "a flavor is nothing for this pack" in run(*check).stderr
    sides = ["--image", str(lamps), "--ecs", str(sockets), "--select", "fitting.base-fits-socket"]
    shown = run("suggest", "--pack", str(tmp_path / "pack"), *sides, *screwed).stdout
    assert "1 lamp that fits:\n  b\n" in shown


def test_what_the_reader_notes_of_the_one_that_is_asked_about_is_told() -> None:
    samples = Path(__file__).parents[2] / "data" / "samples"
    for options, said in (
        (["--image", f"{samples / 'images.json'}#warehouse-complete"], "made from a server backup"),
        (
            ["--image", str(samples / "images.json"), "--ecs", f"{samples / 'flavors.json'}#t6.large.2"],
            "on sale depends",
        ),
    ):
        result = run("suggest", *options, "--limit", "1", "--format", "json")
        assert result.exit_code == 0 and result.stderr.count(said) == 1


def test_what_fits_and_warns_says_so(tmp_path: Path) -> None:
    images = tmp_path / "images.json"
    rows = [{**IMAGE, **OWN, "id": kind, "image.type": kind} for kind in ("full_ecs", "system_disk")]
    images.write_text(json.dumps(rows))
    command = [
        "suggest",
        "--image",
        str(images),
        "--flavor",
        "c7.large.2",
        "--select",
        "type.boots-an-ecs,type.full-ecs-disks,disk",
    ]
    env = {"COLUMNS": "80"}
    found = json.loads(run(*command, "--format", "json", env=env).stdout)
    assert {each["key"]: each["warnings"] for each in found["fitting"]} == {
        "full_ecs": ["disk.qingtian-scsi", "type.full-ecs-disks"],
        "system_disk": ["disk.qingtian-scsi"],
    }
    shown = run(*command, env=env).stdout
    assert "  full_ecs\n    notice type.full-ecs-disks: an ECS from a full-ECS image" in shown
    assert "  warnings   disk.qingtian-scsi\n" in shown


def test_the_text_counts_in_words_that_fit_the_number(files: tuple[str, str]) -> None:
    images, flavors = files
    command = ["suggest", "--image", f"{images}#i", "--ecs"]
    env = {"COLUMNS": "80"}
    one = run(*command, f"{flavors}#big", "--select", "arch.matches", env=env).stdout
    assert "\n1 flavor that fits:\n  big\n" in one and "not fit" not in one
    none = run(*command, f"{flavors}#arm", "--select", "arch.matches", env=env).stdout
    assert "\n1 flavor does not fit, stopped by\n  1  arch.matches: an image runs only on" in none
    some = run(*command, flavors, "--select", "arch.matches", env=env).stdout
    assert "\n3 flavors that fit, the nearest first:\n" in some and "\n1 more does not fit, stopped by\n" in some


@given(NUMBERS, NUMBERS)
def test_distance_is_symmetric_and_none_to_itself(one: int, other: int) -> None:
    this, that = {"a": "c7", "b": one}, {"a": "m7", "b": other}
    assert distance_from(BY, this)(this) == 0
    assert distance_from(BY, this)(that) == pytest.approx(distance_from(BY, that)(this))
    assert distance_from(BY, {})(that) == 0 and distance_from(BY, this)({}) == 10
    assert distance_from(BY, {"b": 1})({"b": 4}) == 4


def test_what_is_asked_for_in_options_comes_first(files: tuple[str, str]) -> None:
    images, _ = files
    command = ["suggest", "--image", f"{images}#i", "--vcpus", "16", "--memory-gib", "32", "--select", "arch.matches"]
    shown = run(*command, "--limit", "2", env={"COLUMNS": "80"}).stdout.splitlines()
    near = [line for line in shown if line.startswith("  ")]
    assert [line.split(", ")[1:] for line in near[:2]] == [["16 vCPU", "32768 MiB"]] * 2
    assert near[2].endswith("more, which --limit 0 shows")
    found = imagefit.suggest(image=f"{images}#i", wanted={"ecs.vcpus": 16, "ecs.memory_mib": 32 * 1024}, limit=0)
    far = [each.distance for each in (*found.fitting, *found.undecided)]
    assert far == sorted(far) and far[0] == 0 and far[-1] > 0


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--like", "c7n.larg"], "did you mean c7n.large.2 or c7n.large.4?"),
        (["--like", "nosuch.large.2"], "its family is in no catalog"),
        (["--az", "cn-north-4zz"], "availability zone cn-north-4zz is in no catalog"),
    ],
)
def test_a_name_that_is_not_known_is_told_as_check_tells_it(
    files: tuple[str, str], option: list[str], said: str
) -> None:
    result = run("suggest", "--image", f"{files[0]}#i", *option, "--format", "json")
    assert (result.exit_code, result.stderr.count(said)) == (0, 1)
    like, zone = (option[1], None) if option[0] == "--like" else (None, option[1])
    with pytest.warns(imagefit.ImagefitWarning, match=re.escape(said)):
        imagefit.suggest(image=f"{files[0]}#i", like=like, zone=zone)


def test_an_os_is_asked_for_by_some_of_its_words(tmp_path: Path) -> None:
    named = {"a": "CentOS 7.9 64bit", "b": "Ubuntu 20.04 server 64bit", "c": "Ubuntu 22.04 server 64bit", "d": None}
    rows = [{**IMAGE, **OWN, "id": name, "image.os_version": os} for name, os in named.items()]
    (tmp_path / "images.json").write_text(json.dumps(rows))
    command = ["suggest", "--image", str(tmp_path / "images.json"), "--flavor", "c7n.large.2", "--os", "Ubuntu 22"]
    found = json.loads(run(*command, "--format", "json", "--select", "arch.matches").stdout)
    assert [(each["key"], each["distance"]) for each in found["fitting"]] == [("c", 0), ("b", 2), ("a", 4), ("d", 4)]


@settings(deadline=None)
@given(packs_with_remedies(), few_candidates(), st.lists(few_candidates(), min_size=1, max_size=8), st.data())
def test_many_alternatives_come_to_what_each_comes_to_alone(
    pack: Pack, rest: Facts, others: list[Facts], data: st.DataObject
) -> None:
    assume(any("use" in rule.operations for rule in pack.rules))
    own = data.draw(st.sets(st.sampled_from(sorted(FEW_FIELDS))))
    others = [{name: value for name, value in facts.items() if name in own} for facts in others]
    others = data.draw(st.lists(st.sampled_from(others), min_size=1, max_size=8))  # some were read from one
    rest = {name: value for name, value in rest.items() if name not in own}
    name = data.draw(st.sampled_from(sorted(FEW_FIELDS)))
    supply = Supply(assumptions={name: data.draw(values(FEW_FIELDS[name]))})
    every = [supply.complete({**rest, **facts}) for facts in others]
    keys = [str(place) for place in range(len(others))]
    alternatives = Alternatives(keys, keys, others, [()] * len(keys), rest, {}, supply, every.__getitem__)
    planner, prepared = planner_of(pack, "use"), prepare(pack, "use", (), ())
    told, apart = (each.cases(planner) for each in (alternatives, replace(alternatives, facts=list(map(dict, others)))))
    assert told == apart

    def said(candidate: Completed) -> tuple[tuple[str, ...], list[str]]:
        verdict = prepared.verdict(candidate)
        return verdict.missing, [rule.rule for rule in verdict.warnings]

    found = suggestions(planner, replace(BY, distance=()), alternatives, {}, said)
    kinds = {each.key: kind for kind in ("fitting", "undecided", "one_step") for each in getattr(found, kind)}
    for key, candidate in zip(keys, every, strict=True):
        verdict = prepared.verdict(candidate)
        plan = planner.one_step(candidate.facts, sorted(candidate.used))
        step = "others" if plan is None else "one_step"
        kind = {"compatible": "fitting", "unknown": "undecided", "incompatible": step}[str(verdict.verdict)]
        assert kinds.get(key, "others") == kind
    for each in (*found.fitting, *found.undecided, *found.one_step):
        assert (each.missing, list(each.warnings)) == said(every[int(each.key)])
    assert sum(found.counts.values()) == len(others)
