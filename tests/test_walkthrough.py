"""Pages that show a session show what happens."""

from __future__ import annotations

from pathlib import Path

import pytest

import walkthrough


@pytest.mark.slow
@pytest.mark.parametrize("page", walkthrough.PAGES, ids=lambda page: page.name)
def test_what_a_page_shows_is_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    assert walkthrough.run_again(text, tmp_path) == text


def test_ten_commands_lead_to_a_green_pipeline() -> None:
    text = walkthrough.PAGES[0].read_text("utf-8")
    blocks = walkthrough.BLOCK.findall(text)
    assert sum(len(walkthrough.commands(block)) for block in blocks) == 10
    assert "(exit code" not in blocks[-1]


def test_a_command_goes_on_after_a_backslash_and_a_pipe() -> None:
    assert walkthrough.commands("$ a |\n    b \\\n  c\nsaid\n$ d\n") == ["a |\n    b \\\n  c", "d"]
