"""What the functions of the public interface are given, of the wrong kind: said by the argument's name, and at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike

from imagefit.api.packs import load_default
from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.readers.own import Map, OwnTables, read_map
from imagefit.rulepack.pack import Pack

__all__ = ["pack_of_call", "places_of_call", "refuse_no_mapping", "refuse_no_text", "tables_of_call"]


def pack_of_call(pack: object) -> Pack:
    """Return the pack that a caller gives, else the built-in one; raises `InputError` if it is none."""
    if pack is None:
        return load_default()
    if not isinstance(pack, Pack):
        expected = "what load_pack returns, such as load_pack('open-telekom-cloud')"
        raise InputError("not a pack", option="pack", value=pack, expected=expected)
    return pack


def places_of_call(given: object) -> Sequence[object]:
    """Return what a caller gives for one side one by one: several paths, or one path, or data."""
    if given is None:
        return ()
    if isinstance(given, list | tuple) and given and any(isinstance(each, str | PathLike) for each in given):
        return given
    return (given,)


def refuse_no_text(*needed: str, **given: object) -> None:
    """Raise `InputError` if an argument that is a text is something else; those not `needed` may be None."""
    for name, value in given.items():
        is_needed = name in needed
        if (value is not None or is_needed) and not isinstance(value, str):
            expected = "one text" if is_needed else "one text, or None"
            raise InputError("not a text", option=name, value=value, expected=expected)


def refuse_no_mapping(**given: object) -> None:
    """Raise `InputError` if an argument that is a mapping, or None, is something else."""
    for name, value in given.items():
        if value is not None and type(value) is not dict and not isinstance(value, Mapping):
            raise InputError("not a mapping", option=name, value=value, expected="{NAME: VALUE, ...}")


def tables_of_call(
    map: Map | None, fields: Mapping[str, Field], delimiter: str | None, encoding: str | None
) -> OwnTables:
    """Return what a caller says of tables of his own; raises `InputError` if it is nothing that could be."""
    refuse_no_mapping(map=map)
    refuse_no_text(delimiter=delimiter, encoding=encoding)
    if delimiter:
        from imagefit.sources.csvtext import checked_delimiter

        try:
            delimiter = checked_delimiter(delimiter)
        except InputError as error:
            raise error.at(option="delimiter") from None
    return read_map(map, fields, delimiter, encoding)
