"""JSON Lines are told by the name's ending, or else by a second record; an empty row is a candidate like any other."""

from __future__ import annotations

import pytest

from imagefit.sources.formats import Format

FACT = '{"image.status": "active"}'


@pytest.mark.parametrize(
    ("content", "name", "format", "count"),
    [
        (f"{{}}\n{FACT}\n", "input", Format.FACTS_JSONL, 2),
        ("{}\n{}\n", "input", Format.FACTS_JSONL, 2),
        ("{}\n", "input.jsonl", Format.FACTS_JSONL, 1),
        (f"{FACT}\n", "input.ndjson", Format.FACTS_JSONL, 1),
        (FACT, "input.json", Format.FACTS_JSON, 1),
        ('{"images": [{"id": "i", "__imagetype": "private"}]}\n', "input.jsonl", Format.IMS, 1),
        ('{"team": "x"}\n' + f"{FACT}\n", "input", Format.FACTS_JSONL, 2),
    ],
)
def test_lines_are_told_by_ending_or_by_a_second_record(
    read_text, content: str, name: str, format: Format, count: int
) -> None:
    document = read_text(content, name)
    assert (document.format, len(document.records)) == (format, count)


def test_a_row_about_which_nothing_is_known_has_no_facts(read_text) -> None:
    first, second = read_text(f"{{}}\n\n{FACT}\n").records
    assert (first.key, dict(first.facts)) == ("1", {})
    assert (second.key, dict(second.facts)) == ("3", {"image.status": "active"})


@pytest.mark.parametrize("content", ["{}", "[{}]", "[{}, {}]", "{}\n{}\n"])
def test_an_empty_object_states_nothing_and_is_a_candidate(read_text, content: str) -> None:
    assert [dict(record.facts) for record in read_text(content).records] == [{}] * content.count("{}")


IMAGES, ECSS = '[{"id": "i", "__imagetype": "private"}]', '[{"id": "s", "flavor": {"id": "c7n.large.2"}}]'


@pytest.mark.parametrize(
    ("content", "format", "keys"),
    [
        (f'{{"servers": [], "images": {IMAGES}}}', Format.IMS, ["i"]),
        (f'{{"images": {IMAGES}, "servers": []}}', Format.IMS, ["i"]),
        (f'{{"images": [ ], "flavors": [], "servers": {ECSS}, "count": 1}}', Format.SERVERS, ["s"]),
        ('{"images": [], "count": 0}', Format.IMS, []),
        ('{"servers": [], "images": []}', Format.SERVERS, []),
    ],
)
def test_an_empty_list_does_not_hide_the_one_that_stands_beside_it(
    read_text, content: str, format: Format, keys: list[str]
) -> None:
    document = read_text(content)
    assert (document.format, [record.key for record in document.records]) == (format, keys)
    assert not any("side by side" in warning for warning in document.warnings)
