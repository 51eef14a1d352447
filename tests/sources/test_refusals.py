"""What is not read is refused by its own name, with what to give instead; no message leads nowhere."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import imagefit
from imagefit.errors import InputError
from readers.payloads import ims_image

TABLE = """+----+------+--------+
| ID | Name | Status |
+----+------+--------+
| 1  | web  | active |
+----+------+--------+
"""


@pytest.mark.parametrize(
    ("content", "called", "instead"),
    [
        ("---\nimages:\n  - id: 1\n", "YAML", "JSON"),
        ("# images\nimages:\n- id: 1\n  name: web\n", "YAML", "JSON"),
        ("- id: a\n  __imagetype: private\n", "YAML", "JSON"),
        ('data "huaweicloud_images_image" "it" {\n  name = "web"\n}\n', "HCL", "terraform state pull"),
        ('# all\nterraform {\n  required_version = "1"\n}\n', "HCL", "terraform state pull"),
        (TABLE, "a printed table", "-f json"),
        ("<!DOCTYPE html>\n<html></html>\n", "HTML", "JSON"),
        ("ID,Name,Status\n1,web,active\n", "openstack image list", "openstack image show"),
        ("[USE_ERROR]Invalid parameter: cli-region\n", "an error that a command printed", "succeeded"),
        ("Error: No valid credential sources found\n", "an error that a command printed", "succeeded"),
        ("ERROR: cannot reach the service\nTry again.\n", "an error that a command printed", "succeeded"),
        ("[default]\nregion = cn-north-4\n", "a file of settings", "JSON"),
        ('# ours\nimage_id = "a"\n', "a file of settings", "JSON"),
        ("null\n", "JSON without an object or a list", "an object"),
        ('"images"', "JSON without an object or a list", "an object"),
        ("-1.5e3", "JSON without an object or a list", "an object"),
        ("%PDF-1.4\n", "no text", "CSV"),
        ("QFI\x00\x00", "the file of an image itself", "hcloud IMS ListImages"),
        ("hello world\n", "no format that is read: 'hello world'", "one of facts-json"),
        ('{"images": [{"id": "a"}', "not JSON", "line 1"),
        ('{"images": [{"id": "a"}]}\n{"images": []}\n', "several answers side by side", "jq -s"),
        ('{"image": {"id": "a"}}\n{"image": {"id": "b"}}\n', "several answers side by side", "a file for each"),
        ('{\n"__imagetype": "gold"\n}\n{\n"__imagetype": "gold"\n}\n', "line 4, column 1", "jq -s"),
    ],
)
def test_a_text_that_is_not_read_is_called_by_its_name(read_text, content: str, called: str, instead: str):
    with pytest.raises(InputError) as raised:
        read_text(content)
    assert called in str(raised.value) and instead in str(raised.value)
    assert "did you mean" not in str(raised.value)


CSV = b"id,image.status\na,active\n" * 40


@pytest.mark.parametrize(
    ("content", "called", "instead"),
    [
        (bz2.compress(CSV), "compressed in another way", "the file itself"),
        (lzma.compress(CSV), "compressed in another way", "the file itself"),
        (gzip.compress(gzip.compress(CSV)), "compressed in another way", "the file itself"),
        (b"Obj\x01\x04\x14avro.codec", "a table in Avro or ORC", "Parquet"),
        (CSV.decode().encode("utf-16-le"), "UTF-16 without a byte order mark", "--encoding"),
        (b'{"images": []}'.decode().encode("utf-16-be"), "UTF-16 without a byte order mark", "--encoding"),
        (b"id,image.status\na,\x00active\n", "line 2, character 3: holds a NUL character", "text, in UTF-8"),
    ],
    ids=("bzip2", "xz", "gzip twice", "avro", "utf-16-le", "utf-16-be", "NUL"),
)
def test_a_file_that_is_no_text_as_it_is_read_is_called_by_its_name(
    tmp_path: Path, content: bytes, called: str, instead: str
) -> None:
    (file := tmp_path / "images").write_bytes(content)
    with pytest.raises(InputError) as raised:
        len(imagefit.read(file).records)
    assert called in str(raised.value) and instead in str(raised.value).partition("expected ")[2]


@pytest.mark.parametrize(
    ("data", "called", "instead"),
    [
        (
            {"OS-EXT-STS:vm_state": "active", "flavor": "s3.large.2 (s3.large.2)", "image": "web (1)", "id": "1"},
            "an older openstack server show",
            "hcloud ECS ShowServer",
        ),
        ({"version": 3, "terraform_version": "0.11.14", "modules": []}, "a state of Terraform before 0.12", "newer"),
        (
            {"@level": "info", "@message": "Plan: 1 to add", "type": "change_summary"},
            "terraform plan -json",
            "show -json",
        ),
        ({"resource": {"huaweicloud_compute_instance": {"web": {}}}}, "configuration (JSON)", "terraform show -json"),
        ([{"ID": "1", "Name": "web", "Status": "active"}], "openstack image list", "openstack image show -f json"),
        (
            [{"ID": "1", "Name": "web", "Disk Format": "qcow2", "Status": "active", "Visibility": "private"}],
            "openstack image list",
            "openstack image show -f json",
        ),
        ([{"ID": "s", "Name": "s", "RAM": 4096, "VCPUs": 2}], "openstack flavor list", "openstack flavor show"),
        (
            [{"ID": "1", "Name": "web", "Status": "ACTIVE", "Networks": {}, "Image": "i", "Flavor": "f"}],
            "openstack server list",
            "ListServersDetails",
        ),
        ({"name": "web", "imageRef": "i", "flavorRef": "f"}, "without the object around it", '{"server": {...}}'),
        ({"format_version": "1.0", "values": {"root_module": {}}}, "terraform show -json", "terraform state pull"),
        ({"error": {"code": "IMG.0001", "message": "no such image"}}, "IMG.0001 no such image", "succeeded"),
        ({"error_code": "APIGW.0301", "error_msg": "Incorrect IAM"}, "APIGW.0301 Incorrect IAM", "succeeded"),
        ([{"images": [{"id": "a"}]}, {"images": [{"id": "b"}]}], "several answers side by side", "jq -s"),
        ([{"image": {"id": "a"}}], "several answers side by side", "a file for each"),
        ({"images": None}, "images: not a list: 'null'", "a list of objects"),
        ({"count": 0, "flavors": {}}, "flavors: not a list: {}", "a list of objects"),
    ],
)
def test_an_object_that_is_not_read_is_called_by_its_name(read_data, data: object, called: str, instead: str):
    with pytest.raises(InputError) as raised:
        read_data(data)
    assert called in str(raised.value) and instead in str(raised.value)
    assert "did you mean" not in str(raised.value)


def test_an_old_spreadsheet_is_to_be_saved_as_a_new_one_or_as_csv(read_text):
    with pytest.raises(InputError, match="before 2007 is not read; expected its sheet saved as XLSX or CSV"):
        read_text(b"\xd0\xcf\x11\xe0....")


@pytest.mark.parametrize("format", ["request", "ims", "servers"])
def test_no_place_in_a_message_is_empty(read_text, format: str):
    with pytest.raises(InputError) as raised:
        read_text("7", format=format)
    assert ", :" not in str(raised.value)


def test_an_image_with_a_backup_is_no_request(read_data):
    data = {"id": "1", "name": "web", "backup_id": "", "status": "active", "owner": "o"}
    with pytest.raises(InputError, match="in no format that is read"):
        read_data([data])


def test_a_request_to_create_a_full_ecs_image_is_one(read_data):
    assert read_data({"name": "all", "instance_id": "e"}).format == "request"


def test_disks_have_what_disks_have(read_data):
    with pytest.raises(InputError, match="in no format that is read: 'an object with id, type'"):
        read_data({"resources": [{"id": "1", "type": "thing"}]})


@pytest.mark.parametrize(("before", "found"), [("", "an object with outer"), ("a line\n", "a line")])
def test_what_is_around_json_that_is_not_read_does_not_hide_what_is_wrong(read_text, before: str, found: str):
    with pytest.raises(InputError, match=f"no format that is read: '{found}'"):
        read_text(before + json.dumps({"outer": {"colour": "red"}}))


@pytest.mark.parametrize("blanks", [0, 70_000, 1_000_000])
def test_a_line_before_json_is_passed_over_however_many_blanks_come_first(read_text, blanks: int):
    image = {"id": "a", "__imagetype": "private", "virtual_env_type": "FusionCompute", "status": "active"}
    assert read_text(" " * blanks + "Using region cn-north-4\n" + json.dumps({"images": [image]})).format == "ims"


@pytest.mark.parametrize("line", ["\n", "# a comment\n", "#\n\n", ";\n", " \n"])
def test_blanks_and_comments_without_anything_else_are_answered_at_once(read_text, line: str):
    with pytest.raises(InputError):
        read_text(line * 30_000)
    with pytest.raises(InputError, match="this is YAML"):
        read_text(line * 300 + "images:\n- id: a\n")


@pytest.mark.parametrize(
    ("content", "meant"),
    [
        ("ID,NAME,__IMAGETYPE\na,web,private\n", "__imagetype"),
        ("id, name, __imagetype\na, web, private\n", "__imagetype"),
        ("images.id,images.hw_firmware_type\na,bios\n", "hw_firmware_type"),
        ('{"ID": "a", "Virtual_Env_Type": "FusionCompute"}', "virtual_env_type"),
        ('[{"Vcpus": 2, "OS_EXTRA_SPECS": {}, "ECS:Instance_Architecture": "x86"}]', "ecs:instance_architecture"),
    ],
)
def test_names_that_are_attributes_but_for_case_blanks_or_a_prefix_are_called_so(read_text, content: str, meant: str):
    with pytest.raises(InputError) as raised:
        read_text(content)
    assert str(raised.value).endswith(f"did you mean {meant!r}?")


BY_COLUMNS = pd.DataFrame([ims_image(id="a"), ims_image(id="b")])


@pytest.mark.parametrize(
    "content",
    [
        BY_COLUMNS.to_json(),
        BY_COLUMNS[:1].to_json(),
        BY_COLUMNS.set_index("id").to_json(),
        BY_COLUMNS.to_json(orient="split"),
        BY_COLUMNS.to_json(orient="table"),
        json.dumps({"id": ["a", "b"], "vcpus": ["2", "4"], "ram": [4096, 8192]}),
        json.dumps({"image_id": {"0": "a"}, "member_id": {"0": "b"}, "status": {"0": "accepted"}}),
    ],
)
def test_a_table_written_by_its_columns_is_not_one_object(read_text, content: str):
    with pytest.raises(InputError, match=r"a table written by its columns; it is not read.*orient='records'"):
        read_text(content)


def test_sets_alone_are_no_columns(read_one):
    record = read_one({"image.hypervisors": ["kvm", "xen"], "image.shared_with": ["a"]})
    assert record.facts["image.hypervisors"] == {"kvm", "xen"}


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("name", ["input.json", "input.jsonl"])
def test_an_object_in_a_column_of_ones_own_does_not_hide_the_facts_beside_it(read_text, name: str, lines: int):
    row = json.dumps({"image.status": "active", "image": {"id": "a"}, "server": {}, "images": []})
    document = read_text(f"{row}\n" * lines, name)
    assert [dict(record.facts) for record in document.records] == [{"image.status": "active"}] * lines


def test_attributes_as_columns_of_parquet_are_refused_by_that_name(read_text):
    content = io.BytesIO()
    pq.write_table(pa.table({"id": ["a"], "__imagetype": ["private"], "status": ["active"]}), content)
    with pytest.raises(
        InputError, match="its columns are attributes of a service, which are read from CSV, XLSX and JSON"
    ):
        list(read_text(content.getvalue()).records)


ATTRIBUTES = "id,name,__imagetype,__os_bit,__os_version,status"
CONSOLE = "Image Name,Image ID,Status,OS,Image Type,Created,Disk Capacity,Image Size,Encrypted"


@pytest.mark.parametrize(
    ("before", "line"),
    [("Inventory", 2), ("Inventory,,", 2), ("# exported\n# by somebody", 3), ("Inventory of 2026\n", 3)],
)
@pytest.mark.parametrize(
    "header", ["id,image.status,team", "id;image.status;team", "image.status", ATTRIBUTES, CONSOLE]
)
def test_a_table_that_stands_below_its_title_is_told_so(read_text, before: str, line: int, header: str):
    with pytest.raises(InputError, match=f"line {line}: what names the columns stands below something else"):
        read_text(f"{before}\n{header}\n", "inventory.csv")


def test_a_table_about_facts_is_none_of_facts(read_text):
    with pytest.raises(InputError, match="no column of this CSV is a fact: 'fact, meaning'"):
        read_text("fact,meaning\nimage.status,what the service says\nimage.type,what it is\n", "facts.csv")
