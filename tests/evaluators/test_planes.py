"""The planes evaluator judges as the definition does: every kind of column, every outcome, with each kind of code."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefit.columns.column import Codes, Column, Encoded, Numbers
from imagefit.columns.distinct import DistinctTexts, DistinctValues
from imagefit.columns.encoding import Encoder
from imagefit.columns.memory import Memory
from imagefit.conditions import TRUE, AllOf, AnyOf, Condition, Leaf, Relation, leaves
from imagefit.evaluators import reference
from imagefit.evaluators.planes import columns, judged, layout
from imagefit.evaluators.planes.judged import PlanesJudge, PlanesJudged
from imagefit.evaluators.planes.terms import terms_of
from imagefit.evaluators.reference import TRUTHS, Truth, kleene
from imagefit.evaluators.tabular import setwords
from imagefit.evaluators.tabular.subjects import CellMaker
from imagefit.facts import Facts, Field, FieldType, Value
from imagefit.rulepack.pack import Outcome, Pack, Severity
from imagefit.supply import Supply
from kernels import KERNELS, needs_compiler
from rowtables import distinct_texts, moved_by, table_of
from strategies import FIELDS, candidates, conditions, leaf, pack_of, packs, rule_of

each_kernel = pytest.mark.parametrize("kernel", KERNELS)


def judge_of(pack: Pack, kernel: str = "quick") -> PlanesJudge:
    return PlanesJudge(KERNELS[kernel](), pack.rules, pack.fields)


def judged_table(pack: Pack, table: pa.Table, given: Facts | None = None, kernel: str = "quick") -> PlanesJudged:
    return judge_of(pack, kernel).judge(Encoder(FIELDS, Supply(given or {})).encode(table))


def agrees(found: PlanesJudged, pack: Pack, rows: Sequence[Facts]) -> None:
    """Compare outcomes, flags and levels of all rows with what the definition says of each."""
    judge = reference.judge(pack, pack.rules)
    distinct = {id(facts): facts for facts in rows}  # few rows are often repeated
    said = {key: list(judge(facts)) for key, facts in distinct.items()}
    expected = [said[id(facts)] for facts in rows]
    looked_at = sorted({*range(0, len(rows), 97), *range(min(len(rows), 8)), *range(max(0, len(rows) - 2), len(rows))})
    assert [found.outcomes(row) for row in looked_at] == [expected[row] for row in looked_at]
    flags = tuple((place, outcome) for outcome in Outcome for place in range(len(pack.rules)))
    has = bits_of(found.masks(flags), len(flags))
    flags_of = {key: np.array([own[place] is outcome for place, outcome in flags], bool) for key, own in said.items()}
    assert has.shape == (len(rows), len(flags))
    assert np.array_equal(has, np.array([flags_of[id(facts)] for facts in rows], bool).reshape(has.shape))
    of_errors = [n for n, rule in enumerate(pack.rules) if rule.severity is Severity.ERROR]
    worst = {key: {own[n] for n in of_errors} for key, own in said.items()}
    level_of = {key: 2 if Outcome.FAIL in e else 1 if Outcome.UNKNOWN in e else 0 for key, e in worst.items()}
    assert found.levels().tolist() == [level_of[id(facts)] for facts in rows]


def bits_of(words: Sequence[Any], count: int) -> Any:
    """Return a row of booleans for each row, a column for each flag."""
    sides = np.stack(words, axis=1).view(np.uint8)
    return np.unpackbits(sides, axis=1, bitorder="little")[:, :count].astype(bool)


# -- what Arrow gives ----------------------------------------------------------------------------------


@needs_compiler
@each_kernel
@given(pack=packs(), rows=st.lists(candidates(), max_size=40), dictionaries=st.booleans())
def test_outcomes_are_those_of_the_reference(kernel: str, pack: Pack, rows: list[Facts], dictionaries: bool) -> None:
    agrees(judged_table(pack, table_of(rows, dictionaries=dictionaries), kernel=kernel), pack, rows)


@needs_compiler
@given(packs(), st.lists(candidates(), min_size=1, max_size=5), candidates(), st.sets(st.sampled_from(list(FIELDS))))
def test_facts_that_are_the_same_in_all_rows_are_judged_alike(
    pack: Pack, rows: list[Facts], same: Facts, absent: set[str]
) -> None:
    found = judged_table(pack, table_of(rows).drop_columns(sorted(absent)), same)
    agrees(found, pack, [{n: v for n, v in facts.items() if n not in absent} | dict(same) for facts in rows])


@needs_compiler
def test_a_batch_of_no_rows_is_judged() -> None:
    pack = pack_of([rule_of("made.same", TRUE, Leaf("left.text", Relation.EQUALS, None, "right.text"))])
    found = judged_table(pack, table_of([]))
    assert found.levels().tolist() == [] and [len(word) for word in found.masks(((0, Outcome.FAIL),))] == [0]


@needs_compiler
@each_kernel
def test_there_are_no_planes_of_no_rules(kernel: str) -> None:
    found = layout.Layout(KERNELS[kernel](), [], [], CellMaker(FIELDS)).judge(Encoded(3, {}))
    assert len(found.is_true) == len(found.is_open) == 0 and found.level.tolist() == [0, 0, 0]
    agrees(judged_table(pack_of([]), table_of([{}, {"left.count": 1}]), kernel=kernel), pack_of([]), [{}, {}])


@needs_compiler
def test_a_hundred_thousand_distinct_texts_are_compared_by_value() -> None:
    pack, table = distinct_texts(100_000)
    masks = judged_table(pack, table).masks(((0, Outcome.FAIL), (1, Outcome.FAIL)))
    assert masks[0].tolist() == [0, 3] * 50_000


# -- every width, length and way to say what is unknown ------------------------------------------------


def column_of(field: Field, values: Sequence[Value | None], width: type[Any], spare: Sequence[Value]) -> Column:
    """Return values as a column whose codes are so wide; some values have two codes, some codes are in no row."""
    if field.type.is_ordered:
        kind = np.int64 if field.type is FieldType.INTEGER else np.float64
        known = np.array([value is not None for value in values], np.bool_)
        numbers = np.array([99 if value is None else value for value in values], kind)
        return Numbers(numbers, None if known.all() and len(known) else known)
    distinct = list(dict.fromkeys(value for value in values if value is not None))
    entries: list[Any] = [*distinct[:1], None, *distinct, *spare]
    if field.type is FieldType.STRING:
        read: Any = DistinctTexts(field, pa.array(entries, pa.large_string()))
    else:
        read = DistinctValues.of(field, entries)
    code = {value: place + 3 for place, value in enumerate(distinct)}
    codes = [code[value] if value is not None else row % 2 * 2 for row, value in enumerate(values)]
    if distinct:
        codes = [
            1 if value == distinct[0] and row % 3 else c
            for (row, value), c in zip(enumerate(values), codes, strict=True)
        ]
    else:
        codes = [c // 2 for c in codes]
    return Codes(np.array(codes, width), read)


def encoded(rows: Sequence[Facts], widths: Mapping[str, type[Any]], spare: Mapping[str, Sequence[Value]]) -> Encoded:
    found = {
        f.name: column_of(f, [facts.get(f.name) for facts in rows], widths[f.name], spare[f.name])
        for f in FIELDS.values()
    }
    return Encoded(len(rows), found)


def spare_values(field: Field) -> st.SearchStrategy[list[Any]]:
    """No further values, or so many that another way to compare is taken."""
    made = {
        FieldType.STRING: [f"spare-{n}" for n in range(300)],
        FieldType.STRING_SET: [frozenset((f"e{n}", f"e{n + 1}")) for n in range(300)],
    }.get(field.type, [])
    return st.sampled_from([[], made]) if made else st.just([])


WIDTHS = st.fixed_dictionaries({name: st.sampled_from([np.uint8, np.uint16, np.uint32]) for name in FIELDS})
SPARE = st.fixed_dictionaries({name: spare_values(field) for name, field in FIELDS.items()})


@needs_compiler
@each_kernel
@given(
    pack=packs(),
    some=st.lists(candidates(), min_size=1, max_size=12),
    count=st.sampled_from([1, 7, 31, 32, 33, 64, 511, 512, 513, 1031]),
    widths=WIDTHS,
    spare=SPARE,
)
def test_columns_of_every_width_and_length_are_judged(
    kernel: str, pack: Pack, some: list[Facts], count: int, widths: dict[str, Any], spare: dict[str, Any]
) -> None:
    rows = [some[n % len(some)] for n in range(count)]
    wide = {name: np.uint16 if spare[name] and width is np.uint8 else width for name, width in widths.items()}
    agrees(judge_of(pack, kernel).judge(encoded(rows, wide, spare)), pack, rows)


@needs_compiler
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pack=packs(), some=st.lists(candidates(), min_size=2, max_size=12))
def test_what_is_remembered_may_be_forgotten_while_rows_are_judged(
    monkeypatch: pytest.MonkeyPatch, pack: Pack, some: list[Facts]
) -> None:
    def make_anew(self: Memory, make: Any, of: Sequence[object], *args: Any, **named: Any) -> Any:
        return make(*of, *args, **named)

    monkeypatch.setattr(Memory, "of", make_anew)
    rows = some * 300
    agrees(judged_table(pack, table_of(rows, dictionaries=True)), pack, rows)


INDICES = [pa.int8(), pa.uint8(), pa.int16(), pa.int32(), pa.uint32(), pa.int64()]


@needs_compiler
@each_kernel
@given(
    pack=packs(),
    some=st.lists(candidates(), min_size=1, max_size=8),
    count=st.sampled_from([31, 33, 4095, 4096, 4097, 4608, 8200]),
    start=st.integers(0, 9),
    kind=st.sampled_from(INDICES),
)
def test_codes_may_be_made_as_rows_are_judged(
    kernel: str, pack: Pack, some: list[Facts], count: int, start: int, kind: Any
) -> None:
    table = table_of([some[n % len(some)] for n in range(start + count)], dictionaries=True)
    for place, column in enumerate(table.columns):
        if pa.types.is_dictionary(column.type):
            indices = column.combine_chunks().indices.cast(kind)
            array = pa.DictionaryArray.from_arrays(indices, column.chunk(0).dictionary)
            table = table.set_column(place, table.column_names[place], array)
    encoded = Encoder(FIELDS).encode(table.slice(start))
    found = judge_of(pack, kernel).judge(encoded)
    agrees(found, pack, [some[n % len(some)] for n in range(start, start + count)])


@needs_compiler
@each_kernel
@pytest.mark.parametrize("count", [300, 5_000])
def test_codes_of_two_bytes_may_be_made_as_rows_are_judged(kernel: str, count: int) -> None:
    pack, table = distinct_texts(count)
    place = table.column_names.index("left.text")
    texts = table.column("left.text").dictionary_encode()
    masks = judged_table(pack, table.set_column(place, "left.text", texts), kernel=kernel).masks(
        ((0, Outcome.FAIL), (1, Outcome.FAIL))
    )
    assert masks[0].tolist() == [0, 3] * (count // 2)


@needs_compiler
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pack=packs(), rows=st.lists(candidates(), min_size=1, max_size=40), limit=st.sampled_from([0, 1, 2, 4]))
def test_whatever_has_no_room_is_judged_in_another_way(
    monkeypatch: pytest.MonkeyPatch, pack: Pack, rows: list[Facts], limit: int
) -> None:
    monkeypatch.setattr(judged, "MOST_TERMS", limit)  # rules left to tables
    monkeypatch.setattr(layout, "MOST_CELLS", 3)  # facts with several digits
    monkeypatch.setattr(columns, "PAIR_LIMIT", limit * 4)
    monkeypatch.setattr(columns, "SMALL_PAIRS", limit)
    monkeypatch.setattr(columns, "MOST_BYTES", limit)
    monkeypatch.setattr(columns, "MANY_CUTS", limit)
    monkeypatch.setattr(setwords, "MOST_ELEMENTS", limit)
    agrees(judged_table(pack, table_of(rows)), pack, rows)


@needs_compiler
@pytest.mark.parametrize("limit", [-(2**63), 2**63 - 1])
@pytest.mark.parametrize("relation", [Relation.AT_LEAST, Relation.ABOVE, Relation.EQUALS])
@pytest.mark.parametrize("negated", [False, True])
def test_integers_at_the_ends_of_what_there_is_are_told_apart(limit: int, relation: Relation, negated: bool) -> None:
    pack = pack_of([rule_of("made.limit", TRUE, Leaf("left.count", relation, limit, None, negated))])
    rows: list[Facts] = [{"left.count": n} for n in (-(2**63), -(2**63) + 1, 0, 2**63 - 2, 2**63 - 1)]
    agrees(judged_table(pack, table_of([*rows, {}])), pack, [*rows, {}])


@needs_compiler
@each_kernel
@given(pack=packs(), rows=st.lists(candidates(), min_size=1, max_size=40), moved=st.integers(1, 7))
def test_numbers_may_begin_at_any_address(kernel: str, pack: Pack, rows: list[Facts], moved: int) -> None:
    table = table_of(rows)
    for place, column in enumerate(table.columns):
        if column.type in (pa.int64(), pa.float64()):
            table = table.set_column(place, table.column_names[place], moved_by(moved, column.chunk(0)))
    agrees(judged_table(pack, table, kernel=kernel), pack, rows)


@needs_compiler
@each_kernel
@pytest.mark.parametrize("count", [3, 20, 70, 300])
def test_a_fact_is_compared_with_as_many_literals_as_a_pack_likes(kernel: str, count: int) -> None:
    numbers = [rule_of(f"made.n-{n:03}", TRUE, Leaf("left.count", Relation.AT_LEAST, n * 2)) for n in range(count)]
    texts = [
        rule_of(f"made.t-{n:03}", TRUE, Leaf("left.text", Relation.EQUALS, f"t{n}", negated=True)) for n in range(count)
    ]
    pack = pack_of([*numbers, *texts])
    rows: list[Facts] = [{"left.count": n, "left.text": f"t{n}"} for n in range(-3, 2 * count + 3)]
    agrees(judged_table(pack, table_of([*rows, {}]), kernel=kernel), pack, [*rows, {}])


@needs_compiler
@each_kernel
@settings(max_examples=4)
@given(some=st.lists(leaf(), min_size=8, max_size=8), rows=st.lists(candidates(), min_size=5, max_size=20))
def test_many_rules_need_several_words(kernel: str, some: list[Any], rows: list[Facts]) -> None:
    pack = pack_of([rule_of(f"made.rule-{n:03}", some[n % 8], some[n // 8 % 8]) for n in range(400)])
    judge = judge_of(pack, kernel)
    found = judge.judge(Encoder(FIELDS).encode(table_of(rows)))
    agrees(found, pack, rows)
    assert sorted(judge.order) == list(range(400))
    in_order = found.masks(tuple((place, Outcome.FAIL) for place in judge.order))
    as_written = bits_of(found.masks(tuple((place, Outcome.FAIL) for place in range(400))), 400)
    assert bits_of(in_order, 400).tolist() == as_written[:, judge.order].tolist()


# -- terms ---------------------------------------------------------------------------------------------


@given(conditions(max_leaves=8), st.data())
def test_terms_are_what_the_condition_is_whatever_its_comparisons_are(
    condition: Condition, data: st.DataObject
) -> None:
    terms = terms_of(condition, 10_000)
    assert terms is not None
    distinct = list(dict.fromkeys(leaves(condition)))
    truths = data.draw(st.lists(st.tuples(*(st.sampled_from(TRUTHS) for _ in distinct)), min_size=1, max_size=20))
    for own in truths:
        truth_of = dict(zip(distinct, own, strict=True)).__getitem__
        assert _any_of(terms, truth_of) is kleene(condition, truth_of)


def _any_of(terms: Sequence[frozenset[Leaf]], truth_of: Any) -> Truth:
    return kleene(AnyOf(tuple(AllOf(tuple(term)) for term in terms)), truth_of)


def test_a_condition_of_too_many_terms_has_none() -> None:
    either = [AnyOf((Leaf("a", Relation.EQUALS, n), Leaf("b", Relation.EQUALS, n))) for n in range(5)]
    assert terms_of(AllOf(tuple(either)), 31) is None
    found = terms_of(AllOf(tuple(either)), 32)
    assert found is not None and len(found) == 32


def test_a_term_that_another_one_makes_superfluous_is_left_out() -> None:
    a, b, c = (Leaf(name, Relation.EQUALS, True) for name in "abc")
    assert terms_of(AnyOf((AllOf((a, b)), a, AllOf((c, a)))), 9) == [frozenset((a,))]
    assert terms_of(TRUE, 9) == [frozenset()] and terms_of(AnyOf(()), 9) == []


def test_conditions_that_look_at_the_same_are_in_one_plane() -> None:
    facts = [1, 2, 1, 2, 1, 2, 1, 2] * 2
    planes = layout.arranged(facts)
    assert sorted(itertools.chain.from_iterable(planes)) == list(range(16))
    assert [{facts[n] for n in plane} for plane in planes] == [{1}, {2}]
