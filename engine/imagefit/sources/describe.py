"""The documentation of the input formats as Markdown, made from the same tables that the readers work by.

``python -m imagefit.sources.describe > docs/readers.md`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterable

from imagefit.readers.catalogs import shipped_catalogs
from imagefit.readers.console import TITLES, console_table
from imagefit.readers.flavors import flavor_table
from imagefit.readers.images import image_table
from imagefit.readers.known import known_attributes
from imagefit.readers.requests import change_table, create_table, disk_table
from imagefit.readers.servers import server_table
from imagefit.readers.shapes import SHAPES, names_of
from imagefit.readers.translation import Translation
from imagefit.readers.wholeimages import whole_image_table
from imagefit.readers.wholes import WHOLE
from imagefit.sources.formats import Format
from imagefit.sources.limits import LIMITS
from imagefit.sources.refusals import REFUSALS

__all__ = ["describe"]

_INTRODUCTION = """\
# Input formats

<!-- Made by `python -m imagefit.sources.describe` from the tables in engine/imagefit/readers; do not edit. -->

Formats are told apart by content; `--from` overrides that. JSON and CSV are UTF-8 with or without a byte order
mark, or UTF-16 with one; each file may be compressed (gzip, zstd), and `-` is standard input. Files may have any
size: how long one is, whether it is compressed and how it comes in change nothing; what is limited is the last section.

A fact that a payload does not state is unknown, unless the table says what its absence means, and the object is
whole. A value that a
table does not understand makes the fact unknown and is reported; in a facts file, where facts are stated
outright, it is an error. Absent is also what is `null` or `""`. Attributes that gave no fact are shown with `-v`.
"""

_WHOLE = """

Absence means something only in whole objects. What a query, a filter or another program has cut down says what it
says, and all else is unknown: what is left of an object never gives a fact another value. An object is whole that has
all of these attributes (`or`: any of them); formats that are not listed here have no whole objects. One warning a file
counts the parts. An attribute that nobody knows, and whose name is one that is read but for how it is spelled
(`rootVolume`) or speaks of a fact (`system_disk_size`), may say what would be concluded: that is unknown, too.

| `--from` | what every whole object has | where that was seen |
| --- | --- | --- |
"""

_IMAGES = """

`read(..., region=...)` says which region was queried: lists do not. `__data_origin` names the region that an
image was copied from, which is not the region that it is in. What no list says, and somebody has to supply:
whether a private image was published in KooGallery, what it was made from, whose backup a full-ECS image was
made from, whether its ECS ever had a CSBS backup.

Nova's `minDisk` and `minRam` are `min_disk` and `min_ram`. The metadata of a disk is a partial copy of an image's
attributes, where absence means nothing.
"""

_FLAVORS = """

The catalog of flavor families adds what it knows by the flavor's id: architecture, accelerator, virtualization, the
GPUs by which images name it, and the memory of documented flavors (or by the id's arithmetic, where the family is
regular and has flavors with so much memory for a vCPU). `.linux`, `.win` and `.bigdata` at the end of an id are left
out of account. What was read counts more than the catalog; what was only concluded from absence and contradicts it is
unknown. `ecs.family` is the id up to its first dot; an id that begins with `physical.` is a bare metal server's
(`ecs.platform_target`), other ids are ECSs'. A flavor by itself states no disk size: `ecs.system_disk` is
`image_default`. A flavor's id alone (`--flavor`) tells what the catalogs know and what its form says; region and zone
are those that are given with it (`--set ecs.region`, `--az`).
What is assumed of it beside that, the pack says (`assumptions`), and every output shows it.
"""

_SERVERS = """

The flavor inside is read by the table of flavors, its facts' origins start with `flavor.`; the zone that counts is
the ECS's own. An existing ECS has a disk of its own: `ecs.system_disk` is `explicit`, its size unknown. How it boots
is in no payload.
"""

_MEMBERS = """

| fact | from | rule |
| --- | --- | --- |
| `image.shared_with` | `member_id` | those of all members |
| `image.accepted_by` | `member_id`, `status` | those of the members that accepted |
| `image.recipients` | `status` | the number of members that accepted; the others do not count |
| `image.shared_with_kinds` | `member_type` | project, domain, organization; a member without one is a project |

Where a member lacks `image_id`, `member_id` or `status`, or the list is one page of several, all of it is unknown. A
domain or an organization is more projects than the list names: then only `image.shared_with_kinds` is known.
"""

_CONSOLE = """

An export has the titles of a name, an id, a status, an OS, a type, a time, disks, a size and the encryption; a table
that lacks one of them is somebody's own (`--from console-csv` reads it all the same). Titles are matched without case,
and without a unit in brackets; `-` and `--` are absent. The export is of private images: `image.visibility` is
`private`, unless the file is named after others (`public-images-...csv`). A file name such as
`private-images-cn-north-4-...csv` tells the region.
"""


_SHAPES = """

Other programs give the same objects under names of their own. Each has a table of names, by which its objects are
brought back to the services' own form; what an attribute then means, the tables above say. What such a form can't
carry, its silence does not tell. Lists may be bare, or in `images`, `flavors`, `servers`; Ansible's registered
`results` and one object more around the JSON (`body`, `result`) are looked into, and lines of text before it are
skipped. Python's way of writing a mapping (`str()`) is read as JSON is.
"""

_LIMITS = """

One table for all formats and ways in. What passes a limit is an error that says so, and where; one of a row alone is a
bad row, which `audit --on-bad-row report` leaves out.

| what | is at most | of |
| --- | ---: | --- |
"""

_STRICT = """
JSON is what RFC 8259 says, and no more: a key that stands twice in an object, NaN and Infinity, numbers that 64 bits do
not hold (a whole one has a sign), half of a surrogate pair, what is not UTF-8 and what stands after the end are errors,
also where they are no facts. In a list or in lines such an element is a bad row.
"""

_CHECKSUMS = """
gzip has a checksum of its content, zstd may have one, and so may the pages of Parquet (`write_page_checksum=True`):
they are verified. Parquet without it, Arrow IPC, CSV and JSON have none: that a bit of them is not what was written is
seen only where the file is no such file any more, or a value none of its fact. Every batch of Parquet and Arrow is
checked in full (indexes lie in their dictionaries, text is UTF-8, ...) before it is used; an error names row group and
column.
"""

_NOT_READ = """

Refused by its name, with what to give instead:
"""


def _shapes() -> Iterable[str]:
    for shape in SHAPES:
        pairs = names_of(shape.name).items()
        names = [f"`{theirs}`: {_wire(wire)}" for theirs, (wire, _) in pairs]
        silent = f" Its silence does not tell {', '.join(f'`{fact}`' for fact in sorted(shape.silent))}."
        yield f"**{shape.called}** (`{shape.name}`).{silent if shape.silent else ''} Names: {', '.join(names)}.\n"


def _wire(name: str) -> str:
    return "what is in it" if name == "." else f"`{name}`"


def describe() -> str:
    """Return the page: the formats, and for each kind of object its attributes, facts and rules."""
    catalogs = shipped_catalogs()
    formats = [f"| `{format}` | {format.meaning} |" for format in Format]
    titles = [f"| {name} | {', '.join(of_name)} |" for name, of_name in TITLES.items()]
    parts = [
        _INTRODUCTION,
        "## Formats\n",
        "\n".join(["| `--from` | what it is |", "| --- | --- |", *formats]),
        "\n## Whole objects and parts" + _WHOLE + _markers(),
        "\n## Images: `ims`, `nova`, `disks`" + _IMAGES,
        _table(image_table(catalogs)),
        _others("image", image_table(catalogs)),
        "\n## Flavors: `flavors`" + _FLAVORS,
        _table(flavor_table(catalogs)),
        _others("flavor", flavor_table(catalogs)),
        "\n## Existing ECSs: `servers`" + _SERVERS,
        _table(server_table(catalogs)),
        _others("server", server_table(catalogs)),
        "\n## Requests: `request`\n\nCreate an ECS (`create_ecs`); the catalog adds what it knows of the flavor:\n",
        _table(create_table(catalogs)),
        "\nCreate an EVS disk of an image, `volume` with an `imageRef` (`create_disk`):\n",
        _table(disk_table(catalogs)),
        "\nChange an ECS's OS, `os-change` and `rebuild` (`change_os`):\n",
        _table(change_table()),
        "\nCreate a full-ECS image; the facts are those that the image will have:\n",
        _table(whole_image_table()),
        _others("request", (*create_table(catalogs), *disk_table(catalogs), *change_table(), *whole_image_table())),
        "\n## Members: `members`" + _MEMBERS + _others("member"),
        "\n## The console's list: `console-csv`" + _CONSOLE,
        "\n".join(["| column | titles |", "| --- | --- |", *titles]) + "\n",
        _table(console_table(catalogs)),
        "\n## Other shapes of images, flavors and ECSs" + _SHAPES,
        *_shapes(),
        "\n## What is not read" + _NOT_READ,
        *(f"- {refusal.called}: {refusal.instead}" for refusal in REFUSALS),
        "\n## Limits"
        + _LIMITS
        + "\n".join(f"| {each.of} | {each.most:,} {each.unit} | {each.why} |" for each in LIMITS),
        _STRICT,
        _CHECKSUMS,
    ]
    return "\n".join(parts).replace("\n\n\n", "\n\n").strip() + "\n"


def _table(rows: Iterable[Translation]) -> str:
    lines = ["| fact | from | rule | where that is absent |", "| --- | --- | --- | --- |"]
    for row in rows:
        names = ", ".join(f"`{name}`" for name in row.reads)
        lines.append(f"| `{row.fact}` | {names} | {_cell(row.rule)} | {_cell(row.absent_rule)} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("__", "\\_\\_")


def _markers() -> str:
    lines = []
    for format, kinds in WHOLE.items():
        for kind in kinds:
            markers = ", ".join(" or ".join(f"`{name}`" for name in names) for names in kind.markers)
            silent = ", ".join(f"`{fact}`" for fact in sorted(kind.silent))
            seen = kind.seen + (f" ({silent})" if silent else "")
            lines.append(f"| `{format}` | {markers} | {_cell(seen)} |")
    return "\n".join(lines) + "\n"


def _others(of: str, table: Iterable[Translation] = ()) -> str:
    read = {name for row in table for name in row.reads}
    names = ", ".join(f"`{name}`" for name in sorted(known_attributes(of) - read, key=str.casefold))
    return f"\nKnown, and without a fact: {names}.\n"


if __name__ == "__main__":
    import sys

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(describe())
