"""Tables in memory: columns that are nearly facts are warned of, and a table without any fact is an error."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

import imagefit
from imagefit import ImagefitWarning, InputError


def test_a_column_that_is_nearly_a_fact_is_a_warning_and_a_note() -> None:
    with pytest.warns(ImagefitWarning, match="did you mean 'image.encrypted'"):
        audit = imagefit.audit([{"image.status": "active", "image.encryptd": True}], operation="share")
    assert any("image.encryptd" in note for note in audit.notes)
    assert audit.where(verdict="unknown").notes == audit.notes


def test_other_columns_are_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert imagefit.audit([{"image.status": "active", "team": "a"}], operation="share").notes == ()


def test_columns_of_which_none_is_a_fact_are_an_error() -> None:
    with pytest.raises(InputError, match="no column is a fact") as caught:
        imagefit.audit([{"id": "a", "encryptd": True, "imagestatus": "active"}], operation="share")
    assert caught.value.nearest == "image.status"


def test_a_frame_of_other_columns_is_one_too() -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(InputError, match="no column is a fact"):
        imagefit.audit(pandas.DataFrame({"boot": ["uefi"]}), operation="share")


@pytest.mark.parametrize(
    ("columns", "near"),
    [([0, 1], None), ([("image", "encrypted"), ("image", "colour")], "image.encrypted"), ([1.5, None], None)],
)
def test_a_frame_whose_columns_have_no_texts_as_names_is_one_too(columns: list[object], near: str | None) -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(InputError, match="no column is a fact") as caught:
        imagefit.audit(pandas.DataFrame([[True, False]], columns=columns), operation="share")
    assert caught.value.nearest == near


@pytest.mark.parametrize("rows", [[], [{}], [{"id": "a"}], [{"image.status": None, "note": "x"}]])
def test_what_states_nothing_is_a_candidate(rows: list[dict[str, object]]) -> None:
    assert len(imagefit.audit(rows, operation="share")) == len(rows)


def test_attributes_beside_facts_are_called_what_they_are(tmp_path: Path) -> None:
    row = {"__imagetype": "private", "hw_firmware_type": "bios", "image.boot_mode": "uefi", "colour": "red"}
    with pytest.warns(
        imagefit.ImagefitWarning, match="attributes of a service are not read beside facts: '__imagetype'"
    ):
        audit = imagefit.audit([row], operation="share")
    assert not any("nearly" in note or "did you mean" in note for note in audit.notes)
    (path := tmp_path / "facts.json").write_text(json.dumps(row))
    (said,) = imagefit.read(path).warnings
    assert "not facts: 'colour'; attributes of a service, which are not read beside facts: '__imagetype', 'hw_" in said
