"""Facts files: JSON, JSON Lines and CSV with the facts' dotted names."""

from __future__ import annotations

import pytest

from imagefit.errors import InputError
from imagefit.facts import OriginKind
from imagefit.readers import Kind
from imagefit.sources.formats import Format

CANDIDATE = '{"id": "c1", "image.boot_mode": "uefi", "image.min_disk_gib": 40, "image.hypervisors": ["kvm"]}'
FACTS = {"image.boot_mode": "uefi", "image.min_disk_gib": 40, "image.hypervisors": frozenset({"kvm"})}


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (CANDIDATE, Format.FACTS_JSON),
        (f"[{CANDIDATE}]", Format.FACTS_JSON),
        (f"{CANDIDATE}\n\n{CANDIDATE.replace('c1', 'c2')}\n", Format.FACTS_JSONL),
        ("id,image.boot_mode,image.min_disk_gib,image.hypervisors\nc1,uefi,40,kvm\n", Format.FACTS_CSV),
        ('\r\nid,image.boot_mode,image.min_disk_gib,image.hypervisors\r\n\r\nc1,uefi,40,"kvm"\r\n', Format.FACTS_CSV),
    ],
)
def test_every_kind_of_facts_file_is_recognised(read_text, content: str, format: Format):
    document = read_text(content)
    record = document.records[0]
    assert document.format is format
    assert (record.kind, record.key, record.id) == (Kind.FACTS, "c1", "c1")
    assert dict(record.facts) == FACTS
    assert {origin.kind for origin in record.origins.values()} == {OriginKind.FILE}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_a_byte_order_mark_are_read(read_text, encoding: str):
    csv = read_text("id,image.owner\nc1,Müller\n".encode(encoding))
    json = read_text('{"id": "c1", "image.owner": "Müller"}'.encode(encoding))
    assert csv.records[0].facts == json.records[0].facts == {"image.owner": "Müller"}


@pytest.mark.parametrize("content", ["[]", "image.boot_mode,id\n"])
def test_zero_rows_are_fine(read_text, content: str):
    assert read_text(content).records == ()


def test_columns_that_are_no_facts_are_carried_through_untouched(read_text):
    (record,) = read_text('{"image.boot_mode": "bios", "team": {"x": [1]}, "operation": "share"}').records
    assert dict(record.columns) == {"team": {"x": [1]}, "operation": "share"}
    assert record.operation == "share"
    (record,) = read_text("team,image.boot_mode\n 007 ,bios\n").records
    assert dict(record.columns) == {"team": " 007 "}


@pytest.mark.parametrize(
    "column", ["image.boot_mod", "Image.Boot_Mode", "image_boot_mode", "IMAGE BOOT MODE", "image.bootmode"]
)
def test_a_column_that_is_nearly_a_fact_is_warned_of(read_text, column: str):
    (warning,) = read_text(f"image.status,{column}\nactive,bios\n").warnings
    assert f"'{column}' is nearly image.boot_mode" in warning
    assert "1 of 2 columns are facts" in warning


@pytest.mark.parametrize("column", ["team", "created_at", "image_id", "status", "boot", ""])
def test_other_columns_are_said_to_be_no_facts_and_nothing_more(read_text, column: str):
    (said,) = read_text(f"image.status,{column}\nactive,x\n").warnings
    assert said == f"read as facts-csv, 1 row; 1 of 2 columns are facts; not facts: {column!r}"


@pytest.mark.parametrize("column", ["id", "name", "key", "operation", "image.boot_mode"])
def test_of_columns_that_are_all_used_nothing_is_said(read_text, column: str):
    value = {"operation": "share", "image.boot_mode": "bios"}.get(column, "x")
    assert read_text(f"image.status,{column}\nactive,{value}\n").warnings == ()


def test_ids_and_accounts_are_exact_text(read_text):
    (record,) = read_text("id,image.owner,ecs.account\n007,1e5,NA\n").records
    assert record.key == "007"
    assert dict(record.facts) == {"image.owner": "1e5", "ecs.account": "NA"}


@pytest.mark.parametrize("absent", ["null", '""'])
def test_empty_and_null_are_unknown(read_text, absent: str):
    assert read_text(f'[{{"image.min_disk_gib": {absent}, "image.boot_mode": null}}]').records[0].facts == {}


def test_an_empty_set_is_known(read_text):
    assert read_text('[{"image.attributes": []}]').records[0].facts == {"image.attributes": frozenset()}
    assert read_text("image.attributes\n[]\n").records[0].facts == {"image.attributes": frozenset()}


@pytest.mark.parametrize(
    ("content", "row", "column", "value", "expected", "nearest"),
    [
        ('[{}, {"image.boot_mode": "UEFI"}]', 2, "image.boot_mode", "UEFI", "one of bios, uefi", "uefi"),
        ('{"image.boot_mode": "bois"}', 1, "image.boot_mode", "bois", "one of bios, uefi", "bios"),
        ('{"image.min_disk_gib": "40.5"}', 1, "image.min_disk_gib", "40.5", "a whole number of GiB, at least 0", None),
        ('{"image.min_disk_gib": 1e300}', 1, "image.min_disk_gib", 1e300, "a whole number of GiB, at least 0", None),
        ('{"image.encrypted": "yes"}', 1, "image.encrypted", "yes", "true or false", None),
        ('{"image.encrypted": 1}', 1, "image.encrypted", 1, "true or false", None),
        ('{"image.owner": 7}', 1, "image.owner", 7, "text", None),
        ("id,image.encrypted\na,true\nb,no\n", 2, "image.encrypted", "no", "true or false", None),
    ],
)
def test_a_wrong_value_is_an_error_that_names_its_place(read_text, content, row, column, value, expected, nearest):
    with pytest.raises(InputError) as raised:
        read_text(content)
    error = raised.value
    assert (error.row, error.column, error.value, error.expected) == (row, column, value, expected)
    assert error.nearest == nearest
    assert error.file is not None and error.file.endswith("input")


def test_an_endless_integer_is_an_error_and_no_hang(read_text):
    with pytest.raises(InputError, match=r"image\.min_disk_gib"):
        read_text('{"image.min_disk_gib": ' + "9" * 1_000_000 + "}")


def test_a_forced_format_reads_what_detection_would_not(read_text):
    document = read_text("team\nfood\n", format="facts-csv")
    assert document.format is Format.FACTS_CSV and dict(document.records[0].columns) == {"team": "food"}
    assert read_text('{"a": 1}\n{"a": 2}', format="facts-jsonl").records[1].columns == {"a": 2}


def test_json_lines_that_hold_vendor_objects_are_read_as_those(read_text):
    line = '{"id": "i", "__imagetype": "private"}\n'
    assert read_text(line + line).format is Format.IMS
