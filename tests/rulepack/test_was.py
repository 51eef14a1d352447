"""A rule that has got another id is still found by the one it had."""

from __future__ import annotations

from pathlib import Path

import pytest

import imagefit
from boxes import WORDS, boxes, header, rule
from imagefit import UnknownNameError
from packfiles import edited, place_of, problems_of, write_pack

LIGHT = "was: [weight.glass, boxes.limit]; require: {box.weight_kg: {at_most: 20}}"
SEALED = "require: {box.sealed: true}"


def test_an_id_that_a_rule_had_means_the_rule(tmp_path: Path) -> None:
    pack = boxes(tmp_path, rule("light", LIGHT), rule("sealed", SEALED))
    assert pack.rule("weight.glass").id == "boxes.light"
    assert [r.id for r in pack.rules_for("store", select=["weight.glass"])] == ["boxes.light"]
    assert [r.id for r in pack.rules_for("store", ignore=["boxes.limit"])] == ["boxes.sealed"]
    verdict = imagefit.check({"box.weight_kg": 21}, operation="store", pack=pack, select="boxes.limit")
    assert [r.rule for r in verdict.failed] == ["boxes.light"], "the verdict names what it is called today"


def test_a_prefix_of_an_id_that_a_rule_had_means_nothing(tmp_path: Path) -> None:
    pack = boxes(tmp_path, rule("light", LIGHT))
    with pytest.raises(UnknownNameError):
        pack.rules_for("store", select=["weight"])


def test_the_ids_that_rules_had_do_not_change_what_a_pack_means(tmp_path: Path) -> None:
    with_was = boxes(tmp_path / "a", rule("light", LIGHT))
    without = boxes(tmp_path / "b", rule("light", LIGHT.partition("; ")[2]))
    assert with_was.digest == without.digest


@pytest.mark.parametrize(
    ("was", "says"),
    [
        ("^safety.earth", "another rule has this id: safety.earth; expected an id that no rule has"),
        ("^fit.shape", "the rule's id stands twice: fit.shape"),
        ("old.name, ^old.name", "the rule's id stands twice: old.name"),
        ("^Old name", "wrong element of `was`: 'Old name'; expected the file's name, a dot, and small letters, "
                      "digits, '_' and '-'"),
    ],
)  # fmt: skip
def test_an_id_belongs_to_one_rule(tmp_path: Path, was: str, says: str) -> None:
    marked = edited("fit.yaml", "- id: fit.shape\n", f"- id: fit.shape\n  was: [{was}]\n")
    (problem,) = problems_of(tmp_path, {**marked, "fit.yaml": marked["fit.yaml"].replace("^", "")})
    line, column = place_of(marked["fit.yaml"], "^")
    assert str(problem) == f"fit.yaml:{line}:{column}: {says}"


def test_two_rules_can_not_have_had_one_id(tmp_path: Path) -> None:
    files = edited("fit.yaml", "- id: fit.shape\n", "- id: fit.shape\n  was: [old.name]\n")
    files = edited("safety.yaml", "- id: safety.earth\n", "- id: safety.earth\n  was: [old.name]\n", files)
    (problem,) = problems_of(tmp_path, files)
    assert problem.message in ("fit.shape had this id", "safety.earth had this id")
    assert (problem.found, problem.expected) == ("old.name", "an id that no other rule had")


BASE = {"pack.yaml": header(), "words.yaml": WORDS, "boxes.yaml": rule("light", LIGHT) + rule("sealed", SEALED)}
OVER = "name: over\nversion: 1.0.0\ntitle: Over\nextends: ../base\nadjustments:\n"


class TestOverlays:
    def load(self, folder: Path, adjustments: str) -> imagefit.Pack:
        from imagefit.api.packs import load_unproven_pack

        write_pack(folder / "base", BASE)
        return load_unproven_pack(write_pack(folder / "over", {"pack.yaml": OVER + adjustments}))

    def test_an_adjustment_can_name_a_rule_as_it_was(self, tmp_path: Path) -> None:
        pack = self.load(tmp_path, "  - {drop: weight.glass, why: x, loosens: true}\n")
        assert [r.id for r in pack.rules] == ["boxes.sealed"]
        assert [made.rule for made in pack.adjustments] == ["boxes.light"]

    def test_a_changed_rule_keeps_the_ids_that_it_had(self, tmp_path: Path) -> None:
        change = "{change: boxes.limit, limit: {box.weight_kg: {at_most: 20}}, to: 30, why: x, loosens: true}"
        pack = self.load(tmp_path, f"  - {change}\n")
        rule = pack.rule("weight.glass")
        assert (rule.id, rule.was) == ("boxes.light", ("weight.glass", "boxes.limit"))

    def test_a_replaced_rule_keeps_them_too(self, tmp_path: Path) -> None:
        new = "{title: t, operations: [store], message: m, source: {document: manual}, require: {box.sealed: true}}"
        pack = self.load(tmp_path, f"  - replace: weight.glass\n    why: x\n    loosens: true\n    with: {new}\n")
        assert pack.rule("boxes.limit").id == "boxes.light"

    def test_an_added_rule_can_not_have_an_id_that_another_one_had(self, tmp_path: Path) -> None:
        new = "{id: boxes.limit, title: t, operations: [ship], message: m, source: {document: manual}, "
        new += "require: {box.sealed: true}}"
        with pytest.raises(imagefit.PackError, match=r"pack.yaml:7:15: boxes.light had this id: boxes.limit"):
            self.load(tmp_path, f"  - why: x\n    add: {new}\n")
