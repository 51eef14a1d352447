from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result


@pytest.fixture
def complete(run: Callable[..., Result]) -> Callable[..., list[str]]:
    """Ask for completions as fish does, which passes words whole: the last word is the incomplete one."""

    def ask(*words: str) -> list[str]:
        env = {
            "_IMAGEFIT_COMPLETE": "fish_complete",
            "COMP_WORDS": " ".join(("imagefit", *words[:-1])),
            "COMP_CWORD": words[-1],
        }
        result = run(env=env)
        assert result.stderr == ""
        return [line.split(",", 1)[1].split("\t")[0] for line in result.stdout.split("\n") if line.startswith("plain,")]

    return ask


def test_operations_are_offered(complete: Callable[..., list[str]]) -> None:
    assert complete("check", "--operation", "cr") == ["create_disk", "create_ecs", "create_image"]


def test_facts_are_offered_and_then_their_values(complete: Callable[..., list[str]]) -> None:
    assert complete("check", "--set", "image.boot") == ["image.boot_mode="]
    assert complete("check", "--assume", "image.boot_mode=") == ["image.boot_mode=bios", "image.boot_mode=uefi"]
    assert complete("check", "--set", "image.encrypted=t") == ["image.encrypted=true"]
    assert complete("check", "--set", "image.region=") == []
    assert complete("check", "--set", "nonsense=") == []


def test_rules_prefixes_and_tags_are_offered(complete: Callable[..., list[str]]) -> None:
    assert complete("rules", "show", "boot.uefi-on-h") == ["boot.uefi-on-heterogeneous"]
    assert "boot" in complete("check", "--select", "bo")
    assert complete("check", "--ignore", "boot,arch.m") == ["boot,arch.matches"]


def test_commands_are_offered(complete: Callable[..., list[str]]) -> None:
    assert complete("ru") == ["rules"]
    assert "show" in complete("rules", "s")


def test_evaluators_and_packs_that_ship_are_offered(complete: Callable[..., list[str]]) -> None:
    assert complete("check", "--evaluator", "ref") == ["reference"]
    assert "huawei-ims" in complete("check", "--pack", "huawei-i")


def test_the_pack_of_the_command_line_is_used(complete: Callable[..., list[str]], lamps_folder: Path) -> None:
    assert complete("check", "--pack", str(lamps_folder), "--operation", "") == ["lend", "screw_in"]


def test_a_pack_that_does_not_load_offers_nothing(complete: Callable[..., list[str]], tmp_path: Path) -> None:
    for option in ("--operation", "--set", "--select"):
        assert complete("check", "--pack", str(tmp_path), option, "") == []
