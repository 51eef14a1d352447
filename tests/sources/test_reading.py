"""Files, encodings, malformed text, and formats that are not read: always an error that names its place."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from imagefit.errors import InputError, UnknownNameError
from imagefit.facts import Field, FieldType
from imagefit.rulepack.pack import Pack
from imagefit.sources.reading import Document, pick, read
from imagefit.sources.reading import flavor as flavor_of
from readers.payloads import create_request, flavor, ims_image, server


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"caf\xe9,x\n", "not UTF-8 at byte 3"),
        (b"\xff\xfe\x00", "not UTF-16-LE at byte 2"),
        (b"a\x00b", "NUL"),
        (b"PAR1....", "not a readable Parquet file"),
        (b"\x1f\x8b\x08\x00", "cannot be decompressed"),
        (b"PK\x03\x04....", "not a readable workbook (File is not a zip file)"),
        (b"image.boot_mode,x\nbios\n", "the row has 1 cell; expected 2, as the header"),
        (b"image.boot_mode\nbios,y\n", "the row has 2 cells"),
        (b"image.boot_mode,image.boot_mode\n", "the column stands twice: 'image.boot_mode'"),
        (b'image.boot_mode\n"bios\n', "not CSV"),
        (b'image.boot_mode\n"bios"x\n', "not CSV"),
        (b"image.boot_mode|image.status\nbios|active\n", "separated by something else (--delimiter)?"),
        (b"colour,taste\nred,sweet\n", "no column of this CSV is a fact"),
        (b"image.boot_mood,taste\nbios,sweet\n", "did you mean 'image.boot_mode'?"),
        (b"{", "line 1, column 2: not JSON"),
        (b'{"images": [}', "not JSON"),
        (b'[{"image.boot_mode": "bios"}', "not JSON"),
        (b"[1, 2]", "the list holds no objects: 1"),
        (b'{"colour": "red"}', "in no format that is read: 'an object with colour'"),
        (b'{"image.boot_mood": "bios"}', "did you mean 'image.boot_mode'?"),
        (b'{"images": [{}, 7]}', "images[1]: not an object: 7"),
        (b'{"resources": [{"resource_detail": 7}]}', "resources[0].resource_detail: not an object"),
        (b'{"server": {"imageRef": 1}, "server": {}}', "the key stands here more than once: 'server'"),
        (b'{"images": [{"a": {"b": 1, "b": 2}}]}', "images[0].a: the key stands here more than once: 'b'"),
        (b'{"image.status": "active"}\n{"a": 1, "a": 2}\n', "row 2: the key stands here more than once"),
        (b'{"image.status": "active"}\n{oops}\n', "row 2: not JSON"),
        (b'{"image.status": "active"}\n[7]\n', "row 2: not an object"),
        (b'{"image.status": "active"\n{"image.status": "active"}\n', "line 2, column 1: not JSON"),  # no row is lost
        (b'age.status": "active"}\n{"image.status": "active"}\n', "this is YAML"),
        *(
            (first + b'\n{"image.status": "active"}\n', "in no format that is read")
            for first in (b"7", b'"a"', b"null")
        ),
        (b'\n{"image.status": "active",\n[{"image.status": "active"}]\n', "not JSON"),
        (b"[" * 200 + b"]" * 200, "nested too deeply; expected at most 64 levels"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "nested too deeply"),
        (b'[{"platform": "SUSE", "version_list": []}]', "this is a list of the OSs"),
        (b'{"os-reinstall": {}}', "keeps its image"),
        (b'{"resize": {"flavorRef": "c7n.large.2"}}', "--flavor ID --operation resize"),
    ],
)
def test_malformed_input_is_an_error_in_words(read_text, content: bytes, message: str):
    with pytest.raises(InputError) as raised:
        read_text(content)
    assert message in str(raised.value)
    assert str(raised.value).count("\n") == 0


def test_a_missing_file_a_folder_and_an_odd_path_are_errors(fields, tmp_path: Path):
    with pytest.raises(InputError, match="there is no such file"):
        read(tmp_path / "nowhere.json", fields)
    with pytest.raises(InputError, match="a folder, not a file"):
        read(tmp_path, fields)
    with pytest.raises(InputError, match="cannot be read"):
        read("a\0b", fields)


def test_a_dash_is_standard_input(fields, monkeypatch: pytest.MonkeyPatch):
    content = json.dumps({"images": [ims_image()]}).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    document = read("-", fields)
    assert document.file == "standard input" and document.records[0].name == "web"


def test_an_unknown_format_names_the_nearest(read_text):
    with pytest.raises(UnknownNameError, match="did you mean 'flavors'"):
        read_text("{}", format="flavours")


@pytest.mark.parametrize("format", ["ims", "flavors", "servers", "members", "disks", "nova"])
def test_a_forced_format_refuses_what_holds_no_objects(read_text, format: str):
    with pytest.raises(InputError, match="not an object"):
        read_text("7", format=format)


def test_a_forced_request_refuses_another_body(read_data):
    with pytest.raises(InputError, match="not the body of a request"):
        read_data({"images": []}, format="request")
    assert read_data(create_request(), format="request").records[0].operation == "create_ecs"


def test_a_list_under_another_pages_links_is_not_the_whole(read_data):
    data = {"servers": [], "servers_links": [{"rel": "next", "href": "https://x"}]}
    assert "one page" in read_data(data).warnings[0]


# --- choosing one record


@pytest.fixture
def document(read_data) -> Document:
    images = [
        ims_image(id="aaaa-1", name="web"),
        ims_image(id="aaaa-2", name="database"),
        ims_image(id="aaaa-3", name="database"),
        ims_image(id=None, name=None),
    ]
    return read_data({"images": images})


def test_a_record_is_picked_by_id_by_name_or_by_row(document: Document):
    assert pick(document.records, "aaaa-2", document.file).id == "aaaa-2"
    assert pick(document.records, "web", document.file).id == "aaaa-1"
    assert pick(document.records, "4", document.file).key == "4"


def test_an_ambiguous_name_is_an_error_that_lists_the_ids(document: Document):
    with pytest.raises(
        InputError, match="2 records have this name: 'database'; expected one of the ids aaaa-2, aaaa-3"
    ):
        pick(document.records, "database", document.file)


@pytest.mark.parametrize(
    ("selector", "near"), [("databse", "database"), ("WEB", "web"), ("aaaa-9", "aaaa-1"), ("da", "database")]
)
def test_an_absent_name_is_an_error_with_the_nearest(document: Document, selector: str, near: str):
    with pytest.raises(InputError) as raised:
        pick(document.records, selector, document.file)
    assert near in str(raised.value) and raised.value.nearest is not None


def test_a_name_that_alone_is_near_is_told_once(document: Document):
    with pytest.raises(InputError) as raised:
        pick(document.records, "databse", document.file)
    said = "no record has this id or name: 'databse'; expected one of its 4 records; did you mean 'database'?"
    assert str(raised.value).endswith(said)


def test_an_id_that_stands_twice_is_ambiguous(read_data):
    twice = read_data({"images": [ims_image(), ims_image()]})
    with pytest.raises(InputError, match="2 records have this id"):
        pick(twice.records, ims_image()["id"], twice.file)


def test_nothing_to_pick_from_says_so(read_data):
    with pytest.raises(InputError, match="no record has this id or name: 'x'; expected one of its 0 records"):
        pick((), "x", "f")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param('{"images": [' + "{}," * 50_000 + "{}]}", marks=pytest.mark.slow),
        "image.boot_mode\n" + "bios\n" * 50_001,
        pytest.param('{"image.boot_mode": "bios"}\n' * 50_002, marks=pytest.mark.slow),
    ],
)
def test_more_objects_than_are_read_whole_are_refused(read_text, content: str):
    with pytest.raises(InputError, match="more than 50000 objects or rows"):
        read_text(content)


# --- packs of other domains, and the tables as data


@pytest.mark.parametrize(
    "data",
    [
        {"images": [ims_image()]},
        {"flavors": [flavor()]},
        {"servers": [server()]},
        {"members": [{"image_id": "i", "member_id": "m", "status": "accepted"}]},
        create_request(),
    ],
)
def test_a_reader_gives_only_facts_that_the_pack_has(lamps: Pack, tmp_path: Path, data: object):
    path = tmp_path / "input.json"
    path.write_text(json.dumps(data))
    fields = {**lamps.fields, "image.withdrawn": Field("image.withdrawn", FieldType.BOOLEAN)}
    for record in read(path, fields, region="cn-north-4").records:
        assert dict(record.facts) == dict(record.origins) == {}
        assert record.key
    with pytest.raises(InputError, match="is nothing for this pack, which has none of its facts"):
        read(path, lamps.fields)


def test_the_console_and_an_id_give_nothing_to_a_pack_without_their_facts(lamps: Pack, tmp_path: Path):
    path = tmp_path / "input.csv"
    titles = "Name,ID,Status,OS,Image Type,Created,Disk Capacity,Image Size,Encrypted"
    path.write_text(f"{titles}\nweb,i1,Normal,Linux,Data disk image,2026,40,--,No\n")
    assert read(path, lamps.fields).records[0].facts == {}
    assert flavor_of("p2s.2xlarge.8", lamps.fields, region="cn-north-4").facts == {}


@pytest.mark.parametrize(("content", "format"), [('{"images": 7}', "members"), ('{"members": {}}', "members")])
def test_an_object_of_another_shape_is_read_as_one_of_its_kind(read_text, content: str, format: str):
    assert len(read_text(content, format=format).records) == 1


def test_a_list_with_something_else_in_it_is_refused(read_text):
    with pytest.raises(InputError, match=r"resources: not a list: 7"):
        read_text('{"resources": 7}', format="disks")
