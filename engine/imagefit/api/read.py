"""`read`: what a file, or data in memory, says of images and ECSs."""

from __future__ import annotations

from os import PathLike

from imagefit.api.arguments import pack_of_call, refuse_no_text, tables_of_call
from imagefit.readers.own import Map
from imagefit.rulepack.pack import Pack
from imagefit.sources.candidates import refuse_lacking
from imagefit.sources.reading import Document, open_data, open_file, whole

__all__ = ["Document", "read"]


def read(
    path_or_object: object,
    *,
    pack: Pack | None = None,
    format: str | None = None,
    region: str | None = None,
    zone: str | None = None,
    map: Map | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Document:
    """Read a file, or data in memory, into records of facts.

    Parameters
    ----------
    path_or_object
        The path of a file (``-`` is standard input); or what such a file holds: an image or another object of a
        service as a mapping, a list of them, a whole answer, a data frame of attributes.
    pack
        The rules, whose facts are read; the built-in pack by default.
    format
        The format, such as ``ims``; by default, the content tells.
    region
        The region that was queried, for payloads that do not say: an image list does not.
    zone
        The availability zone that flavors are wanted in.
    map
        Columns of tables that are facts by another name: ``{"arch": "image.architecture"}``, or with values
        ``{"arch": ("image.architecture", {"x86": "x86_64"})}``.
    delimiter, encoding
        What separates the cells of CSV, and what text is written in; by default, the file tells.

    Returns
    -------
    Document
        Its ``records`` have ``key``, ``facts``, ``origins``, ``operation``, ``image_ref``, ``flavor_ref``, ``zone``,
        and the ``notes`` that a person should know.

    Raises
    ------
    InputError
        If it can't be read, is in no format that is read, or holds more records than are checked one by one.
    UnknownNameError
        If there is no such `format`.

    Examples
    --------
    >>> (record,) = read({"__imagetype": "private", "hw_firmware_type": "uefi", "id": "web"}).records
    >>> record.key, record.facts["image.boot_mode"]
    ('web', 'uefi')
    """
    fields = pack_of_call(pack).fields
    refuse_no_text(format=format, region=region, zone=zone)
    own = tables_of_call(map, fields, delimiter, encoding)
    if isinstance(path_or_object, str | PathLike):
        file = open_file(path_or_object, fields, format=format, region=region, zone=zone, own=own)
    else:
        file = open_data(path_or_object, "what is given", fields, format=format, region=region, zone=zone, own=own)
    document = whole(file)
    refuse_lacking([file])
    return document
