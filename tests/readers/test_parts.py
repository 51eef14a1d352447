"""Absence speaks only in whole objects: what is cut out of a payload changes no fact, it can only make it unknown.

The law is held for every format in the registry, over every payload that the tests have. A format whose whole
objects nobody has described (`WHOLE`) has none: nothing that is missing in it may mean anything.
"""

from __future__ import annotations

import atexit
import copy
import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.readers.records import Kind, Record
from imagefit.readers.wholes import WHOLE
from imagefit.sources.formats import Bytes, Format
from imagefit.sources.reading import Document, read
from readers.payloads import server
from readers.test_shapes import (
    TERRAFORM_ECS,
    TERRAFORM_FLAVOR,
    WIRE,
    openstack_image,
    otc_image,
    resource,
    sdk_flavor,
    sdk_server,
    state,
)
from strategies import fewer

VENDOR = Path(__file__).parent / "vendor"
SAMPLES = Path(__file__).parents[2] / "data" / "samples"
NOT_READ = {"inventory.csv", "os-versions.json"}  # the first has names of its own
FLAVOR_OF_OPENSTACK = {
    "id": "zz1.large.2",
    "name": "zz1.large.2",
    "vcpus": 2,
    "ram": 4096,
    "properties": {"ecs:performancetype": "gpu", "cond:image": "__support_kvm_gpu_type=V100"},
}
MADE: Mapping[str, object] = {
    "otc-sdk-image": {"changed": False, "images": [otc_image()]},
    "sdk-flavor": {"flavors": [sdk_flavor()]},
    "sdk-server": {"servers": [sdk_server()]},
    "openstack-flavor-show": FLAVOR_OF_OPENSTACK,
    "terraform-flavor-and-ecs": state(
        resource("data", "huaweicloud_compute_flavors", {"flavors": [TERRAFORM_FLAVOR]}),
        resource("managed", "huaweicloud_compute_instance", TERRAFORM_ECS),
    ),
    "custodian-resources": [WIRE | {"c7n:MatchedFilters": ["status"], "c7n_resource_type_id": "ims-image"}],
    "cbr-protectable": {
        "instances": [{"id": "1", "name": "crane", "type": "OS::Nova::Server", "size": 40, "detail": server()}]
    },
    "koocli-wrapped": {"result": {"images": [WIRE]}},
    "ansible-loop": {"results": [{"changed": False, "images": [openstack_image()]}]},
}
"""The shapes of other programs of which there is no file."""


def written_down(payloads: Mapping[str, object]) -> list[Path]:
    folder = Path(tempfile.mkdtemp()) / "made"
    folder.mkdir()
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    for name, payload in payloads.items():
        (folder / f"{name}.json").write_text(json.dumps(payload), encoding="utf-8")
    return list(folder.iterdir())


PAYLOADS = sorted(
    (
        path
        for path in (*VENDOR.rglob("*.*"), *SAMPLES.iterdir(), *written_down(MADE))
        if path.suffix in (".json", ".jsonl", ".csv") and path.name not in NOT_READ
    ),
    key=lambda path: (path.parent.name, path.name),
)
FOR_ALL = settings(
    max_examples=fewer(3),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

RENAMED = {"minDisk": "min_disk", "minRam": "min_ram"}  # a shape's own names, and those that its table has

Place = tuple[str | int, ...]
Markers = tuple[tuple[str, ...], ...]


def parsed(path: Path) -> Any:
    """A payload as data: a CSV as a list of its columns, each a list of cells with its title first."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if path.suffix == ".csv":
        return [list(column) for column in zip(*csv.reader(io.StringIO(text)), strict=True)]
    return json.loads(text)


def written(payload: Any, like: Path) -> str:
    if like.suffix == ".jsonl":
        return "\n".join(json.dumps(line) for line in payload)
    if like.suffix == ".csv":
        lines = io.StringIO()
        csv.writer(lines).writerows(zip(*payload, strict=True))
        return lines.getvalue()
    return json.dumps(payload)


@pytest.fixture(scope="module")
def read_whole(fields: Mapping[str, Field]) -> Callable[[Path], Document]:
    """Read a payload as it stands, once."""
    return cache(lambda path: read(path, fields))


@pytest.fixture(scope="module")
def reread(fields: Mapping[str, Field], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Document | None]:
    """Read what is left of a payload by the reader of the whole; gives None where that refuses it."""
    folder = tmp_path_factory.mktemp("cut")

    def reads(path: Path, payload: Any, format: Format) -> Document | None:
        file = folder / path.name
        file.write_text(written(payload, path), encoding="utf-8")
        try:
            return read(file, fields, format=format)
        except InputError:
            return None

    return reads


def keys_of(payload: Any, place: Place = ()) -> Iterator[Place]:
    """The places of all keys of all objects in a payload, however deep."""
    inside = payload.items() if isinstance(payload, dict) else enumerate(payload) if isinstance(payload, list) else ()
    for key, value in inside:
        if isinstance(payload, dict):
            yield (*place, key)
        yield from keys_of(value, (*place, key))


def without(payload: Any, places: Collection[Place]) -> Any:
    """The payload without some of its keys, or a CSV's columns."""
    rest = copy.deepcopy(payload)
    for place in sorted(places, key=len, reverse=True):
        inside = rest
        for key in place[:-1]:
            inside = inside[key]
        del inside[place[-1]]
    return rest


def without_names(payload: Any, names: Collection[str]) -> Any:
    """The payload without these keys, wherever they are."""
    if isinstance(payload, list):
        return [without_names(value, names) for value in payload]
    if isinstance(payload, dict):
        return {key: without_names(value, names) for key, value in payload.items() if key not in names}
    return payload


def of_objects(payload: Any, path: Path) -> list[Place]:
    """The keys that can be cut out: those inside of what is described, not of what is around it."""
    if path.suffix == ".csv":
        return [(number,) for number in range(len(payload))]
    around = 2 if isinstance(payload, dict) and any(isinstance(v, dict | list) for v in payload.values()) else 1
    places = list(keys_of(payload))
    return [place for place in places if len(place) >= around] or places


def says_the_same_or_less(record: Record, whole: Document, row: int, count: int) -> bool:
    known = [each for each in whole.records if record.id and each.id == record.id]
    if not known:
        known = [whole.records[row]] if count == len(whole.records) else list(whole.records)
    return any(record.facts.items() <= each.facts.items() for each in known)


def differences(part: Document, whole: Document) -> list[object]:
    """The records that say something else than the payload before it was cut down, though they are parts."""
    has_wholes = part.format in WHOLE
    return [
        [
            (fact, value, [each.facts.get(fact, "unknown") for each in whole.records][:6])
            for fact, value in record.facts.items()
            if not any(each.facts.get(fact) == value for each in whole.records)
        ]
        for row, record in enumerate(part.records)
        if (record.is_part or not has_wholes) and not says_the_same_or_less(record, whole, row, len(part.records))
    ]


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.name}/{path.name}")
@FOR_ALL
@given(data=st.data())
def test_what_is_cut_out_of_a_payload_changes_no_fact(
    path: Path, data: st.DataObject, read_whole: Callable[[Path], Document], reread: Callable[..., Document | None]
):
    payload = parsed(path)
    places = of_objects(payload, path)
    names = sorted({str(place[-1]) for place in places})
    cut = set(data.draw(st.lists(st.sampled_from(names), unique=True), label="everywhere"))
    some = set(data.draw(st.lists(st.sampled_from(places), max_size=12, unique=True), label="in places"))
    chosen = some | {place for place in places if str(place[-1]) in cut}
    outermost = [place for place in chosen if not any(place[:n] in chosen for n in range(1, len(place)))]
    if path.suffix == ".csv":
        rest = [column for number, column in enumerate(payload) if (number,) not in outermost] or payload[:1]
    else:
        rest = without(payload, outermost)
    part = reread(path, rest, read_whole(path).format)
    if part is not None:
        assert differences(part, read_whole(path)) == []


def markers_of(payload: Any, format: Format) -> tuple[tuple[str, ...], ...]:
    """What tells a whole object of the kind that a payload is of, in the names of the table and of `RENAMED`."""
    names = {RENAMED.get(str(place[-1]), str(place[-1])): "" for place in keys_of(payload)}
    markers = next((kind.markers for kind in WHOLE.get(format, ()) if kind.is_met_by(names)), ())
    return tuple((*marker, *(raw for raw, name in RENAMED.items() if name in marker)) for marker in markers)


@pytest.fixture(scope="module")
def telling(
    read_whole: Callable[[Path], Document], reread: Callable[..., Document | None]
) -> Callable[[Path], Markers]:
    """Find what tells the whole objects of a payload, once."""
    return cache(lambda path: _telling(path, read_whole(path), reread))


def _telling(path: Path, whole: Document, reread: Callable[..., Document | None]) -> tuple[tuple[str, ...], ...]:
    """What tells the whole objects of a payload; found by leaving each name out, where a shape has names of its own."""
    payload = parsed(path)
    if markers := markers_of(payload, whole.format):
        return markers
    names = sorted({str(place[-1]) for place in keys_of(payload)}) if path.suffix != ".csv" else ()
    parts = ((name, reread(path, without_names(payload, (name,)), whole.format)) for name in names)
    return tuple((name,) for name, part in parts if part and all(record.is_part for record in part.records))


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_without_one_of_its_markers_an_object_is_a_part(
    path: Path,
    read_whole: Callable[[Path], Document],
    reread: Callable[..., Document | None],
    telling: Callable[[Path], Markers],
):
    whole = read_whole(path)
    payload = parsed(path)
    markers = telling(path)
    is_of_facts = path.suffix == ".csv" or all(record.kind is Kind.FACTS for record in whole.records)
    assert markers or is_of_facts or all(record.is_part for record in whole.records)
    for marker in markers:
        part = reread(path, without_names(payload, marker), whole.format)
        if part is not None:
            assert all(record.is_part for record in part.records), marker
            assert differences(part, whole) == []


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_key_beside_a_marker_changes_a_fact(
    path: Path,
    read_whole: Callable[[Path], Document],
    reread: Callable[..., Document | None],
    telling: Callable[[Path], Markers],
):
    """Each key by itself, so that no conclusion from the absence of a single attribute is left to chance."""
    whole, payload = read_whole(path), parsed(path)
    marker = next(iter(telling(path)), ())
    for name in sorted({str(place[-1]) for place in of_objects(payload, path)} if path.suffix != ".csv" else ()):
        part = reread(path, without_names(payload, (*marker, name)), whole.format)
        if part is not None:
            assert differences(part, whole) == [], name


def test_every_format_of_objects_or_columns_has_a_payload_here(read_whole: Callable[[Path], Document]):
    described = {read_whole(path).format for path in PAYLOADS} | {Format.FACTS_JSON}
    assert described == {format for format in Format if not isinstance(format.recognised, Bytes)}


def test_the_table_of_markers_speaks_of_formats_alone():
    assert set(WHOLE) <= set(Format)
    assert all(kind.seen and kind.markers for kinds in WHOLE.values() for kind in kinds)
