"""What a Terraform plan is about to do with images: each planned change of a resource that concerns one is a request.

What Terraform will know only once it applied is in ``after_unknown``; nothing is concluded of that. What the
configuration does not set and the provider fills in is not unknown: it is what a request leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from imagefit.errors import InputError
from imagefit.readers.assembly import Settings, label
from imagefit.readers.called import called
from imagefit.readers.catalogs import shipped_catalogs
from imagefit.readers.planned import IN_BLOCKS, LOOKED_AT, PRESENT, RESOURCES, SECRET, Change
from imagefit.readers.records import Kind, Record
from imagefit.readers.terraform import read_resources
from imagefit.values import pattern

__all__ = ["read_plans"]


def read_plans(documents: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read plans: a request for each change that concerns an image, then the images and flavors that a plan knows.

    Raises
    ------
    InputError
        If a plan is of a format that is not read, or its changes are not what they should be.
    """
    for document in documents:
        version = label(document.get("format_version"))
        if version.partition(".")[0] not in ("0", "1"):
            raise InputError("a plan of another format", column="format_version", value=version, expected="1.x")
        if document.get("errored") is True:
            raise InputError("a plan that ended with an error", column="errored", expected="all that is to be changed")
        changes = document.get("resource_changes", [])
        if not isinstance(changes, list):
            raise InputError("not a list", column="resource_changes", value=changes, expected="a list of changes")
        if "resource_changes" not in document and any(_planned(document)):
            raise InputError("a plan that was cut down", column="resource_changes", expected="all that terraform shows")
        configuration = _Configuration(document)
        others: dict[str, str] = {}
        last: Record | None = None
        for change in (*changes, *_put_off(document)):
            if (planned := _change(change, configuration)) is None:
                others |= _not_read(change)
                continue
            for record in _requests(planned, settings):
                if last is not None:
                    yield last
                last = record
        yield from _with_others(last, others)
        for known in _known(document):
            yield from read_resources([known], _in_region(settings, known))


def _put_off(document: Mapping[str, object]) -> Iterator[object]:
    """Yield the changes that Terraform puts off to a later plan: of each it says what is known of it so far."""
    deferred = document.get("deferred_changes") or []
    if not isinstance(deferred, list):
        raise InputError("not a list", column="deferred_changes", value=deferred, expected="a list of changes")
    yield from (each.get("resource_change") if isinstance(each, dict) else each for each in deferred)


def _with_others(last: Record | None, others: Mapping[str, str]) -> Iterator[Record]:
    """Yield the last request with a note of what else the plan asks of images; without one, what is no candidate."""
    which = ", ".join(list(others)[:6])
    if last is not None:
        note = f"the plan changes {which}, too, of which nothing is read"
        yield replace(last, notes=(*last.notes, note)) if others else last
    elif others:
        said = f"what is planned of {which} is not read"
        yield Record(Kind.REQUEST, key=next(iter(others.values())), without_image=said, stands_alone=True)


def _not_read(found: dict[str, Any]) -> dict[str, str]:
    """Return the type and the address of a change that concerns an image, and is not read; nothing if it is none."""
    change, kind = found["change"], label(found.get("type"))
    after, before, said = change.get("after"), change.get("before"), change.get("actions")
    actions = set(map(label, said)) if isinstance(said, list) else set()
    if kind in RESOURCES or found.get("mode") != "managed" or not isinstance(after, dict):
        return {}
    if not actions & {"create", "update"}:
        return {}
    unknown, is_new = change.get("after_unknown"), "create" in actions
    later = unknown if isinstance(unknown, dict) else {}
    was = before if isinstance(before, dict) and not is_new else {}
    blocks = [block for held in after.values() if isinstance(held, list) for block in held if isinstance(block, dict)]
    names_one = any(
        later.get(name) is True or (label(after.get(name)) and after[name] != was.get(name)) for name in NAMES
    ) or (is_new and any(label(block.get(name)) for block in blocks for name in NAMES))
    return {kind: label(found.get("address"))} if names_one or (is_new and _ABOUT.search(kind)) else {}


NAMES = ("image_id", "image_name", "source_image_id", "node_image_id")
"""Attributes by which resources name an image."""

_ABOUT = pattern(r"_ims_|_images?_image")
"""What the types of resources have in their names that make, share or copy images."""


_ACTIONS = frozenset(["no-op", "create", "read", "update", "delete", "forget"])
"""All that a plan says it does with a resource."""


def _change(found: object, configuration: _Configuration) -> Change | None:
    """Return a change that creates or updates something that concerns an image."""
    change = found.get("change") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(change, dict):
        raise InputError("not a change", column="resource_changes", value=found, expected="an object with a change")
    kind, mode, address = (label(found.get(name)) for name in ("type", "mode", "address"))
    after, said = change.get("after"), change.get("actions")
    actions = set(map(label, said)) if isinstance(said, list) else set()
    creates = not actions.isdisjoint({"create", "update"})
    if not (kind and mode and actions) or (creates and not isinstance(after, dict)):
        expected = "its type, its mode, its actions, and what is there after them"
        raise InputError("a change that was cut down", column="resource_changes", value=address, expected=expected)
    if kind not in RESOURCES or mode != "managed":
        return None
    if odd := sorted(actions - _ACTIONS):
        expected = f"{', '.join(sorted(_ACTIONS))}, of {address}"
        raise InputError("what is to be done is not known", column="actions", value=odd[0], expected=expected)
    if not creates or not isinstance(after, dict):
        return None
    unknown, secret = (_of_each(change.get(of), after) for of in ("after_unknown", "after_sensitive"))
    unset = configuration.unset(address) if "create" in actions else frozenset[str]()
    unset &= unknown.keys() | after.keys()  # of what is not set a plan says that it is known later; else it is cut down
    attributes = {name: _hidden(value, secret.get(name)) for name, value in after.items()}
    shown = {name: value for name, value in attributes.items() if value != SECRET or name in PRESENT}
    hidden, attributes = frozenset(attributes.keys() - shown.keys()), shown
    unset -= hidden
    before = change.get("before")
    before = before if isinstance(before, dict) else {}
    before = {name: value for name, value in before.items() if name not in hidden or value != after[name]}
    hidden = hidden if "create" in actions else hidden & before.keys()  # a secret that stays as it is changes nothing
    region = configuration.region(address)
    if attributes.get("region") is None and region:
        attributes["region"] = region
    return Change(
        address,
        kind,
        "create" not in actions,
        before,
        attributes,
        hidden.union(name for name, is_later in unknown.items() if _is_later(is_later) and name not in unset).union(
            f"{of}.{name}" for of, name in IN_BLOCKS if configuration.sets(address, of, name, unknown.get(of))
        )
        - ({"region"} if region else set()),
        unset,
    )


def _of_each(said: object, after: Mapping[str, object]) -> Mapping[str, object]:
    """Return what a plan says of each attribute: of all of them, or of those that it names."""
    if said is True:
        return dict.fromkeys({*after, *LOOKED_AT}, True)
    return said if isinstance(said, dict) else {}


def _is_later(unknown: object) -> bool:
    """Tell whether anything of an attribute is known after apply alone: a block says it of each of its own."""
    if isinstance(unknown, dict):
        return any(map(_is_later, unknown.values()))
    return any(map(_is_later, unknown)) if isinstance(unknown, list) else unknown is True


def _blocks(said: object) -> list[dict[str, object]]:
    return [block for block in said if isinstance(block, dict)] if isinstance(said, list) else []


def _hidden(value: object, is_secret: object) -> object:
    if is_secret is True:
        return SECRET if value not in (None, "") else None
    if isinstance(is_secret, dict) and isinstance(value, dict):
        return {name: _hidden(inside, is_secret.get(name)) for name, inside in value.items()}
    if isinstance(is_secret, list) and isinstance(value, list) and len(is_secret) == len(value):
        return [_hidden(inside, secret) for inside, secret in zip(value, is_secret, strict=True)]
    return value


class _Configuration:
    """What the configuration inside a plan tells: which attributes are set at all, and the providers' regions."""

    def __init__(self, document: Mapping[str, object]) -> None:
        configuration = document.get("configuration")
        configuration = configuration if isinstance(configuration, dict) else {}
        providers, variables = configuration.get("provider_config"), document.get("variables")
        self._providers: Mapping[str, object] = providers if isinstance(providers, dict) else {}
        self._variables: Mapping[str, object] = variables if isinstance(variables, dict) else {}
        self._resources = dict(_configured(configuration.get("root_module"), ""))

    def unset(self, address: str) -> frozenset[str]:
        """Return the attributes among `COMPUTED` that are not set, so that the provider's default counts."""
        resource = self._resources.get(_without_indices(address))
        expressions = resource.get("expressions") if resource is not None else None
        is_whole = isinstance(expressions, dict) and any(name in expressions for name in REQUIRED)
        return COMPUTED - expressions.keys() if isinstance(expressions, dict) and is_whole else frozenset()

    def sets(self, address: str, of: str, name: str, unknown: object) -> bool:
        """Tell whether an attribute of a block is set to what is known after apply; a provider may fill in others."""
        expressions = (self._resources.get(_without_indices(address)) or {}).get("expressions")
        blocks = expressions.get(of) if isinstance(expressions, dict) else None
        named, later = ({key for block in _blocks(said) for key in block if block[key]} for said in (blocks, unknown))
        return name in named & later

    def region(self, address: str) -> str:
        """Return the region of the provider that a resource names; empty if it is not said, or its own counts."""
        resource = self._resources.get(_without_indices(address)) or {}
        own = resource.get("expressions")
        if isinstance(own, dict) and "region" in own:
            return ""
        key = self._key(label(resource.get("provider_config_key")))
        provider = self._providers.get(key)
        expressions = provider.get("expressions") if isinstance(provider, dict) else None
        region = expressions.get("region") if isinstance(expressions, dict) else None
        if not isinstance(region, dict):
            return ""
        references = region.get("references")
        name = label(references[0]) if isinstance(references, list) and len(references) == 1 else ""
        is_root = name.startswith("var.") and ":" not in key  # a module's variables are its own
        variable = self._variables.get(name.removeprefix("var.")) if is_root else None
        said = label(variable.get("value")) if isinstance(variable, dict) else ""
        said = said if said in shipped_catalogs().regions else ""  # what is made of a variable refers to it, too
        return label(region.get("constant_value")) or said

    def _key(self, key: str) -> str:
        """Return the key of a provider's configuration; that of a module without its own is the only one there is."""
        if key in self._providers or ":" not in key:
            return key
        outside = key.rpartition(":")[2]
        names = [each.rpartition(":")[2].partition(".")[0] for each in self._providers]
        return outside if names.count(outside) == 1 else ""


COMPUTED = frozenset(["image_id", "image_name", "flavor_id", "flavor_name", "region", "charging_mode"]).union(
    ["system_disk_size", "system_disk_kms_key_id", "system_disk_kms_id"]
)
"""Attributes that a provider fills in where they are not set: the request does without them, or names another."""

REQUIRED = ("name", "scaling_configuration_name")
"""Of which every configuration of a resource here that creates an ECS sets one; without it, it is cut down."""


def _configured(module: object, prefix: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the resources of the configuration by their addresses, without indices."""
    if not isinstance(module, dict):
        return
    resources, calls = module.get("resources"), module.get("module_calls")
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict):
            yield prefix + label(resource.get("address")), resource
    for name, call in calls.items() if isinstance(calls, dict) else ():
        if isinstance(call, dict):
            yield from _configured(call.get("module"), f"{prefix}module.{name}.")


def _without_indices(address: str) -> str:
    return re.sub(r'\[(?:\d+|\*|"(?:[^"\\]|\\.)*")\]', "", address)


def _known(document: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Yield the data sources that were read for the plan, as a state has them."""
    state = document.get("prior_state")
    for resource in _resources(state.get("values") if isinstance(state, dict) else None):
        if (resource.get("mode"), resource.get("type")) in SUPPLYING:
            yield {**resource, "instances": [{"attributes": resource.get("values")}]}


def _planned(document: Mapping[str, object]) -> Iterator[bool]:
    """Yield whether what is there after the plan is managed by it: then there is a change of each, if only none."""
    return (resource.get("mode") == "managed" for resource in _resources(document.get("planned_values")))


def _resources(values: object) -> Iterator[dict[str, object]]:
    """Yield the resources of a module and those inside it."""
    modules = [values.get("root_module")] if isinstance(values, dict) else []
    while modules:
        module = modules.pop()
        if not isinstance(module, dict):
            continue
        resources, children = module.get("resources"), module.get("child_modules")
        modules += children if isinstance(children, list) else []
        yield from (each for each in (resources if isinstance(resources, list) else ()) if isinstance(each, dict))


def _in_region(settings: Settings, source: Mapping[str, object]) -> Settings:
    """Return settings with the region that a data source was read in."""
    values = source.get("values")
    region = label(values.get("region")) if isinstance(values, dict) else ""
    return replace(settings, region=region or settings.region)


SUPPLYING = (
    ("data", "huaweicloud_images_image"),
    ("data", "huaweicloud_images_images"),
    ("data", "huaweicloud_compute_flavors"),
)


def _requests(change: Change, settings: Settings) -> Iterator[Record]:
    for record in RESOURCES[change.type](change, settings):
        record = called(record, settings.fields, change.address)
        yield replace(
            record,
            key=change.address + record.key,
            id="",
            name="",
            unused={},
            unrecognised=(),
            stands_alone=True,
            later=tuple(sorted(change.later & LOOKED_AT)),
        )
