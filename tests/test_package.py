"""The public package: what it offers, and that it offers nothing else."""

from __future__ import annotations

import ast
import pickle
from importlib.resources import files
from pathlib import Path

import pytest

import imagefit


def test_every_public_name_is_there_and_listed_once() -> None:
    assert len(set(imagefit.__all__)) == len(imagefit.__all__)
    for name in imagefit.__all__:
        assert getattr(imagefit, name) is not None
        assert name in dir(imagefit)


def test_type_checkers_see_the_names_that_are_there() -> None:
    tree = ast.parse(Path(imagefit.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imported = {
        alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert imported == imagefit._PUBLIC
    assert set(imported) | {"__version__"} == set(imagefit.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'chek'"):
        imagefit.chek  # noqa: B018


def test_the_package_is_typed() -> None:
    assert files("imagefit").joinpath("py.typed").is_file()


def test_a_public_class_is_the_same_wherever_it_is_imported_from() -> None:
    from imagefit.errors import PackError
    from imagefit.verdicts import Verdict

    assert imagefit.PackError is PackError
    assert imagefit.Verdict is Verdict


def test_a_verdict_can_be_pickled() -> None:
    verdict = imagefit.check({"image.status": "queued"}, operation="delete")
    assert pickle.loads(pickle.dumps(verdict)) == verdict
