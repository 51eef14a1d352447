"""Waivers: what they change of a verdict, and what they never do."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.conditions import Condition
from imagefit.errors import PackError, Position
from imagefit.evaluators.reference import outcome, truth
from imagefit.rulepack.pack import Outcome, Pack, Severity
from imagefit.rulepack.waivers import Waiver, read_waivers, waived_pack
from imagefit.verdicts import VerdictKind
from packfiles import shipped_pack, small_pack
from strategies import candidates, conditions, packs

TODAY = date(2026, 3, 1)


def waiver(pack: Pack, number: int, where: Condition | None, until: date | None = None) -> Waiver:
    """A waiver of one of the pack's rules that decide; none where there is no such rule."""
    rules = [rule.id for rule in pack.rules if rule.severity is not Severity.NOTICE]
    chosen = (rules[number % len(rules)],) if rules else ()
    return Waiver(chosen, "a rule", (), (), where, "so", "me", "", until, Position("w.yaml", number, 1))


def verdict(pack: Pack, facts: object, **options: object) -> imagefit.Verdict:
    return imagefit.check(facts, operation="use", pack=pack, **options)  # type: ignore[arg-type]


WAIVED = st.tuples(packs(), candidates(), st.lists(st.tuples(st.integers(0, 9), conditions()), min_size=1, max_size=3))


class TestLaws:
    @given(WAIVED)
    def test_what_is_compatible_stays_so(self, made) -> None:
        pack, facts, parts = made
        with_them, _ = waived_pack(pack, [waiver(pack, *part) for part in parts], TODAY)
        if verdict(pack, facts).verdict is VerdictKind.COMPATIBLE:
            assert verdict(with_them, facts).verdict is VerdictKind.COMPATIBLE

    @given(WAIVED)
    def test_an_expired_one_changes_nothing(self, made) -> None:
        pack, _, parts = made
        with_them, said = waived_pack(pack, [waiver(pack, *part, date(2026, 2, 28)) for part in parts], TODAY)
        assert with_them is pack
        assert len(said) == len(parts)
        assert all("counts again" in text for text in said)

    @given(WAIVED)
    def test_their_order_does_not_matter(self, made) -> None:
        pack, facts, parts = made
        waivers = [waiver(pack, *part) for part in parts]
        found = {
            (
                v.verdict,
                tuple(rule.rule for rule in v.failed),
                tuple(rule.rule for rule in v.undecided),
                () if v.missing_at_least else v.missing,  # what a budget has left out depends on where it began
            )
            for order in itertools.permutations(waivers)
            for v in (verdict(waived_pack(pack, order, TODAY)[0], facts),)
        }
        assert len(found) == 1

    @given(packs(), candidates(), conditions(), st.integers(0, 9))
    def test_each_rule_is_what_the_waiver_makes_of_it(self, pack: Pack, facts, where: Condition, number: int) -> None:
        """By the words of the law: applies, does not, or only may."""
        one = waiver(pack, number, where)
        with_it, _ = waived_pack(pack, [one], TODAY)
        applies = truth(where, facts)
        for rule in pack.rules:
            before, after = outcome(rule, facts), outcome(with_it.rule(rule.id), facts)
            if rule.id not in one.rules or before is not Outcome.FAIL or applies is False:
                assert before is after or (rule.id in one.rules and before is not Outcome.FAIL)
                assert after is not Outcome.FAIL or before is Outcome.FAIL
            else:
                assert after is (Outcome.NOT_APPLICABLE if applies else Outcome.UNKNOWN)
                notice = outcome(with_it.rule(f"waived.{rule.id}"), facts)
                assert notice is (Outcome.PASS if applies else Outcome.UNKNOWN)

    @given(WAIVED)
    def test_the_evaluators_agree_on_them(self, made) -> None:
        pack, facts, parts = made
        with_them, _ = waived_pack(pack, [waiver(pack, *part) for part in parts], TODAY)
        assert verdict(with_them, facts, evaluator="tabular") == verdict(with_them, facts)


LAMPS = """
waivers:
  - {rule: fitting, image: [old-*], reason: it is known, owner: ops, ticket: T-1, until: 2026-12-31}
"""


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "waivers.yaml"
        path.write_text(text)
        return path

    return write


def read(path: Path, pack: Pack, **options: bool) -> tuple[Waiver, ...]:
    return read_waivers(path, "waivers.yaml", pack, **options)


class TestFile:
    def test_rules_are_named_by_id_prefix_or_tag(self, file, lamps: Pack) -> None:
        (one,) = read(file(LAMPS), lamps)
        assert set(one.rules) == {rule.id for rule in lamps.rules if rule.concern == "fitting"} - {
            rule.id for rule in lamps.rules if rule.severity is Severity.NOTICE
        }
        assert (one.reason, one.owner, one.ticket, one.until) == ("it is known", "ops", "T-1", date(2026, 12, 31))

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("waivers:\n  - {rule: fiting, reason: a, owner: b, until: 2026-12-31}\n", "no rule that can be waived"),
            ("waivers:\n  - {rule: fitting, reason: a, owner: b}\n", "until is missing"),
            (
                "waivers:\n  - {rule: fitting, image: [], reason: a, owner: b, until: 2026-12-31}\n",
                "at least one element",
            ),
            (
                "waivers:\n  - {rule: fitting, ecs: [], reason: a, owner: b, until: 2026-12-31}\n",
                "at least one element",
            ),
            ("waivers:\n  - {rule: fitting, image: , reason: a, owner: b, until: 2026-12-31}\n", "expected a list"),
            ("waivers:\n  - {rule: fitting, where: , reason: a, owner: b, until: 2026-12-31}\n", "an empty condition"),
            (
                "waivers:\n  - {rule: fitting, where: {}, reason: a, owner: b, until: 2026-12-31}\n",
                "an empty condition",
            ),
            ("waivers:\n  - {rule: fitting, reason: a, owner: b, until: 31.12.2026}\n", "no day: '31.12.2026'"),
            ("waivers:\n  - {rule: fitting, reason: a, owner: b, until: 20261231}\n", ":2:"),
            ("waivers:\n  - {rule: fitting, owner: b, until: 2026-12-31}\n", "reason"),
            (
                "waivers:\n  - {rule: fitting, reason: a, owner: b, until: 2026-12-31, were: 1}\n",
                "did you mean 'where'",
            ),
            (
                "waivers:\n  - {rule: fitting, reason: a, owner: b, until: 2026-12-31, where: {lamp.bas: e14}}\n",
                "did you mean 'lamp.base'",
            ),
            ("waivers: 1\n", "waivers.yaml:1:"),
            ("- rule: fitting\n", "waivers.yaml:1:1"),
            ("", "the file is empty"),
        ],
    )
    def test_a_mistake_is_named_with_its_place(self, file, lamps: Pack, text: str, said: str) -> None:
        with pytest.raises(PackError, match=r"waivers\.yaml") as error:
            read(file(text), lamps)
        assert said in str(error.value)

    def test_one_without_an_end_is_taken_where_that_is_allowed(self, file, lamps: Pack) -> None:
        text = "waivers:\n  - {rule: fitting, reason: a, owner: b}\n"
        assert read(file(text), lamps, is_endless_allowed=True)[0].until is None

    def test_it_is_spoken_of_in_the_fortnight_before_it_ends(self, file, lamps: Pack) -> None:
        waivers = read(file(LAMPS), lamps)
        assert waived_pack(lamps, waivers, date(2026, 12, 16))[1] == []
        (said,) = waived_pack(lamps, waivers, date(2026, 12, 17))[1]
        assert "14 days left" in said
        assert "today is its last day" in waived_pack(lamps, waivers, date(2026, 12, 31))[1][0]
        assert "expired on 2026-12-31" in waived_pack(lamps, waivers, date(2027, 1, 1))[1][0]


SHARE = """
waivers:
  - rule: sharing.not-in-koogallery
    image: [gold-*, 0a1b]
    reason: "known: {image.owner}"
    owner: ops
    until: 2999-01-01
"""
PUBLISHED = {"image.published_in_koogallery": True}
OTHERS = {
    "image.visibility": "private",
    "image.status": "active",
    "image.encrypted": False,
    "image.recipients": 0,
    "image.type": "system_disk",
    "image.bound_to_zone": "none",
}


class TestVerbs:
    """One waiver, the same in check, audit and match, in Python and in tables."""

    @pytest.fixture
    def pack(self, file) -> Pack:
        return imagefit.with_waivers(file(SHARE))

    def test_a_check_shows_it_and_is_compatible(self, pack: Pack) -> None:
        facts = {**PUBLISHED, **OTHERS, "image.called": ["gold-*"]}
        found = imagefit.check(facts, operation="share", pack=pack)
        assert found.verdict == "compatible"
        (waived,) = found.waived
        assert waived.rule == "waived.sharing.not-in-koogallery"
        assert waived.message == "waived: known: (image.owner) (ops, until 2999-01-01)"

    def test_without_a_name_it_only_may_apply(self, pack: Pack) -> None:
        found = imagefit.check({**PUBLISHED, **OTHERS}, operation="share", pack=pack)
        assert (found.verdict, found.missing) == ("unknown", ("image.called",))

    @pytest.mark.parametrize("column", ["id", "name"])
    def test_an_audit_knows_the_images_by_key_or_name(self, pack: Pack, column: str) -> None:
        rows = [{column: name, **PUBLISHED, **OTHERS} for name in ("gold-7", "0a1b", "silver", "xgold-1")]
        found = imagefit.audit(pa.Table.from_pylist(rows), operation="share", pack=pack).to_arrow()
        assert found["verdict"].to_pylist() == ["compatible", "compatible", "incompatible", "incompatible"]
        assert found["warnings"].to_pylist()[0] == ["waived.sharing.not-in-koogallery"]
        assert "image.called" not in found.column_names

    def test_a_match_does_too(self, pack: Pack) -> None:
        images = [{"id": name, **PUBLISHED, **OTHERS} for name in ("gold-7", "silver")]
        found = imagefit.match(images, [{"id": "e", "ecs.region": "a"}], operation="share", pack=pack)
        assert found.counts() == {"compatible": 1, "incompatible": 1, "unknown": 0}

    def test_the_pack_is_called_what_it_was(self, pack: Pack) -> None:
        built_in = shipped_pack()
        assert (pack.name, pack.version, pack.digest) == (built_in.name, built_in.version, built_in.digest)

    def test_what_expires_is_a_warning(self, file) -> None:
        text = SHARE.replace("2999", "2020")
        with pytest.warns(imagefit.ImagefitWarning, match="expired on 2020-01-01"):
            built_in = shipped_pack()
            assert imagefit.with_waivers(file(text), pack=built_in) is built_in


def test_one_name_needs_no_list(tmp_path: Path) -> None:
    told = []
    for image in ("image: lamp-*", "image: [lamp-*]"):
        text = f"waivers:\n  - {{rule: fit, {image}, reason: r, owner: o, until: 2026-12-31}}\n"
        (tmp_path / "waivers.yaml").write_text(text)
        told += [[each.told for each in read_waivers(tmp_path / "waivers.yaml", "waivers.yaml", small_pack())]]
    assert told[0] == told[1] and told[0]
