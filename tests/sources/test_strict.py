"""One JSON is accepted: whatever is refused is refused in every form, at every length, and where it is no fact, too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

import imagefit
from imagefit.errors import InputError
from imagefit.rulepack.pack import Pack
from imagefit.sources.limits import BLANKS, CELL, COLUMNS, NESTING, NUMBER, TEXT
from imagefit.sources.reading import open_file, read
from readers.payloads import ims_image

REFUSED: Mapping[str, str] = {
    '{"note": 1, "note": 1}': "the key stands here more than once: 'note'",
    '{"a": {"b": [{"c": 1, "c": 2}]}}': "the key stands here more than once: 'c'",
    '{"note": NaN}': "not JSON: 'NaN'",
    '{"note": [-Infinity]}': "not JSON: '-Infinity'",
    '{"note": 9223372036854775808}': "a whole number beyond 64 bits: '9223372036854775808'",
    '{"note": -9223372036854775809}': "a whole number beyond 64 bits",
    '{"note": ' + "7" * 5000 + "}": "a number of 5,000 characters: '7777",
    '{"note": {"deep": 1e999}}': "a number beyond 64 bits: '1e999'",
    '{"note": "\\ud800"}': "half of a surrogate pair is no text: '\\ud800'",
    '{"note": ["\\uDFFF\\ud83d"]}': "half of a surrogate pair is no text",
    '{"\\udc00": 1}': "half of a surrogate pair is no text",
    '{"note": "caf\udce9"}': "not UTF-8: b'caf\\xe9'",
    '{"note": ' + "[" * 64 + "1" + "]" * 64 + "}": "nested too deeply; expected at most 64 levels",
    '{"note": "' + "x" * (CELL.most + 1) + '"}': "a cell of 1,048,577 characters; expected at most 1,048,576",
}
ACCEPTED = {
    "note": ["\U0001f600", 9223372036854775807, -9223372036854775808, 1.5e300, None, True, "x" * 2000],
    "image.status": "active",
}
GOOD = '{"id": "g", "image.status": "active"}'
IMAGE = json.dumps(ims_image(id="g"))
LONG_TEXTS = f'"{"x" * (1 << 20)}", '
FORMS: Mapping[str, tuple[str, str, str]] = {
    "facts, a list": (f"[{GOOD}", ",", "]"),
    "facts, in lines": (GOOD, "\n", "\n"),
    "images, listed": (f'{{"count": 3, "images": [{IMAGE}', ",", "]}"),
    "images, in lines": (IMAGE, "\n", "\n"),
}
GAPS = {"short": "\n\n", "long": "\n" + " " * (5 << 18) + "\n"}
BEYOND_TEXT = "\n" + " " * (TEXT.most + 5) + "\n"


def written(path: Path, form: str, *elements: str, length: str = "short") -> Path:
    """Write elements behind a good one, with blanks between them that are longer than any block and line."""
    begin, between, end = FORMS[form]
    gap = GAPS[length]
    first = gap if length == "short" else BEYOND_TEXT
    text = begin + "".join(between + (gap if n else first) + element for n, element in enumerate(elements)) + gap + end
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def said_of(place: Path, pack: Pack) -> str:
    """Return what is said of a file, which check and audit say alike."""
    with pytest.raises(InputError) as checked:
        read(place, pack.fields)
    with pytest.raises(InputError) as audited:
        imagefit.audit(place, operation="share", pack=pack).to_arrow()
    assert str(checked.value) == str(audited.value)
    return str(audited.value).removeprefix(str(place))


@pytest.mark.parametrize("form", FORMS)
def test_what_is_refused_is_refused_in_every_form(built_in: Pack, tmp_path: Path, form: str) -> None:
    for element, message in REFUSED.items():
        said = said_of(written(tmp_path / "t", form, element), built_in)
        assert message in said and ("[1]" in said or "row 4" in said)


@pytest.mark.parametrize("form", FORMS)
def test_rows_that_are_refused_are_left_out_where_that_is_wanted_however_far_apart(
    built_in: Pack, tmp_path: Path, form: str
) -> None:
    said = []
    for length in GAPS:
        place = written(tmp_path / "t", form, *REFUSED, "{}", length=length)
        batches = list(open_file(place, built_in.fields, keep_going=True).batches())
        assert sum(batch.count for batch in batches) == 2
        bad = [bad for batch in batches for bad in batch.bad]
        assert [row.text[:20] for row in bad] == [element[:20] for element in REFUSED]
        assert {row.error.file for row in bad} == {str(place)}
        said.append([(row.number, str(row.error)) for row in bad])
    assert said[0] == said[1]
    assert all(message in text for (_, text), message in zip(said[0], REFUSED.values(), strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_fact_is_carried_as_it_is(built_in: Pack, tmp_path: Path, form: str) -> None:
    texts = (json.dumps(ACCEPTED), json.dumps(ACCEPTED, ensure_ascii=False))
    for length in GAPS:
        place = written(tmp_path / "t", form, *texts, length=length)
        table = imagefit.audit(place, operation="share", pack=built_in).to_arrow()
        assert table.num_rows == 3
        if form.startswith("facts"):
            assert [json.loads(note) for note in table["note"].to_pylist()[1:]] == [ACCEPTED["note"]] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"images": [], "GAP": NaN}', "not JSON: 'NaN'"),
        ('{"images": [], GAP"a": {"b": 1, "b": 2}}', "a: the key stands here more than once: 'b'"),
        ('{"images": [],GAP "images": [{"id": "x"}]}', "the key stands here more than once: 'images'"),
        ('{"images": [], GAP"count": 1e400}', "count: a number beyond 64 bits"),
        ('{"images": [], GAP"note": "\\ud800"}', "note: half of a surrogate pair"),
        ('{"images": [], GAP"note": "a\tb"}', "not JSON (Invalid control character at)"),
        ('{"images": [], GAP"note": True}', "not JSON (Expecting value)"),
        ('{"images": []GAP} {}', "not JSON (Extra data)"),
        ('{"images": []GAP}]', "not JSON (Extra data)"),
        ('{"images": []GAP, \udcff}', "not UTF-8: b'\\xff'"),
    ],
)
def test_what_stands_beside_the_list_is_held_to_the_same(
    built_in: Pack, tmp_path: Path, text: str, message: str
) -> None:
    for gap in ("\n\n", BEYOND_TEXT):
        place = tmp_path / "t"
        place.write_bytes(text.replace('"GAP"', f'{gap}"a"').replace("GAP", gap).encode("utf-8", "surrogateescape"))
        assert message in said_of(place, built_in)


def test_what_is_longer_than_the_limits_is_refused_with_limit_and_place(built_in: Pack, tmp_path: Path) -> None:
    wide = "{" + ", ".join(f'"c{n}": 1' for n in range(COLUMNS.most)) + "}"
    texts = {
        f"[{GOOD}, [" + LONG_TEXTS * 9 + "1]]": r"\[1\]: a text of more than 8,388,608 characters",
        f"{GOOD}\n[" + LONG_TEXTS * 9 + "\n": "line 2: a text of more than 8,388,608 characters",
        f"[{GOOD}, 1" + "1" * TEXT.most + "2": r"\[1\]: a text of more than 8,388,608 characters",
        f"[{GOOD}," + " " * (BLANKS.most + 1): "a run of blanks of more than 16,777,216 characters",
        f"{GOOD}\n{wide}": "row 2: a table of more than 10,000 columns; expected at most 10,000",
        f"image.status,{','.join(f'c{n}' for n in range(COLUMNS.most))}\n": "the header: a table of 10,001 columns",
        "image.status,n\n" + "\n" * (BLANKS.most + 1): "a run of blanks of more than 16,777,216 characters",
        'image.status,n\nactive,"'
        + ("x" * 1000 + "\n") * (TEXT.most // 1000): "line .*: a text of more than 8,388,608 characters",
        f"image.status,n\nactive,{'x' * (CELL.most + 1)}\n": "row 1, n: a cell of 1,048,577 characters",
        "{'images': [{'id': '" + "x" * TEXT.most + "'}]}": "a text of more than 8,388,608 characters",
    }
    for text, message in texts.items():
        (tmp_path / "t").write_text(text)
        with pytest.raises(InputError, match=message):
            imagefit.audit(tmp_path / "t", operation="share", pack=built_in).summary()
    assert NUMBER.most >= 40 and NESTING.most >= 8


@pytest.mark.parametrize("keep_going", [False, True])
def test_large_cells_and_many_columns_are_read(built_in: Pack, tmp_path: Path, keep_going: bool) -> None:
    cell = "ä" * 1_000_000
    columns = [f"c{n}" for n in range(5_000)]
    csv = f"image.status,note,{','.join(columns)}\nactive,{cell},{','.join(columns)}\n,,{',' * 4_999}\n"
    row = {"image.status": "active", "note": cell, **dict.fromkeys(columns, "x")}
    texts = [csv, csv.replace(cell, f'"{cell}"'), json.dumps([row]), json.dumps(row) + "\n" + json.dumps(row)]
    for text in texts:
        (tmp_path / "t").write_text(text, "utf-8")
        first = next(iter(open_file(tmp_path / "t", built_in.fields, keep_going=keep_going).batches()))
        assert first.data.num_columns == 5_002 and first.data["note"][0].as_py() == cell
        assert not first.bad


def test_data_in_memory_is_held_to_it_too() -> None:
    for note in ("\ud800", {"\udc00": 1}, 1 << 64, float("inf")):
        with pytest.raises(InputError):
            imagefit.read({"images": [ims_image(note=note)]})
    assert len(imagefit.read({"images": [ims_image(min_ram=float("nan"))]}).records) == 1
    assert pa.array(["x"]).null_count == 0


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"image.status": "active", "note": "\ud800"}, "row 2, note"),
        ({"image.status": "active", "id": "\udfff"}, "row 2, id"),
        ({"image.status": "active", "operation": "\ud800"}, "row 2, operation"),
        ({"image.status": "\ud800"}, "row 2, image.status"),
        ({"image.owner": "\ud800"}, "row 2, image.owner"),
        ({"image.status": "active", "\ud800": 1}, "the columns"),
        (ims_image(name="\ud800"), "row 2, name"),
        (ims_image(note="\ud800"), "row 2, note"),
        ({"image.status": "active", "note": ["\ud800"]}, None),  # what is no text becomes one, with an escape
    ],
)
def test_tables_in_memory_are_held_to_it_too(row: dict[str, object], place: str | None) -> None:
    first = {"id": "a", "image.status": "active"} if any("." in name for name in row) else ims_image()
    columns = pd.Index(list(first | row), dtype=object)
    frame = pd.DataFrame([[one.get(name) for name in columns] for one in (first, row)], columns=columns, dtype=object)
    for table in ([first, row], frame):
        if place is None:
            assert imagefit.audit(table, operation="share").to_arrow()["note"].to_pylist()[1] == "['\\ud800']"
            continue
        with pytest.raises(InputError) as raised:
            imagefit.audit(table, operation=None if "operation" in row else "share").to_arrow()
        assert str(raised.value).startswith(place)
