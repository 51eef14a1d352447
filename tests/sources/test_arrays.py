"""Lists of JSON objects that are read in columns are what the careful reader gives, errors too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factblocks import CATALOGS, FIELDS, blocks, read
from imagefit import InputError
from imagefit.kernel.structures import Spread
from imagefit.sources import linecolumns
from imagefit.sources.factarrays import FactsArray
from imagefit.sources.files import FilesSource
from imagefit.sources.limits import TEXT
from imagefit.sources.reading import open_file
from kernels import KERNELS, needs_compiler
from packfiles import shipped_pack
from strategies import more

pytestmark = needs_compiler


class Careful(FactsArray):
    """The same file, always object by object."""

    def _may_be_columns(self) -> bool:
        return False


@st.composite
def lists(draw: st.DrawFn) -> bytes:
    """Lists of objects of the same columns, mostly of one kind of value each, spaced in some way, some damaged."""
    objects = [line for line in draw(blocks()).replace(b"\r", b"\n").split(b"\n") if line.strip()]
    between = draw(st.sampled_from([b",", b", ", b",\n", b"\n,\n", b" ,\r\n\t"]))
    if draw(st.booleans()):
        objects = [line.replace(b'":', b'" :\n ').replace(b'{"', b'{\n  "') for line in objects]
    start, end = draw(st.sampled_from([(b"[", b"]"), (b" [ ", b" ]\n"), (b"[\n", b"\n]")]))
    found = start + between.join(objects) + end
    for _ in range(draw(st.sampled_from([0] * 9 + [1]))):
        place = draw(st.integers(0, len(found)))
        put = draw(st.sampled_from([b"", b"{", b"}", b"[", b"]", b'"', b",", b"{}", b"\n", b"1", b" ", b"\\", b"[]"]))
        found = found[:place] + put + found[place + draw(st.integers(0, 1)) :]
    return found


@pytest.mark.slow
@settings(max_examples=more(3))
@given(text=lists(), size=st.sampled_from([20, 100, 1 << 20]), schema_first=st.booleans())
def test_a_list_is_what_the_careful_reader_gives(
    text: bytes, size: int, schema_first: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "facts.json"
    path.write_bytes(text)
    try:
        file = open_file(path, FIELDS, format="facts-json", catalogs=CATALOGS)
    except InputError:
        return
    if not isinstance(file, FactsArray):
        return
    careful = Careful(file.file, file.what, file.wanted)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(linecolumns, "BLOCK", size)
        found = read(file, schema_first=schema_first)
    expected = read(careful, schema_first=schema_first)
    if isinstance(found, str) and size < 1 << 20:  # of several things that are wrong, what the first block has
        assert isinstance(expected, str)
    else:
        assert found == expected


def spread(content: bytes, size: int = 1 << 20, most: int = TEXT.most) -> bytes | None:
    """What becomes of a list that is read in pieces; None if it is said to be none, or does not end."""
    left, lines = Spread(most=most), b""
    for start in range(0, len(content), size):
        found = next(iter(KERNELS.values()))().spread(left, content[start : start + size])
        if found is None:
            return None
        lines += found
    return lines if left.is_ended else None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('a"\\ \n{}[],:é', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a"\\{', max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=more(4))
@given(
    objects=st.lists(st.dictionaries(st.text("ab", max_size=2), VALUES, max_size=3), max_size=5),
    indent=st.sampled_from([None, 0, 2]),
    size=st.integers(1, 20),
)
def test_the_lines_of_a_list_are_its_objects(objects: list[Any], indent: int | None, size: int) -> None:
    lines = spread(json.dumps(objects, indent=indent).encode(), size)
    assert lines is not None
    assert [json.loads(line) for line in lines.split(b"\n") if line] == objects


PIECES = st.sampled_from(["{}", '{"a": 1}', '{"a": "[},{"}', '{"\\\\": []}', ",", ", ", "\n", "", "1", '"', "{", "]"])
NEARLY = st.lists(PIECES, max_size=5).map(lambda pieces: f"[{''.join(pieces)}]")
"""Lists of objects with something in them that is none, or too much, or too little."""


@settings(max_examples=more(10))
@given(text=st.text('[]{},"\\a1 \n', max_size=14) | NEARLY, size=st.integers(1, 20))
def test_what_is_no_list_of_objects_is_none_as_lines_either(text: str, size: int) -> None:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    lines = spread(text.encode(), size)
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        assert lines is not None
        assert [json.loads(line) for line in lines.split(b"\n") if line] == value
    elif lines is not None:  # then one of the lines is no object
        with pytest.raises(ValueError, match=r".+"):
            [json.loads(line) for line in (lines.split(b"\n") if lines else [b""])]


def test_objects_and_blanks_have_a_limit() -> None:
    assert spread(b'[{"a": "bcde"}]', most=14) is not None
    assert spread(b'[{"a": "bcde"}]', most=11) is None
    assert spread(b"[" + b" " * 20 + b"{}]", most=14) is None


@pytest.mark.parametrize("size", [1 << 22, 64])
def test_a_list_is_read_in_columns_up_to_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(linecolumns, "BLOCK", size)
    rows = [{"id": f"a{n}", "image.boot_mode": "uefi"} for n in range(9)]
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(rows, indent=1).removesuffix("]") + ", 5]")
    seen: list[int] = []
    with pytest.raises(InputError, match=r"\[9\].*not an object|not an object.*\[9\]"):
        for batch in FilesSource([open_file(path, shipped_pack().fields)]).batches():
            seen += [batch.number(row) for row in range(batch.count)]
    assert seen in ([], list(range(1, len(seen) + 1)))
