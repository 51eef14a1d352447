"""The reference catalogs: every row has its source, and the traps in them hold."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from imagefit.api.packs import shipped_packs
from imagefit.conditions import leaves
from imagefit.readers import Catalogs
from imagefit.readers.shipped import shipped_folder
from imagefit.rulepack.pack import Pack
from packfiles import shipped_pack

CATALOGS = sorted(str(path.name) for path in shipped_folder("data").iterdir() if path.name.endswith(".csv"))


@pytest.fixture(scope="module")
def catalogs() -> Catalogs:
    return Catalogs()


@pytest.mark.parametrize("name", CATALOGS)
def test_every_row_has_its_source_and_the_day_it_was_read(name: str):
    with shipped_folder("data").joinpath(name).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, strict=True))
    assert rows
    key = next(iter(rows[0]))
    assert len({row[key] for row in rows}) == len(rows)
    for row in rows:
        assert row["source"].strip()
        assert re.fullmatch(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]", row["read"])


def test_a_zone_of_another_name_belongs_to_its_region(catalogs: Catalogs):
    assert catalogs.zones["cn-south-2b"] == "cn-south-1"
    assert catalogs.zones["cn-south-1"] == "cn-south-1"
    assert set(catalogs.zones.values()) <= set(catalogs.regions)


def test_every_family_uses_the_words_of_the_pack(catalogs: Catalogs, built_in: Pack):
    for family in catalogs.families.values():
        for value, fact in (
            (family.architecture, "ecs.architecture"),
            (family.accelerator, "ecs.accelerator"),
            (family.virtualization, "ecs.virtualization"),
        ):
            assert value == "" or value in built_in.fields[fact].values


def test_families_that_start_with_k_are_kunpeng_and_no_other_is(catalogs: Catalogs):
    for name, family in catalogs.families.items():
        assert (family.architecture == "arm64") == name.startswith("k")
        assert family.architecture, name


def test_every_flavor_of_known_size_has_a_family(catalogs: Catalogs):
    assert all(catalogs.family(flavor) is not None for flavor in catalogs.sizes)


def test_a_regular_family_has_no_flavor_that_breaks_the_arithmetic_but_its_exceptions(catalogs: Catalogs):
    """The oracle: the size's word gives the vCPUs, the last part the GiB for each; or both are stated."""
    words = {"small": 1, "medium": 1, "large": 2, "xlarge": 4}
    for flavor, size in catalogs.sizes.items():
        family = catalogs.family(flavor)
        _, word, ratio, *more = (*flavor.split("."), "")
        number, unit = re.fullmatch("([0-9]*)(.*)", word).groups()
        if family is None or not family.is_regular or unit == "slarge" or any(more):
            continue
        if unit == "u":
            assert (size.vcpus, size.memory_mib) == (int(number), int(ratio.removesuffix("g")) * 1024), flavor
            continue
        vcpus = words[unit] * int(number or 1)
        is_regular = (size.vcpus, size.memory_mib) == (vcpus, vcpus * int(ratio) * 1024)
        assert is_regular == (word not in family.exceptions), flavor


def test_a_name_that_two_clouds_use_is_told_apart_by_the_form_of_the_id(catalogs: Catalogs):
    assert catalogs.family("x1.4u.8g").name == "x*.*u.*g"
    assert catalogs.family("x1.2xlarge.4").name == "x1"
    assert catalogs.family("x1.4u").name == "x1"


def test_the_naming_rule_covers_ecs_flavors_and_nothing_else(catalogs: Catalogs):
    assert catalogs.family("zz9.large.2").name == "*"
    assert catalogs.family("sk2.large.2").name == "s*"
    for other in ("physical.kl1.3xlarge", "Zz9.large.2", "zz9", "8f2d6f0e-7f35-4d0f-a1f3-0a4f5f7f1c11", "large.2", ""):
        assert catalogs.family(other) is None, other


@pytest.mark.parametrize("suffix", [".linux", ".win", ".linux.bigdata"])
def test_what_bills_put_behind_an_id_is_taken_off(catalogs: Catalogs, suffix: str):
    assert catalogs.family(f"d2.xlarge.8{suffix}").name == "d2"
    assert catalogs.size(f"d2.xlarge.8{suffix}") == catalogs.size("d2.xlarge.8")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("C7N.large.2", "c7n"),
        ("cn7.large.2", "c7n"),
        ("c-7n.large.2", "c7n"),
        ("cc7n.large.2", "c7n"),
        ("s5.large.2", None),
        ("t7.large.2", None),
        ("p2x.large.2", None),
        ("", None),
    ],
)
def test_a_family_is_offered_only_where_the_name_is_a_likely_slip_of_the_pen(catalogs, written: str, meant: str | None):
    assert catalogs.likely_family(written) == meant


def test_the_gpus_of_images_belong_to_families_with_gpus(catalogs: Catalogs):
    for family in catalogs.gpu_types:
        assert catalogs.families[family].accelerator == "gpu"
    assert catalogs.gpu_types["g1"] == {"M60", "M60_vGPU"}


def test_an_os_is_found_whatever_its_case_and_not_found_is_unknown(catalogs: Catalogs):
    assert catalogs.supports_uefi("windows SERVER 2019 datacenter 64BIT") is True
    assert catalogs.supports_uefi("Red Hat Linux Enterprise 6.6 32bit") is True
    assert catalogs.supports_uefi("CentOS 7.9 64bit") is None
    assert catalogs.supports_uefi("") is None


def test_every_error_code_names_a_rule_that_names_it_or_says_why_none_can(catalogs: Catalogs, built_in: Pack):
    rules = {rule.id: rule for rule in built_in.rules}
    for code in catalogs.error_codes.values():
        assert code.meaning
        assert bool(code.rule) != bool(code.why_no_rule), code
        assert not code.rule or code.code in rules[code.rule].error_codes, code


def test_every_error_code_of_a_rule_is_in_the_catalog(catalogs: Catalogs, built_in: Pack):
    assert {code for rule in built_in.rules for code in rule.error_codes} <= set(catalogs.error_codes)


ZONES_OF_PROFILES = {
    "huawei-ims": {"cn-north-4a": "cn-north-4", "ap-southeast-3a": "ap-southeast-3", "la-south-2a": "la-south-2"},
    "huawei-ims-api": {"ap-southeast-1a": "ap-southeast-1"},
    "huawei-ims-china": {
        "cn-north-1a": "cn-north-1",
        "cn-north-4b": "cn-north-4",
        "cn-east-2a": "cn-east-2",
        "cn-east-3b": "cn-east-3",
        "cn-south-1c": "cn-south-1",
    },
    "huawei-ims-eu-west-0": {"eu-west-0a": "eu-west-0", "eu-west-0b": "eu-west-0", "eu-west-0c": "eu-west-0"},
    "huawei-ims-intl": {"ap-southeast-1a": "ap-southeast-1", "ap-southeast-3b": "ap-southeast-3"},
    "open-telekom-cloud": {
        "eu-de-01": "eu-de",
        "eu-de-02": "eu-de",
        "eu-de-03": "eu-de",
        "eu-nl-01": "eu-nl",
        "eu-nl-02": "eu-nl",
        "eu-nl-03": "eu-nl",
    },
}
"""Of each pack that ships, zones that its users name, and the region of each."""


@pytest.mark.parametrize("name", shipped_packs())
def test_the_regions_and_zones_of_each_profile_are_known(catalogs: Catalogs, name: str):
    zones = ZONES_OF_PROFILES[name]
    assert {zone: catalogs.zones.get(zone) for zone in zones} == zones
    assert set(zones.values()) <= set(catalogs.regions)


@pytest.mark.parametrize("name", shipped_packs())
def test_the_regions_that_rules_of_a_profile_name_are_known(catalogs: Catalogs, name: str):
    named = {
        value
        for rule in shipped_pack(name).rules
        for leaf in leaves(rule.violation)
        if leaf.fact.endswith("region") and isinstance(leaf.operand, frozenset)
        for value in leaf.operand
    }
    assert named <= set(catalogs.regions)


def test_the_catalogs_of_another_folder_can_be_read(tmp_path: Path):
    (tmp_path / "availability-zones.csv").write_text("availability_zone,region,source,read\na1,a,s,2026-01-01\n")
    assert Catalogs(tmp_path).zones == {"a1": "a"}
