"""What is not read, by its own name, and what to give instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from imagefit.errors import InputError, shortened
from imagefit.sources.opening import Opened
from imagefit.values import dataclass, pattern

__all__ = ["REFUSALS", "refused_by_columns", "refused_columns", "refused_object", "refused_pages", "refused_text"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that is not read.

    Attributes
    ----------
    called
        What it is.
    instead
        What to give instead.
    """

    called: str
    instead: str

    def error(self, name: str) -> InputError:
        """Return what to say of a file that is this."""
        return InputError(f"this is {self.called}; it is not read", file=name, expected=self.instead)


_JSON_OF_TABLE = "the same as JSON: -f json (openstack), --cli-output=json (hcloud)"

_TEXTS: tuple[tuple[re.Pattern[str], Refusal], ...] = (
    (
        pattern(r"(?:QFI|KDMV|conectix|vhdxfile|<<< )"),
        Refusal("the file of an image itself", "what the service says of the image: hcloud IMS ListImages"),
    ),
    (
        pattern(r"(?:%PDF|\x89?PNG|GIF8|\x7fELF|SQLite format)"),
        Refusal("no text", "the service's answer as JSON, or a table as CSV, JSON Lines or Parquet"),
    ),
    (
        pattern(r"(?:BZh[1-9]|7zXZ\x00|7z'\x1c|\x08[\x00\x08])"),  # bzip2, xz, 7z, gzip in gzip
        Refusal("compressed in another way than by gzip or zstd, or twice", "the file itself, or one of these two"),
    ),
    (
        pattern(r"(?:Obj\x01|ORC)"),
        Refusal("a table in Avro or ORC", "the same as Parquet, Arrow IPC, CSV or JSON Lines"),
    ),
    (
        pattern(r"(?:[^\x00]\x00[^\x00]\x00|\x00[^\x00]\x00[^\x00])"),
        Refusal(
            "text in UTF-16 without a byte order mark",
            "UTF-8, or what --encoding says, such as utf-16-le",
        ),
    ),
    (
        pattern(r"(?:\[[A-Z]+(?:_[A-Z]+)*_ERROR\]|(?:\S+: )?(?:Error|ERROR|error)\b[^,;\n]*(?:\n|\Z)|Traceback \()"),
        Refusal("an error that a command printed", "the answer of a call that succeeded"),
    ),
    (
        pattern(r"(?:null|true|false|-?\d[\d.eE+-]*|\"(?:[^\"\\\n]|\\.)*\")\s*\Z"),
        Refusal("JSON without an object or a list", "the service's answer: an object, or a list of objects"),
    ),
    (pattern(r"(?:\+-[-+=]*\+|\|\s|┌|╔)"), Refusal("a printed table", _JSON_OF_TABLE)),
    (pattern("<"), Refusal("a page of HTML or XML", "the service's answer as JSON")),
    (
        pattern(
            r"(?:(?:resource|data)\s+\"[^\"\n]+\"\s+\"|(?:variable|provider|module|output)\s+\"|(?:terraform|locals)\s*\{)"
        ),
        Refusal("Terraform's configuration (HCL)", "the state as JSON: terraform state pull > state.json"),
    ),
    (
        pattern(r"(?:---|%YAML|(?:- +)?[\"']?[A-Za-z_][\w.:-]*[\"']?:(?:[ \t].*)?(?:\r?\n|\Z))"),
        Refusal("YAML", "the same as JSON, such as by yq -o=json, or -f json where a command printed it"),
    ),
)

_SETTINGS = pattern(r"(?m)(?:\[[\w.\"' -]+\][ \t]*(?:\r?\n|\Z)|[\w.-]+[ \t]*=[ \t]*(?:[\"'\[{]|\d+\s*$|true|false))")
_TEXTS += ((_SETTINGS, Refusal("a file of settings (INI, TOML, .tfvars)", "the service's answer as JSON")),)

_SHOWN = Refusal("what terraform show -json prints", "the state itself: terraform state pull > state.json")
_IMAGE_LIST = Refusal(
    "what openstack image list prints, which says nothing of what an image fits",
    "openstack image show -f json ID for an image, or the image service's own list: hcloud IMS ListImages",
)
_FLAVOR_LIST = Refusal(
    "what openstack flavor list prints", "openstack flavor show -f json ID for a flavor, or hcloud ECS ListFlavors"
)
_SERVER_LIST = Refusal(
    "what openstack server list prints, which says nothing of what an ECS is made of",
    "the ECS service's own list: hcloud ECS ListServersDetails",
)
_SERVER_TEXTS = Refusal(
    "what an older openstack server show prints, with the flavor as text",
    "the ECS service's own details: hcloud ECS ShowServer",
)

_PAGES = Refusal(
    "several answers side by side, each with its own object or list inside",
    "one list of what they hold, such as by jq -s '[flatten[].images[]]', or a file for each",
)

_COLUMNS = Refusal(
    "a table written by its columns",
    "a list of its rows, each an object, such as by pandas' df.to_json(orient='records')",
)

_BLOCKS = frozenset(["//", "resource", "data", "variable", "provider", "terraform", "module", "locals", "output"])
"""What Terraform's configuration consists of."""

_APART = (("columns", "data"), ("columns", "rows"), ("schema", "data"))
"""What stands around rows without names of their own."""

_OBJECTS: tuple[tuple[Callable[[Collection[str]], bool], Refusal], ...] = (
    (lambda keys: {"format_version", "values"} <= set(keys), _SHOWN),
    (
        lambda keys: {"@level", "@message"} <= set(keys),
        Refusal("what terraform plan -json tells while it works", "the plan itself: terraform show -json tfplan"),
    ),
    (
        lambda keys: "resource" in keys and set(keys) <= _BLOCKS,
        Refusal("Terraform's configuration (JSON)", "the plan that is made of it: terraform show -json tfplan"),
    ),
    (
        lambda keys: {"terraform_version", "modules"} <= set(keys),
        Refusal("a state of Terraform before 0.12", "one that terraform state pull of a newer Terraform writes"),
    ),
    (lambda keys: any({one, other} <= set(keys) for one, other in _APART), _COLUMNS),
    (
        lambda keys: "version_list" in keys or "os_version_key" in keys,
        Refusal("a list of the OSs that images can have, not of images", "a list of images: hcloud IMS ListImages"),
    ),
    (
        lambda keys: "os-reinstall" in keys,
        Refusal(
            "a request to reinstall an ECS's OS, which keeps its image",
            "a request to create an ECS or to change its OS, or an image",
        ),
    ),
    (
        lambda keys: set(keys) == {"resize"},
        Refusal(
            "a request to resize an ECS",
            "the image, and the flavor that the ECS is to have: --flavor ID --operation resize",
        ),
    ),
    (
        lambda keys: "flavorRef" in keys and ("imageRef" in keys or "root_volume" in keys),
        Refusal("what a request to create an ECS holds, without the object around it", 'the body: {"server": {...}}'),
    ),
    (lambda keys: {"ID", "Name", "RAM"} <= set(keys) or {"ID", "Name", "VCPUs"} <= set(keys), _FLAVOR_LIST),
    (lambda keys: {"ID", "Name", "Networks"} <= set(keys), _SERVER_LIST),
    (lambda keys: {"OS-EXT-STS:vm_state", "flavor", "image"} <= set(keys), _SERVER_TEXTS),
    (lambda keys: {"ID", "Name", "Status"} <= set(keys), _IMAGE_LIST),
    (lambda keys: set(keys) == {"ID", "Name"}, _IMAGE_LIST),
)


REFUSALS = tuple(dict.fromkeys([*(refusal for _, refusal in (*_TEXTS, *_OBJECTS)), _PAGES, _COLUMNS]))
"""All of them, for the documentation."""


def refused_text(file: Opened) -> InputError | None:
    """Say what a text is that is neither JSON nor a CSV that is read; None where that is not known."""
    beginning = file.start[len(file.mark) :].decode(file.encoding, "ignore")
    told = _after_comments(beginning)
    return next((refusal.error(file.name) for is_it, refusal in _TEXTS if is_it.match(told)), None)


def _after_comments(text: str) -> str:
    """Return a text from its first line on that is neither blank nor a comment, without what it is indented by."""
    at = 0
    for line in text.splitlines(keepends=True):
        if (stripped := line.strip()) and not stripped.startswith(("#", "//", ";")):
            break
        at += len(line)
    return text[at:].lstrip()


def refused_columns(columns: Collection[str], name: str) -> InputError | None:
    """Say what a CSV is by its columns."""
    return next((refusal.error(name) for is_it, refusal in _OBJECTS if is_it(columns)), None)


def refused_by_columns(found: Mapping[str, object], name: str) -> InputError | None:
    """Say that what would be an object, or a row, is a table: each of its attributes has several values."""
    is_table = len(found) > 1 and (_are_all(found, dict) or _are_all(found, list))
    return _COLUMNS.error(name) if is_table else None


def _are_all(found: Mapping[str, object], kind: type) -> bool:
    return all(isinstance(value, kind) for value in found.values())


def refused_pages(name: str) -> InputError:
    """Say that a file holds pages side by side, each with a list of its own."""
    return _PAGES.error(name)


def refused_object(found: Mapping[str, object], name: str) -> InputError | None:
    """Say what a JSON object is that is in no format that is read; None where that is not known."""
    if (said := _answered(found)) is not None:
        message = f"this is an error that a service answered: {shortened(said)}"
        return InputError(message, file=name, expected="the answer to a call that succeeded")
    return refused_columns(found, name)


def _answered(found: Mapping[str, object]) -> object:
    """Return what an answer says that is an error; None if it is none."""
    inside = found.get("error")
    of = inside if isinstance(inside, dict) else found
    if "error_msg" in of and len(of) <= 6:
        return f"{of.get('error_code', '')} {of['error_msg']}".strip()
    if {"code", "message"} <= of.keys() and len(of) <= 4:
        return f"{of['code']} {of['message']}"
    if len(found) == 1 and isinstance(inside, str):
        return inside
    return None
