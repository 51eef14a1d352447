"""The input formats, a line each: what it is called, what it is, how its beginning is recognised, what reads it.

A new format is a line of `Format` and a module of its own: for JSON objects, a function that makes records of
them; else a class that is a `candidates.CandidateFile`, named here and imported when such a file is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from importlib import import_module

from imagefit.errors import UnknownNameError
from imagefit.facts import Field
from imagefit.readers.assembly import Settings
from imagefit.readers.recognised import (
    CHANGES,
    has_metadata,
    is_create,
    is_create_disk,
    is_disk,
    is_flavor,
    is_image,
    is_member,
    is_nova_image,
    is_output,
    is_plan,
    is_request,
    is_resource,
    is_scaling,
    is_server,
)
from imagefit.readers.records import Record
from imagefit.readers.shapes import Reader, reading, shape_of
from imagefit.values import dataclass

__all__ = ["Bytes", "Detected", "Format", "Columns", "Objects", "format_named"]

Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Bytes:
    """A format whose files begin with certain bytes."""

    reader: str
    beginnings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """A CSV whose columns tell what it is."""

    reader: str
    is_one: Callable[[tuple[str, ...], Fields], bool]


@dataclass(frozen=True, slots=True)
class Objects:
    """JSON objects: bare, in a list, in lines, or with an object around them.

    Attributes
    ----------
    is_one
        Tells an object that nothing is around, by its keys.
    read
        Makes records of the objects, one by one where that is possible; facts are read otherwise.
    lists
        The keys of the object around a list of them; ``resources.resource_detail``: of things that hold one each, or
        a list of them.
    singles
        The keys of the object around one of them.
    tells
        Where several formats have such a key: whether what is in there is of this one.
    is_whole
        Whether the object around belongs to what is read.
    is_mixed
        Whether it holds images and ECSs, of which an option takes those that it is for.
    """

    is_one: Callable[[Mapping[str, object], Fields], bool]
    read: Reader | None = None
    lists: tuple[str, ...] = ()
    singles: tuple[str, ...] = ()
    tells: Callable[[object], bool] = lambda inside: True
    is_whole: bool = False
    is_mixed: bool = False

    @property
    def reader(self) -> str:
        """The class that reads such a file."""
        return "documents.FactsFile" if self.read is None else "documents.ObjectsFile"

    @property
    def wrappers(self) -> dict[str, tuple[str, ...]]:
        """The keys around a list, each with the keys inside its elements that hold the objects, if there are some."""
        found: dict[str, tuple[str, ...]] = {}
        for outer, _, inner in (name.partition(".") for name in self.lists):
            found[outer] = (*found.get(outer, ()), *([inner] if inner else []))
        return found


def _is_facts(found: Iterable[str], fields: Fields) -> bool:
    return any(name in fields for name in found)


def _of_shape(
    kind: str, is_one: Callable[[Mapping[str, object], Fields], bool]
) -> Callable[[Mapping[str, object], Fields], bool]:
    """Return what tells an object by the wire's names, or by those of a shape that it has elsewhere."""
    return lambda found, fields: is_one(found, fields) or shape_of(found, kind) is not None


def _is_body(found: Mapping[str, object], fields: Fields) -> bool:
    """Tell a body that has nothing around it: it has what is asked for, and lacks what an image that is there has."""
    return is_request(found, fields) and not ({"status", "owner", "visibility"} & found.keys())


def _by(place: str, of: str = "") -> Reader:
    """Return the reader at a place in `readers`, which is imported when it reads; one `of` a kind reads any shape."""

    def read(objects: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
        module, _, name = place.partition(".")
        own: Reader = getattr(import_module(f"imagefit.readers.{module}"), name)
        return (reading(of, own) if of else own)(objects, settings)

    return read


def _holds(key: str, is_one: Callable[[Mapping[str, object], Fields], bool]) -> Callable[[object], bool]:
    """Return what tells the elements of a list by what they hold."""

    def tells(element: object) -> bool:
        inside = element.get(key) if isinstance(element, dict) else None
        return isinstance(inside, dict) and is_one(inside, {})

    return tells


def _is_disk_inside(element: object) -> bool:
    """Tell a disk, or what holds one, where an ECS or the request to create a disk could stand instead."""
    if isinstance(element, dict) and "detail" in element:
        return _holds("detail", is_disk)(element)
    return not is_create_disk(element)


def _is_ecs_inside(server: object) -> bool:
    return _holds("detail", is_server)(server) or not (is_create(server) or _holds("detail", is_disk)(server))


def _is_console(columns: tuple[str, ...], fields: Fields) -> bool:
    from imagefit.readers.console import is_console_export

    return is_console_export(columns)


def _is_table(columns: tuple[str, ...], fields: Fields) -> bool:
    from imagefit.readers.tables import is_table

    return is_table(columns)


class Format(StrEnum):
    """The input formats, by the names that ``--from`` takes; the first that recognises a file reads it.

    Attributes
    ----------
    meaning
        What it is, in words.
    recognised
        How it is recognised, and what reads it.
    """

    meaning: str
    recognised: Bytes | Columns | Objects

    FACTS_JSON = (
        "facts-json",
        "a JSON object of facts by their dotted names, or a list of such objects",
        Objects(_is_facts),
    )
    FACTS_JSONL = "facts-jsonl", "a JSON object of facts on each line", Objects(lambda found, fields: False)
    FACTS_CSV = (
        "facts-csv",
        "a CSV whose columns are facts; sets are separated by `;`",
        Columns("csv.FactsCsv", _is_facts),
    )
    IMS = (
        "ims",
        "images as the image service lists them (`images`), one of them (`image`, or bare), a Glance page",
        Objects(
            _of_shape("image", is_image),
            _by("imagelists.read_images", "image"),
            ("images", "results.images", "results.image"),
            ("image",),
            tells=lambda first: not has_metadata(first),
        ),
    )
    NOVA = (
        "nova",
        "images as Nova lists them, with `metadata` inside, `minDisk`, `minRam` and `ACTIVE`",
        Objects(is_nova_image, _by("imagelists.read_images"), ("images",), ("image",), tells=has_metadata),
    )
    DISKS = (
        "disks",
        "EVS disks (`volumes`, `volume`, `resources`) with `volume_image_metadata`",
        Objects(
            is_disk,
            _by("imagelists.read_disks"),
            ("volumes", "resources.resource_detail", "instances.detail"),
            ("volume",),
            tells=_is_disk_inside,
        ),
    )
    FLAVORS = (
        "flavors",
        "flavors with `os_extra_specs` or `extra_specs` (`flavors`, `flavor`, or bare)",
        Objects(
            _of_shape("flavor", is_flavor),
            _by("flavors.read_flavors", "flavor"),
            ("flavors", "results.flavors"),
            ("flavor",),
            tells=lambda first: not has_metadata(first),
        ),
    )
    SERVERS = (
        "servers",
        "details of existing ECSs (`servers`, `server`, or bare)",
        Objects(
            _of_shape("server", is_server),
            _by("servers.read_servers", "server"),
            ("servers", "instances.detail", "results.servers"),
            ("server",),
            tells=_is_ecs_inside,
        ),
    )
    REQUEST = (
        "request",
        "a request's body: create an ECS (also Nova's) or a disk, `os-change`, `rebuild`, create a full-ECS image",
        Objects(
            _is_body,
            _by("requests.read_requests"),
            (),
            ("server", "volume", *CHANGES),
            tells=lambda inside: is_create(inside) or is_create_disk(inside),
            is_whole=True,
        ),
    )
    MEMBERS = (
        "members",
        "the members of a shared image (`members`)",
        Objects(is_member, _by("members.read_members"), ("members",), ("member",)),
    )
    SCALING = (
        "scaling",
        "Auto Scaling configurations: the ECSs that they would create",
        Objects(is_scaling, _by("scaling.read_scaling"), ("scaling_configurations",), ("scaling_configuration",)),
    )
    TERRAFORM = (
        "terraform",
        "a Terraform state: the images, flavors and ECSs that it holds",
        Objects(
            lambda found, fields: is_resource(found),
            _by("terraform.read_resources"),
            ("resources",),
            tells=is_resource,
            is_mixed=True,
        ),
    )
    PLAN = (
        "plan",
        "a Terraform plan (`terraform show -json`): what each change that concerns an image asks for",
        Objects(lambda found, fields: is_plan(found), _by("plans.read_plans"), is_whole=True, is_mixed=True),
    )
    TERRAFORM_OUTPUT = (
        "terraform-output",
        "the outputs of Terraform (`terraform output -json`): the images, flavors and ECSs among them",
        Objects(lambda found, fields: is_output(found), _by("terraform.read_outputs"), is_whole=True, is_mixed=True),
    )
    CONSOLE_CSV = (
        "console-csv",
        "the list of private images that the console exports",
        Columns("csv.ConsoleCsv", _is_console),
    )
    ATTRIBUTES_CSV = (
        "attributes-csv",
        "a CSV whose columns are the attributes of images, flavors or ECSs",
        Columns("csv.AttributesCsv", _is_table),
    )
    PARQUET = "parquet", "a Parquet file whose columns are facts", Bytes("columnar.ParquetFile", (b"PAR1",))
    ARROW = (
        "arrow",
        "an Arrow IPC file or stream whose columns are facts",
        Bytes("columnar.ArrowFile", (b"ARROW1", b"\xff\xff\xff\xff")),
    )
    EXCEL = (
        "xlsx",
        "a sheet of a workbook (XLSX) whose columns are facts, attributes or the console's; FILE#SHEET names one",
        Bytes("excel.ExcelFile", (b"PK\x03\x04",)),
    )

    def __new__(cls, name: str, meaning: str, recognised: Bytes | Columns | Objects) -> Format:
        """Make a member whose value is its name alone."""
        member = str.__new__(cls, name)
        member._value_, member.meaning, member.recognised = name, meaning, recognised
        return member


@dataclass(frozen=True, slots=True)
class Detected:
    """What a file is: its format, and whether its JSON stands in lines."""

    format: Format
    is_lines: bool = False

    @property
    def reader(self) -> str:
        """The class that reads such a file."""
        reader = self.format.recognised.reader
        if reader != "documents.FactsFile":
            return reader
        return "factlines.FactsLines" if self.is_lines else "factarrays.FactsArray"


def format_named(name: str) -> Format:
    """Return the format that ``--from`` calls `name`; raises `UnknownNameError` if there is none."""
    found = next((known for known in Format if known == name), None)
    if found is None:
        raise UnknownNameError.of("format", name, [known.value for known in Format])
    return found
