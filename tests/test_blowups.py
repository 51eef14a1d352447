"""Small packs that would need huge tables, searches or networks: bounded answers, and what was not examined is said."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from blowups import KINDS, REFUSED, files, rule_count
from imagefit import PackError
from imagefit.api.packs import load_unproven_pack
from packfiles import write_pack


@pytest.mark.parametrize("kind", KINDS)
def test_a_pack_that_blows_up_loads(kind: str, tmp_path: Path) -> None:
    made = files(kind, Random(1))
    assert len(load_unproven_pack(write_pack(tmp_path, made)).rules) == rule_count(made)


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_blows_up_is_refused_with_a_place(kind: str, tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        load_unproven_pack(write_pack(tmp_path, files(kind, Random(1))))
    assert all(problem.line > 0 for problem in caught.value.problems)
