"""Steps that choose name what is known to exist, the nearest first; where nothing is known they stay abstract."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import imagefit
from commands import run
from imagefit.api.defaults import defaults_for
from imagefit.api.known import Existing
from imagefit.facts import Facts
from imagefit.planning.judging import Judging
from imagefit.planning.planner import planner_of
from imagefit.planning.real import Others, Real
from imagefit.rulepack.pack import Outcome, Pack
from imagefit.sources.pairing import candidates_of
from imagefit.sources.reading import flavor_ids
from imagefit.sources.subjects import Reader
from imagefit.supply import Same, Supply
from strategies import CHOICES, FEW_FIELDS, few_candidates, packs_with_remedies

SELECT = ["arch.matches"]
IMAGE = {"id": "i", "image.architecture": "arm64", "image.os_version": "EulerOS 2.9 64bit"}
FLAVORS = [
    {"id": "old", "ecs.architecture": "x86_64", "ecs.memory_mib": 4096},
    {"id": "big", "ecs.architecture": "arm64", "ecs.memory_mib": 65536},
    {"id": "near", "ecs.architecture": "arm64", "ecs.memory_mib": 8192},
]


def plans(images: object, flavors: object, **more: str) -> list[list[tuple[str, str]]]:
    verdict = imagefit.check(image=images, ecs=flavors, operation="create_ecs", select=SELECT, **more)  # type: ignore[arg-type]
    return [[(step.chooses, step.chosen) for step in plan.steps] for plan in verdict.plans()]


def request_of(image: str, flavor: str) -> dict[str, object]:
    more = {"name": "web-1", "root_volume": {"volumetype": "SSD"}, "vpcid": "v", "nics": [{"subnet_id": "n"}]}
    return {"server": {"imageRef": image, "flavorRef": flavor, **more}}


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    images, flavors = tmp_path / "images.json", tmp_path / "flavors.json"
    images.write_text(json.dumps([IMAGE]))
    flavors.write_text(json.dumps(FLAVORS))
    return str(images), str(flavors)


def test_the_nearest_of_the_list_is_named_and_what_no_list_has_stays_abstract(files: tuple[str, str]) -> None:
    images, flavors = files
    assert plans(f"{images}#i", f"{flavors}#old") == [[("image", "")], [("flavor", "near")]]


def test_a_step_is_left_out_where_nothing_that_exists_would_do(files: tuple[str, str]) -> None:
    images, flavors = files
    Path(flavors).write_text(json.dumps([FLAVORS[0], {**FLAVORS[0], "id": "other"}]))
    assert plans(f"{images}#i", f"{flavors}#old") == [[("image", "")]]


def test_an_image_of_the_list_is_named(files: tuple[str, str]) -> None:
    images, flavors = files
    others = [{**IMAGE, "id": n, "image.architecture": "x86_64", "image.os_version": o} for n, o in
              (("far", "CentOS 7.9 64bit"), ("close", "EulerOS 2.5 64bit"))]  # fmt: skip
    Path(images).write_text(json.dumps([IMAGE, *others]))
    assert [("image", "close")] in plans(f"{images}#i", f"{flavors}#old")


def test_of_a_flavor_known_by_its_id_the_catalog_is_searched(files: tuple[str, str]) -> None:
    verdict = imagefit.check(image=f"{files[0]}#i", flavor="c7n.xlarge.2", operation="create_ecs", select=SELECT)
    (plan,) = (plan for plan in verdict.plans() if plan.steps[0].chooses == "flavor")
    chosen = plan.steps[0].chosen
    assert (
        imagefit.check(image=f"{files[0]}#i", flavor=chosen, operation="create_ecs", select=SELECT).verdict
        == plan.verdict
    )
    assert plan.steps[0].facts["ecs.vcpus"] == 4 and not plan.alike


@pytest.mark.parametrize(
    ("flavor", "vcpus"), [("kai1s.3xlarge.2", (8, 16)), ("kai1s.large.2", (2,)), ("c1.xlarge", (4,))]
)
def test_of_a_flavor_that_no_catalog_has_one_of_about_its_size_is_chosen(
    files: tuple[str, str], flavor: str, vcpus: tuple[int, ...]
) -> None:
    image = {**IMAGE, "image.visibility": "private", "image.boot_mode": "uefi"}
    if flavor == "c1.xlarge":
        image["image.architecture"] = "x86_64"
    Path(files[0]).write_text(json.dumps([image]))
    select = ["arch.matches", "boot.uefi-on-heterogeneous", "boot.uefi-not-on-xen"]
    asked = {"image": f"{files[0]}#i", "operation": "create_ecs", "select": select}
    verdict = imagefit.check(flavor=flavor, **asked)  # type: ignore[arg-type]
    assert "ecs.vcpus" not in verdict.facts and verdict.verdict != "compatible"
    chosen = [step for plan in verdict.plans() for step in plan.steps if step.chooses == "flavor"]
    assert chosen and chosen[0].facts["ecs.vcpus"] in vcpus
    repaired = imagefit.suggest(request=request_of("i", flavor), image=files[0], select=select)
    (first, *_) = [change.after for repair in repaired.repairs for change in repair.changes if change.field == "flavor"]
    assert first == chosen[0].chosen
    like = imagefit.suggest(image=f"{files[0]}#i", like=flavor, select=select, limit=1)
    assert like.fitting[0].facts["ecs.vcpus"] in vcpus


def test_many_candidates_choose_from_their_lists_as_each_alone_does(files: tuple[str, str]) -> None:
    images, flavors = files
    Path(images).write_text(json.dumps([{**IMAGE, "id": n, "image.architecture": n} for n in ("arm64", "x86_64")]))
    options = ("--operation", "create_ecs", "--az", "az1", "--format", "json")
    together = json.loads(run("check", "--image", images, "--ecs", flavors, *options).stdout)["verdicts"]
    ids = [(each["image"]["id"], each["ecs"]["id"]) for each in together]
    assert len(set(ids)) == 6
    for (image, ecs), found in zip(ids, together, strict=True):
        alone = run("check", "--image", f"{images}#{image}", "--ecs", f"{flavors}#{ecs}", *options).stdout
        assert json.loads(alone)["verdicts"][0]["plans"] == found["plans"]


def test_the_text_says_what_is_chosen_and_where_nothing_is_known(files: tuple[str, str]) -> None:
    images, flavors = files
    command = ["check", "--image", f"{images}#i", "--ecs", f"{flavors}#old", "--operation", "create_ecs"]
    shown = run(*command, "--select", *SELECT, env={"COLUMNS": "80"}).stdout
    assert "choose a flavor for arm64: near\n" in shown
    assert "choose an image for x86_64\n       (any such image: none is known here by name)\n" in shown
    found = json.loads(run(*command, "--select", *SELECT, "--format", "json").stdout)
    steps = [step for plan in found["verdicts"][0]["plans"] for step in plan["steps"]]
    assert [(step["chooses"], step.get("chosen")) for step in steps] == [("image", None), ("flavor", "near")]


@pytest.mark.parametrize(
    ("zone", "given_facts", "supply"),
    [
        (None, {}, Supply()),
        ("cn-north-4a", {"ecs.vcpus": 3}, Supply(assumptions={"ecs.virtualization": "kvm"})),
        (None, {}, Supply(assumptions={"ecs.boot_mode": "uefi", "ecs.system_disk_gib": Same("ecs.memory_mib")})),
        (None, {"ecs.flavor_status": "obt"}, Supply(assumptions={"ecs.memory_mib": 1024})),
    ],
)
def test_what_is_known_of_the_catalog_is_what_reading_each_flavor_tells(
    built_in: Pack, zone: str | None, given_facts: Facts, supply: Supply
) -> None:
    own = built_in.choices["flavor"]
    own = replace(own, facts=(*own.facts, "ecs.system_disk_gib"))
    built_in = replace(built_in, choices={**built_in.choices, "flavor": own})
    reader = Reader(built_in.fields, zone=zone, defaults=defaults_for(built_in, given_facts, supply.assumptions))
    (candidate,) = candidates_of([], reader.flavors(["c7n.xlarge.2"], None), given_facts)
    expected = {}
    for each in reader.flavors(flavor_ids(), None):
        found = supply.complete({**each.record.facts, **given_facts}, each.record.origins)
        names = found.facts.keys() & set(own.facts)
        assumed = names & (found.used.keys() - given_facts.keys())
        expected[each.record.id] = {name: found.facts[name] for name in names}, assumed
    del expected["c7n.xlarge.2"]
    known = Existing(built_in, reader, given_facts, supply).beside(candidate)()
    assert {real.name: (real.facts, real.assumed) for real in known["flavor"]} == expected
    assert "image" not in known


SAMPLES = Path(__file__).parents[2] / "data" / "samples"
SAID: dict[str, Callable[[Facts], bool]] = {
    "choose-public-image-for-accelerator": lambda facts: (
        facts["image.visibility"] == "public" and facts["ecs.accelerator"] in facts["image.accelerators"]  # type: ignore[operator]
    ),
    "choose-image-for-architecture": lambda facts: facts["image.architecture"] == facts["ecs.architecture"],
    "choose-flavor-for-architecture": lambda facts: facts["image.architecture"] == facts["ecs.architecture"],
    "choose-flavor-with-image-accelerator": lambda facts: facts["ecs.accelerator"] in facts["image.accelerators"],  # type: ignore[operator]
    "choose-flavor-without-accelerator": lambda facts: facts["ecs.accelerator"] == "none",
    "choose-image-without-accelerator": lambda facts: not facts["image.accelerators"],
    "choose-64-bit-image": lambda facts: facts["image.os_bits"] == 64,
    "choose-bootable-image": lambda facts: facts["image.type"] in ("system_disk", "full_ecs"),
}
"""What the texts of some remedies say of what is chosen."""


@pytest.mark.parametrize("flavor", ["kai1s.3xlarge.2", "pi2.2xlarge.4", "kc1.large.2", "c7n.xlarge.2", "foo.large.2"])
def test_what_is_chosen_is_what_the_step_says(flavor: str) -> None:
    images = str(SAMPLES / "images.json")
    seen = set()
    for record in imagefit.read(images).records:
        for operation in ("create_ecs", "change_os", "resize"):
            verdict = imagefit.check(image=f"{images}#{record.key}", flavor=flavor, operation=operation)
            for step in (step for plan in verdict.plans(100) for step in plan.steps if step.chosen):
                if step.remedy in SAID:
                    assert SAID[step.remedy](step.facts), (record.name, step.text, step.chosen)
                    seen.add(step.remedy)
    assert seen or flavor == "foo.large.2"


@given(packs_with_remedies(), few_candidates(), st.lists(few_candidates(), min_size=1, max_size=5))
def test_what_is_chosen_from_what_exists_verifies(pack: Pack, facts: Facts, others: list[Facts]) -> None:
    assume(any("use" in rule.operations for rule in pack.rules))
    own = CHOICES["left"].facts
    real = [Real(str(n), {name: value for name, value in each.items() if name in own}) for n, each in enumerate(others)]
    verdict = imagefit.check(facts, operation="use", pack=pack)
    for plan in (
        planner_of(pack, "use")
        .knowing(lambda: {"left": Others([(each.name, each) for each in real])})
        .plans(verdict.facts, (), 100)
    ):
        operation, now = "use", verdict.facts
        assert len([step for step in plan.steps if step.chooses]) <= 1
        for step in plan.steps:
            if step.chosen:
                kept = {name: value for name, value in now.items() if name not in own}
                now = kept | dict(real[int(step.chosen)].facts)
            elif step.effects.keys() <= FEW_FIELDS.keys():
                now = {n: v for n, v in {**now, **step.effects}.items() if v is not None}
            operation = step.instead or operation
            assert now == step.facts
        assert imagefit.check(now, operation=operation, pack=pack).verdict == plan.verdict != "incompatible"


@given(packs_with_remedies(), few_candidates(), st.lists(few_candidates(), min_size=2, max_size=8))
def test_what_is_not_told_apart_comes_to_the_same(pack: Pack, facts: Facts, others: list[Facts]) -> None:
    names = frozenset(CHOICES["left"].facts)
    judging = Judging(pack.rules_for("use"))
    own_of = [{name: value for name, value in each.items() if name in names} for each in others]
    rest = {name: value for name, value in facts.items() if name not in names}
    seen: dict[object, object] = {}
    for own, told in zip(own_of, judging.told_apart(names, facts)(own_of), strict=True):
        outcomes = Judging(pack.rules_for("use")).outcomes({**rest, **own})
        in_the_way = [outcome if outcome in (Outcome.FAIL, Outcome.UNKNOWN) else None for outcome in outcomes]
        assert seen.setdefault(told, in_the_way) == in_the_way


def test_flavors_that_are_facts_beside_a_request_are_chosen_from(files: tuple[str, str]) -> None:
    images, flavors = files
    request = request_of("i", "old")
    verdict = imagefit.check(image=images, ecs=[flavors, request], select=SELECT)
    assert ["near"] in [[step.chosen for step in plan.steps] for plan in verdict.plans()]
    Path(flavors).write_text(json.dumps([FLAVORS[0], {**FLAVORS[0], "id": "other"}]))
    verdict = imagefit.check(image=images, ecs=[flavors, request], select=SELECT)
    assert "flavor" not in {step.chooses for plan in verdict.plans() for step in plan.steps}


def test_what_two_that_differ_are_called_is_no_step(files: tuple[str, str]) -> None:
    images, flavors = files
    for near in (FLAVORS[2], {**FLAVORS[2], "ecs.architecture": "x86_64"}):
        Path(flavors).write_text(json.dumps([*FLAVORS, near]))
        named = {chosen for plan in plans(images, f"{flavors}#old") for of, chosen in plan if of == "flavor"}
        assert ("near" in named) is (near == FLAVORS[2])


WAIVED = """
waivers:
  - {{rule: arch.matches, {named}, reason: r, owner: o, until: 2999-01-01}}
"""


@pytest.fixture
def waived(tmp_path: Path, built_in: Pack) -> Callable[[str], Pack]:
    """The built-in pack with a waiver of what is named."""

    def made(named: str) -> Pack:
        (tmp_path / "waivers.yaml").write_text(WAIVED.format(named=named))
        return imagefit.with_waivers(tmp_path / "waivers.yaml", pack=built_in)

    return made


def test_a_waiver_of_an_image_is_none_of_the_image_that_is_chosen_instead(
    files: tuple[str, str], waived: Callable[[str], Pack]
) -> None:
    images, flavors = files
    own = {**IMAGE, "image.type": "data_disk"}
    Path(images).write_text(json.dumps([own, {**own, "id": "arm", "image.type": "system_disk"}]))
    chosen = {"operation": "create_ecs", "select": ["arch.matches", "type.boots-an-ecs"]}
    for named, expected in (("image: [i]", []), ("image: [arm]", [["arm"]]), ("ecs: [old]", [["arm"]])):
        pack = waived(named)
        verdict = imagefit.check(image=f"{images}#i", ecs=f"{flavors}#old", pack=pack, **chosen)  # type: ignore[call-overload]
        plans = [plan for plan in verdict.plans(9) if {step.chooses for step in plan.steps} == {"image"}]
        assert [[step.chosen for step in plan.steps] for plan in plans] == expected
        alone = imagefit.check(image=f"{images}#arm", ecs=f"{flavors}#old", pack=pack, **chosen)  # type: ignore[call-overload]
        assert (alone.verdict == "compatible") is bool(expected)


def test_a_waiver_of_a_request_by_its_name_stays_one_whatever_flavor_it_asks_for(
    files: tuple[str, str], waived: Callable[[str], Pack]
) -> None:
    images, flavors = files
    Path(images).write_text(json.dumps([{**IMAGE, "image.min_memory_mib": 8192}]))
    Path(flavors).write_text(json.dumps([FLAVORS[0], {**FLAVORS[0], "id": "more", "ecs.memory_mib": 8192}]))
    asked = {"image": images, "ecs": [flavors, request_of("i", "old")], "select": ["arch.matches", "sizing.memory-min"]}
    for named, expected in (("ecs: [web-1]", [["more"]]), ("ecs: [old]", []), ("ecs: [more]", [["more"]])):
        verdict = imagefit.check(**asked, pack=waived(named))
        assert verdict.verdict == "incompatible"
        plans = [plan for plan in verdict.plans(9) if {step.chooses for step in plan.steps} == {"flavor"}]
        assert [[step.chosen for step in plan.steps] for plan in plans] == expected


ABROAD: Facts = {
    "image.region": "ap-southeast-1",
    "ecs.region": "ap-southeast-3",
    "image.visibility": "private",
    "image.status": "active",
    "image.type": "system_disk",
    "image.owner": "me",
    "image.encrypted": False,
    "image.size_gib": 20,
    "image.withdrawn": False,
    "image.architecture": "arm64",
    "ecs.architecture": "x86_64",
}


@pytest.mark.parametrize(
    ("named", "is_kept"), [("image: [i]", False), ("ecs: [i]", True), ("where: {image.owner: me}", True)]
)
def test_a_waiver_of_an_image_is_none_of_a_copy_of_it(waived: Callable[[str], Pack], named: str, is_kept: bool) -> None:
    pack = waived(named)
    facts = {**ABROAD, **{name: ["i"] for name in pack.fields if name.endswith(".called")}}
    chosen = {"operation": "create_ecs", "select": ["arch.matches", "locality.image-in-ecs-region"]}
    plans = imagefit.check(facts, pack=pack, **chosen).plans(9)  # type: ignore[arg-type]
    copied = [plan for plan in plans if [step.remedy for step in plan.steps] == ["replicate-to-ecs-region"]]
    assert [plan.verdict for plan in copied] == ["compatible"] * is_kept
