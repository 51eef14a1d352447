"""The JSON Schemas of pack files: up to date, right for what loads, and wrong for what can't."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from imagefit.api.packs import shipped_packs
from imagefit.rulepack.schemas import SCHEMAS, schema, schema_text
from imagefit.rulepack.yamlfile import read_yaml
from packfiles import PLUGS, edited

jsonschema = pytest.importorskip("jsonschema")

ROOT = Path(__file__).parents[2]
SHIPPED = [path for folder in shipped_packs().values() for path in sorted(folder.glob("*.yaml"))]
TEMPLATE = sorted((ROOT / "engine" / "imagefit" / "rulepack" / "template").glob("*.yaml"))


def kind_of(name: str, data: object) -> str:
    return "pack" if name == "pack.yaml" else "rules" if isinstance(data, list) else "words"


@cache
def validator(kind: str) -> Any:
    return jsonschema.Draft7Validator(schema(kind))


def complaints(name: str, data: Any) -> list[str]:
    found = validator(kind_of(name, data)).iter_errors(data)
    return [f"{list(error.absolute_path)}: {error.message}" for error in found]


def data_of(text: str, folder: Path) -> Any:
    path = folder / "file.yaml"
    path.write_text(text, "utf-8")
    return read_yaml(path, "file.yaml").data


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_that_is_kept_is_up_to_date(kind: str) -> None:
    kept = (ROOT / "schemas" / f"{kind}.json").read_text("utf-8")
    assert kept == schema_text(kind), f"make schemas/{kind}.json anew: imagefit rules schema {kind}"
    jsonschema.Draft7Validator.check_schema(json.loads(kept))


def test_no_schema_is_kept_that_is_not_made() -> None:
    of_others = {"project", "verdict", "audit-summary", "match"}  # of the project file, and of what the verbs print
    assert {path.stem for path in (ROOT / "schemas").glob("*.json")} - of_others == set(SCHEMAS)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_defines_all_that_it_refers_to_and_nothing_else(kind: str) -> None:
    text = schema_text(kind)
    defined = json.loads(text)["$defs"]
    referred = {part.partition('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert referred == set(defined)
    assert "x-model" not in text


@pytest.mark.parametrize("path", [*SHIPPED, *TEMPLATE], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_that_ships_fits_its_schema(path: Path) -> None:
    assert complaints(path.name, read_yaml(path, path.name).data) == []


@pytest.mark.parametrize("name", PLUGS)
def test_a_file_of_another_domain_fits_its_schema(tmp_path: Path, name: str) -> None:
    assert complaints(name, data_of(PLUGS[name], tmp_path)) == []


HEAVY = "condition: {appliance.watts: {at_least: 1000}}"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("pack.yaml", "version: 0.3.0", "versoin: 0.3.0"),
        ("pack.yaml", "version: 0.3.0", "version: one"),
        ("pack.yaml", "name: plugs", "name: Plugs and more"),
        ("pack.yaml", "  - vocabulary.yaml", "  - 7"),
        ("vocabulary.yaml", "operations:", "operation:"),
        ("vocabulary.yaml", "  plug_in: {title", "  plug_in: {titel"),
        ("vocabulary.yaml", "  plug_in: {", "  Plug in: {"),
        ("vocabulary.yaml", "type: string, meaning: who", "type: text, meaning: who"),
        ("vocabulary.yaml", "type: string, meaning: who", "meaning: who"),
        ("vocabulary.yaml", "  appliance.maker:", "  Appliance.Maker:"),
        ("vocabulary.yaml", "unit: W, meaning: the most it draws", "unit: [W], meaning: the most it draws"),
        ("vocabulary.yaml", HEAVY, "condition: {}"),
        ("vocabulary.yaml", HEAVY, "condition: [appliance.watts]"),
        ("vocabulary.yaml", HEAVY, "condition: {all: []}"),
        ("vocabulary.yaml", HEAVY, "condition: {any: {appliance.watts: 1}}"),
        ("vocabulary.yaml", HEAVY, "condition: {not: [appliance.watts: 1]}"),
        ("vocabulary.yaml", HEAVY, "condition: {not: {}}"),
        ("vocabulary.yaml", HEAVY, "condition: {is: [needs_earth]}"),
        ("vocabulary.yaml", HEAVY, "condition: {Appliance: 1}"),
        ("vocabulary.yaml", HEAVY, "condition: {appliance.watts: {}}"),
        ("vocabulary.yaml", HEAVY, "condition: {appliance.watts: []}"),
        ("vocabulary.yaml", HEAVY, "condition: {appliance.watts: ~}"),
        ("vocabulary.yaml", HEAVY, "condition: {appliance.watts: {atleast: 1}}"),
        ("vocabulary.yaml", HEAVY, "condition: {appliance.watts: {at_least: many}}"),
        ("vocabulary.yaml", HEAVY, "condition: {appliance.watts: {above: {fild: socket.watts}}}"),
        ("vocabulary.yaml", HEAVY, "condition: {appliance.marks: {contains_any: ce}}"),
        ("vocabulary.yaml", HEAVY, "condition: {appliance.marks: {contains_all: []}}"),
        ("remedies.yaml", "    actor: user\n", ""),
        ("remedies.yaml", "requires: {not", "require: {not"),
        ("remedies.yaml", "same_as: socket.shape", "same: socket.shape"),
        ("remedies.yaml", "{same_as: socket.shape}", "{}"),
        ("remedies.yaml", "unknown: true", "unknown: false"),
        ("sources.yaml", 'read: "2026-01-31"', "read: 20260131"),
        ("sources.yaml", 'read: "2026-01-31"', 'read: "31.1.2026"'),
        ("fit.yaml", "- id: fit.shape\n  title", "- title"),
        ("fit.yaml", "id: fit.shape", "id: shape"),
        ("fit.yaml", "  title: a plug fits", "  titel: a plug fits"),
        ("fit.yaml", "operations: [plug_in]\n  require", "operations: plug_in\n  require"),
        ("fit.yaml", "operations: [plug_in]\n  require", "operations: []\n  require"),
        ("fit.yaml", "  require:\n    appliance.plug: {same_as: socket.shape}\n", ""),
        ("fit.yaml", "severity: warning", "severity: warn"),
        ("fit.yaml", "severity: warning", "severity: notice"),
        ("fit.yaml", "basis: observed", "basis: seen"),
        ("fit.yaml", "remedies: [use-adapter]", "remedies: use-adapter"),
        ("fit.yaml", "{document: handbook, section: Shapes}", "handbook"),
        ("fit.yaml", "section: Shapes", "sections: Shapes"),
        ("fit.yaml", "tags: [mechanics]", "tags: [Mechanics & more]"),
        ("fit.yaml", "error_codes: [P-17]", "error_codes: [17]"),
        ("fit.yaml", "{appliance.plug: type_g}, outcome: unknown", "{appliance.plug: type_g}, outcome: unkown"),
        ("fit.yaml", "{appliance.plug: type_g}, outcome: unknown", "[appliance.plug], outcome: unknown"),
        ("safety.yaml", "outcome: not_applicable}\n\n- id: safety.marks", "outcomes: pass}\n\n- id: safety.marks"),
    ],
)
def test_a_defect_of_shape_does_not_fit_the_schema(tmp_path: Path, file: str, old: str, new: str) -> None:
    assert complaints(file, data_of(edited(file, old, new)[file], tmp_path)) != []


@pytest.mark.parametrize(
    "condition",
    [
        "{appliance.plug: {not: [type_c, type_f]}}",
        "{appliance.plug: {equals: {field: socket.shape}}}",
        "{appliance.plug: {equals: [type_c]}}",
        "{appliance.plug: {in: [type_c]}}",
        "{appliance.volts: {above: 1.5, below: 2}}",
        "{not: {all: [{is: needs_earth}, {any: [{appliance.earthed: false}]}]}}",
        "{appliance.marks: {contains: ce, contains_any: {field: socket.marks}}}",
        "{is: needs_earth, appliance.watts: [1, 2], not: {appliance.watts: 3}}",
    ],
)
def test_each_way_to_write_a_condition_fits_the_schema(tmp_path: Path, condition: str) -> None:
    text = edited("vocabulary.yaml", HEAVY, f"condition: {condition}")["vocabulary.yaml"]
    assert complaints("vocabulary.yaml", data_of(text, tmp_path)) == []
