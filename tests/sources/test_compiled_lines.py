"""Lines of JSON that compiled code reads are what `json` makes of them; others it leaves to others."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from threading import Event
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefit.sources import compiledlines, compiledtexts
from imagefit.sources.compiledlines import CELLS, CompiledLines
from imagefit.sources.compiledtexts import Repeating
from imagefit.sources.limits import TEXT
from kernels import KERNELS, needs_compiler, texts_of_one_place
from strategies import more

pytestmark = needs_compiler

TEXTS, LISTS = pa.string(), pa.list_(pa.string())
SCHEMA = pa.schema(
    {
        "t": TEXTS,
        "l": LISTS,
        "n": pa.int64(),
        "d": pa.float64(),
        "b": pa.bool_(),
        "z": pa.null(),
        "e": pa.list_(pa.null()),
        "é.\U0001f600": TEXTS,
        "": pa.int64(),
    }
)


def reader() -> CompiledLines:
    return CompiledLines(next(iter(KERNELS.values()))())


def read(content: bytes, schema: Any = SCHEMA, lines: CompiledLines | None = None) -> Any:
    text = np.frombuffer(content, np.uint8)
    return (lines or reader()).read(text, schema)


def rows_of(columns: Any) -> list[dict[str, Any]]:
    columns.validate(full=True)
    found: list[dict[str, Any]] = columns.to_pylist()
    return found


def parsed(content: bytes) -> list[dict[str, Any]]:
    """What `json` has of each line, with a null for each column that it lacks."""
    rows = [json.loads(line) for line in content.split(b"\n")]
    assert all(row.keys() <= set(SCHEMA.names) for row in rows)
    return [{name: row.get(name) for name in SCHEMA.names} for row in rows]


text = st.text(max_size=4) | st.sampled_from(["", "a", "bios", 'a"b', "\\", "\n", "é", "\U0001f600", "x" * 300, "\x7f"])
value = {
    "t": text,
    "l": st.lists(text, max_size=3),
    "n": st.integers(-(10**18) + 1, 10**18 - 1) | st.integers(-3, 3),
    "d": st.floats(-9e15, 9e15).filter(lambda x: x != 0 or math.copysign(1, x) > 0) | st.integers(-5, 5),
    "b": st.booleans(),
    "z": st.none(),
    "e": st.just([]),
    "é.\U0001f600": text,
    "": st.integers(0, 9),
}
row = st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in value.items()})
row = st.tuples(row, st.randoms()).map(lambda drawn: dict(drawn[1].sample(list(drawn[0].items()), len(drawn[0]))))
SEEN: Counter[bool] = Counter()


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    some = draw(st.lists(row, min_size=1, max_size=5))
    rows = draw(st.lists(st.sampled_from(some), min_size=1, max_size=12))
    is_ascii, separators = draw(st.booleans()), draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return end.join(json.dumps(row, ensure_ascii=is_ascii, separators=separators) for row in rows).encode()


@settings(max_examples=more(3))
@given(contents())
def test_what_is_read_is_what_json_has(content: bytes) -> None:
    found = read(content)
    SEEN[found is not None] += 1
    if found is not None:
        rows, expected = rows_of(found), parsed(content)
        assert rows == expected
        assert [type(row["n"]) for row in rows] == [type(row["n"]) for row in expected]


def test_most_of_those_lines_are_read() -> None:
    """It says of the test above, where that ran before, that it compared something."""
    assert SEEN[True] >= SEEN[False]


@settings(max_examples=more(3))
@given(contents(), st.data())
def test_of_damaged_lines_nothing_is_read_that_json_refuses(content: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content)))
        put = data.draw(st.sampled_from([b"", b"{", b"}", b"[", b"]", b'"', b",", b":", b"\n", b"\0", b"1", b"-", b".",
                                         b"e", b"\\", b"\\u", b" ", b"\r", b"null", b"tru", b'"t":1,']))  # fmt: skip
        content = content[:place] + put + content[place + data.draw(st.integers(0, 2)) :]
    try:
        content.decode()
    except UnicodeDecodeError:
        return  # who calls it has looked for that
    if content and (found := read(content)) is not None:
        assert rows_of(found) == parsed(content)
        pairs = [json.loads(line, object_pairs_hook=lambda pairs: [name for name, _ in pairs]) for line in
                 content.split(b"\n")]  # fmt: skip
        assert all(len(set(names)) == len(names) for names in pairs)


@settings(max_examples=more(20))
@given(
    digits=st.integers(0, 10**18 - 1) | st.integers(2**53 - 3, 2**53 + 3) | st.integers(0, 99),
    places=st.integers(0, 20),
    power=st.integers(-25, 25) | st.just(0),
    is_negative=st.booleans(),
)
def test_numbers_are_those_that_are_nearest(digits: int, places: int, power: int, is_negative: bool) -> None:
    whole, rest = str(digits)[: -places or None] or "0", str(digits)[-places:].zfill(places) if places else ""
    spelled = "-" * is_negative + whole + "." * bool(rest) + rest + f"e{power}" * bool(power)
    found = read(b'{"d": %b}' % spelled.encode())
    if found is not None:
        assert found["d"].to_pylist() == [float(spelled)]  # which is nearest
    elif len(whole + rest) <= 17 and -15 < power - places < 0 and digits:
        assert Fraction(spelled) >= 2**53


@pytest.mark.parametrize("whole", [2**53 - 1, 2**53 - 2, 2**52 + 1, 2**52])
@pytest.mark.parametrize("beside", ["49", "5", "51"])
def test_of_two_numbers_that_are_as_near_it_is_the_even_one(whole: int, beside: str) -> None:
    spelled = f"{whole}.{beside}"
    found = read(b'{"d": %b}' % spelled.encode())
    assert float(spelled) >= 2**53 if found is None else found["d"].to_pylist() == [float(spelled)]


@pytest.mark.parametrize(
    "line",
    ['{"t": 1}', '{"t": true}', '{"t": ["a"]}', '{"n": "1"}', '{"n": 1.0}', '{"n": 1e2}', '{"d": "1"}', '{"b": 1}',
     '{"b": "true"}', '{"z": 1}', '{"e": ["a"]}', '{"l": "a"}', '{"l": [1]}', '{"l": [null]}', '{"l": [["a"]]}',
     '{"l": {}}', '{"t": {}}', '{"unknown": 1}', '{"t": "a", "t": "b"}', '{"t": null, "t": null}',
     '{"n": 1000000000000000000}', '{"n": 01}', '{"n": -}', '{"n": +1}', '{"d": .5}', '{"d": 1.}', '{"d": 1e}',
     '{"d": -0}', '{"d": -0.0}', '{"d": 9007199254740992}', '{"d": 1e300}', '{"d": NaN}', '{"d": Infinity}',
     '{"t": "\\ud800"}', '{"t": "\\x"}', '{"t": "a\tb"}', '{"\\u0074": "a"}', '{"t": "a"} ', ' {"t": "a"}',
     '{"t": "a"}\r\r', '{"t": "a",}', '{"t" "a"}', "[]", "{} {}", "", "{", '{"t', '{"t"', '{"t":', '{"t": ', '{"t": "a',
     '{"t": "a"', '{"l": [', '{"l": ["a', '{"l": ["a"', '{"l": ["a",]}', '{"n": 1', '{"b": tru', '{"z": nul'],
)  # fmt: skip
def test_what_is_none_of_the_columns_values_is_left_to_others(line: str) -> None:
    assert read(line.encode()) is None
    assert read(f'{{"t": "a"}}\n{line}'.encode()) is None


def test_a_text_that_is_spelled_in_two_ways_is_no_dictionary_with_it_twice() -> None:
    assert read(b"\n".join([b'{"t": "a"}', b'{"t": "\\u0061"}'] * 4)) is None


def test_texts_that_repeat_are_dictionaries_and_stay_so() -> None:
    lines = reader()
    few, many = b"\n".join([b'{"t": "a"}'] * 9), b"\n".join(b'{"t": "%d"}' % n for n in range(9))
    of_texts = pa.schema({"t": TEXTS})
    assert pa.types.is_dictionary(read(few, of_texts, lines)["t"].type)
    assert pa.types.is_dictionary(read(many, of_texts, lines)["t"].type)
    assert pa.types.is_dictionary(lines.repeating(pa.RecordBatch.from_pydict({"t": ["a", "b"]}))["t"].type)
    other = reader()
    assert read(many, of_texts, other)["t"].type == TEXTS
    assert read(few, of_texts, other)["t"].type == TEXTS


def test_what_repeats_may_be_asked_for_while_another_thread_sees_more() -> None:
    interval = sys.getswitchinterval()

    def look(repeating: Repeating, is_done: Event) -> None:
        while not is_done.is_set():
            assert all(name in repeating for name in repeating.names)

    with ThreadPoolExecutor(2) as pool:
        sys.setswitchinterval(1e-6)
        try:
            for _ in range(8):
                repeating, is_done = Repeating(), Event()
                looking = [pool.submit(look, repeating, is_done) for _ in range(2)]
                for number in range(2000):
                    repeating.see(str(number), 1, 2 + number % 2)
                is_done.set()
                assert [each.result() for each in looking] == [None, None]
        finally:
            is_done.set()
            sys.setswitchinterval(interval)


def test_a_name_with_a_nul_is_not_one_that_begins_so() -> None:
    assert read(b'{"t": "a"}', pa.schema({"t\0x": TEXTS})) is None


def test_very_wide_blocks_are_left_to_others() -> None:
    content = b"\n".join([b'{"t": "a"}'] * 5)
    assert read(content, pa.schema({"t": TEXTS, **{f"c{n}": TEXTS for n in range(511)}})) is not None
    assert read(content, pa.schema({"t": TEXTS, **{f"c{n}": TEXTS for n in range(512)}})) is None
    assert read(b"\n".join([b"{}"] * (CELLS + 1)), pa.schema({"t": TEXTS})) is None


def test_a_line_that_is_too_long_is_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b'{"t": "abc"}\n{"t": "abcd"}\n{"t": "ab"}'
    monkeypatch.setattr(compiledlines, "TEXT", replace(TEXT, most=13))
    assert read(lines) is not None
    monkeypatch.setattr(compiledlines, "TEXT", replace(TEXT, most=12))
    assert read(lines) is None


def test_names_in_another_order_in_each_of_many_lines_are_left_to_others() -> None:
    names = [f"c{n:03}" for n in range(400)]

    def lines(*orders: list[str]) -> bytes:
        return "\n".join(json.dumps(dict.fromkeys(order, 1)) for order in orders * 9).encode()

    many, few = (pa.schema(dict.fromkeys(some, pa.int64())) for some in (names, names[:20]))
    assert read(lines(names), many) is not None
    assert read(lines(names, names[::-1]), many) is None
    assert read(lines(names[:20], names[19::-1]), few) is not None


def test_texts_with_escapes_are_read_but_for_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = pa.schema({"t": TEXTS, "l": LISTS})
    rows = [
        {"t": None, "l": []},
        *({"t": f'é{n}\n"', "l": ["\\", "", f"\t{n}"]} for n in range(30)),
        {"t": "", "l": None},
    ]
    content = "\n".join(map(json.dumps, rows)).encode()
    assert rows_of(read(content, schema)) == rows
    monkeypatch.setattr(compiledtexts, "ESCAPED", 64)
    assert read(content, schema) is None
    assert read(b"\n".join([b'{"t": "e", "l": ["", "x"]}'] * 90), schema) is not None


def test_texts_that_were_made_to_be_hard_to_tell_apart_are_left_to_others() -> None:
    texts = texts_of_one_place()
    assert read(b"\n".join(b'{"t": "%b"}' % text for text in texts)) is None
    assert read(b"\n".join(b'{"t": "%b"}' % text[::-1] for text in texts)) is not None
