"""The list of private images that the console exports."""

from __future__ import annotations

import pytest

from imagefit.errors import InputError
from imagefit.sources.formats import Format

ENGLISH = "Image Name,Image ID,Status,OS,Image Type,Created,Disk Capacity (GiB),Shared Disk,Image Size,Encrypted\n"
CHINESE = "镜像名称,镜像ID,镜像状态,操作系统,镜像类型,创建时间,磁盘容量（GiB）,共享盘信息,镜像大小,最小内存,是否加密\n"  # noqa: RUF001


def test_the_english_export_gives_its_facts(read_text):
    row = "web,i1,Normal,Ubuntu 14.04 server 64bit,System disk image(x86),2026/01/02,40,--,512 MB,No\n"
    document = read_text("\ufeff" + ENGLISH + row)
    (record,) = document.records
    assert document.format is Format.CONSOLE_CSV and document.warnings == ()
    assert (record.key, record.name, record.image_ref) == ("i1", "web", "i1")
    assert dict(record.facts) == {
        "image.visibility": "private",
        "image.type": "system_disk",
        "image.architecture": "x86_64",
        "image.status": "active",
        "image.bound_to_zone": "none",
        "image.min_disk_gib": 40,
        "image.size_gib": 0.5,
        "image.encrypted": False,
        "image.os_version": "Ubuntu 14.04 server 64bit",
        "image.os_supports_uefi": True,
    }
    assert str(record.origins["image.min_disk_gib"]) == "api: column Disk Capacity (GiB)"
    assert set(record.unused) == {"Created"}


def test_the_chinese_export_gives_the_same(read_text):
    row = "整机,i2,正常,CentOS 7.9 64bit,整机镜像（ARM）,2026/01/02,系统盘：40，数据盘：100,--,3.5 GB,2 GB,是\n"  # noqa: RUF001
    (record,) = read_text(CHINESE + row.replace("系统盘：40，数据盘：100", '"系统盘：40，数据盘：100"')).records  # noqa: RUF001
    assert record.facts["image.type"] == "full_ecs"
    assert record.facts["image.architecture"] == "arm64"
    assert record.facts["image.status"] == "active"
    assert record.facts["image.min_disk_gib"] == 40
    assert record.facts["image.size_gib"] == 3.5
    assert record.facts["image.min_memory_mib"] == 2048
    assert record.facts["image.encrypted"] is True


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("Data disk image", "data_disk"),
        ("ISO image(x86)", "iso"),
        ("data DISK image", "data_disk"),
        ("数据盘镜像", "data_disk"),
        ("ISO镜像(x86)", "iso"),
        ("Snapshot", None),
    ],
)
def test_the_type_column_tells_the_type(read_text, type: str, expected: str | None):
    (record,) = read_text(f"Name,ID,Image Type\nweb,i1,{type}\n", format="console-csv").records
    assert record.facts.get("image.type") == expected
    assert (expected is None) == any("Snapshot" in note for note in record.notes)


@pytest.mark.parametrize(
    ("title", "cell", "fact"),
    [
        ("Status", "Creating", "image.status"),
        ("Encrypted", "Perhaps", "image.encrypted"),
        ("Image Size", "12 parsecs", "image.size_gib"),
        ("Image Size", "12", "image.size_gib"),
        ("Disk Capacity (GiB)", "12.5", "image.min_disk_gib"),
        ("Disk Capacity (GiB)", "many", "image.min_disk_gib"),
        ("Minimum Memory", "0.0001 MB", "image.min_memory_mib"),
    ],
)
def test_a_cell_that_is_not_understood_is_shown(read_text, title: str, cell: str, fact: str):
    (record,) = read_text(f"Name,ID,OS,{title}\nweb,i1,Linux,{cell}\n", format="console-csv").records
    assert fact not in record.facts
    assert any(cell in note and fact in note for note in record.notes)


def test_dashes_are_absent(read_text):
    (record,) = read_text("Name,ID,Image Type,Image Size,Encrypted\nweb,i1,-,--,\n", format="console-csv").records
    assert set(record.facts) == {"image.visibility"} and record.notes == ()


def test_a_column_that_is_not_recognised_is_reported(read_text):
    document = read_text("Name,ID,Image Type,Mood\nweb,i1,Data disk image,sunny\n", format="console-csv")
    assert document.warnings == ("column not recognised: Mood",)
    assert dict(document.records[0].unused) == {"Mood": "'sunny'"}
    assert document.records[0].unrecognised == ("Mood",)


def test_the_file_name_that_the_console_gives_tells_the_region(read_text):
    content = "Name,ID,Image Type\nweb,i1,Data disk image\n"
    named = read_text(content, "private-images-cn-north-4-20260102.csv", format="console-csv").records[0]
    assert named.facts["image.region"] == "cn-north-4"
    assert str(named.origins["image.region"]) == "api: the file's name"
    assert (
        "image.region"
        not in read_text(content, "private-images-zz-north-4-20260102.csv", format="console-csv").records[0].facts
    )


@pytest.mark.parametrize(
    "name",
    [
        "public-images-cn-north-4-20260102.csv",
        "Shared images (1).csv",
        "KooGallery_images.csv",
        "共享镜像.csv",
        "public image list.csv",
    ],
)
def test_a_file_that_is_named_after_other_images_does_not_tell_whose_they_are(read_text, name: str):
    content = ENGLISH + "web,i1,Normal,Ubuntu,Data disk image(x86),2026/01/02 03:04:05 GMT+08:00,40,--,428.45 MB,No\n"
    record = read_text(content, name).records[0]
    assert "image.visibility" not in record.facts
    assert any("whether the images are private is unknown" in note for note in record.notes)
    assert read_text(content, "my images, not public.csv").records[0].facts["image.visibility"] == "private"


def test_a_header_alone_is_zero_images(read_text):
    assert read_text(ENGLISH).records == ()


@pytest.mark.parametrize("title", ["Image Name", "Status", "OS", "Created", "Encrypted"])
def test_a_table_without_one_of_the_titles_that_every_export_has_is_somebodys_own(read_text, title: str):
    rest = ",".join(column for column in ENGLISH.strip().split(",") if column != title)
    assert title in ENGLISH
    with pytest.raises(
        InputError, match=f"(?i)no column of this CSV is a fact.*of which this lacks (Image )?{title};"
    ) as raised:
        read_text(rest + "\n")
    assert "did you mean" not in str(raised.value)


@pytest.mark.parametrize(
    ("title", "cell", "fact", "value"),
    [
        ("Minimum Memory (GiB)", "4", "image.min_memory_mib", 4096),
        ("Minimum Memory (GB)", "4096 MB", "image.min_memory_mib", 4096),
        ("Minimum Memory", "4096", "image.min_memory_mib", 4096),
        ("Disk Capacity (TB)", "1", "image.min_disk_gib", 1024),
        ("Disk Capacity (TiB)", "System disk: 1, Data disk: 2", "image.min_disk_gib", 1024),
        ("Disk Capacity (MiB)", "40960", "image.min_disk_gib", 40),
        ("Disk Capacity", "40", "image.min_disk_gib", 40),
        ("Image Size (MB)", "512", "image.size_gib", 0.5),
        ("Disk Capacity (blocks)", "40", "image.min_disk_gib", None),
    ],
)
def test_a_number_without_a_unit_has_that_of_its_title(read_text, title: str, cell: str, fact: str, value: object):
    columns = ENGLISH.strip().split(",")
    row = dict.fromkeys(columns, "-") | {"Image ID": "i"}
    plain = title.partition(" (")[0]
    renamed = {title if name.partition(" (")[0] == plain else name: said for name, said in row.items()} | {title: cell}
    (record,) = read_text(",".join(renamed) + "\n" + ",".join(f'"{said}"' for said in renamed.values()) + "\n").records
    assert record.facts.get(fact) == value


def test_an_export_need_not_have_shared_disks(read_text):
    assert read_text(ENGLISH.replace("Shared Disk,", "")).format == "console-csv"
