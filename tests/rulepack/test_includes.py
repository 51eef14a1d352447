"""A pack is its folder and nothing else: what `includes` may name, and what it may not."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from imagefit import PackError, load_pack
from packfiles import PLUGS, PLUGS_FOLDER, edited, place_of, problems_of, write_pack

OUTSIDE = "an include must stay inside the pack's folder"


def with_include(name: str) -> dict[str, str]:
    return {**PLUGS, "pack.yaml": f"{PLUGS['pack.yaml']}  - {name}\n"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../other.yaml", OUTSIDE),
        ("sub/../fit.yaml", OUTSIDE),
        ("sub/../../other.yaml", OUTSIDE),
        ("..", OUTSIDE),
        ("/etc/hostname", OUTSIDE),
        ("//etc/hostname", OUTSIDE),
        (r"..\other.yaml", OUTSIDE),
        (r"C:\other.yaml", OUTSIDE),
        (r'"a\0b.yaml"', OUTSIDE),
        ("pack.yaml", "pack.yaml can't include itself"),
        ("./pack.yaml", "pack.yaml can't include itself"),
        ("fit.yaml", "included twice"),
        ("./fit.yaml", "included twice"),
        ("'.//fit.yaml'", "included twice"),
        ("sub", "no such file"),
        (".", "no such file"),
        ("missing.yaml", "no such file"),
        ("fit.yaml/more.yaml", "no such file"),
        ("~/fit.yaml", "no such file"),
        ("https://example.org/fit.yaml", "no such file"),
        ("'*.yaml'", "no such file"),
        ("x" * 300, "no such file"),
    ],
)
def test_an_include_that_is_no_file_of_the_pack_is_refused_at_its_place(
    tmp_path: Path, name: str, message: str
) -> None:
    folder = tmp_path / "pack"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "other.yaml").write_text("[]")
    files = with_include(name)
    (problem,) = problems_of(folder, files)
    assert problem.message == message
    assert (problem.file, problem.line, problem.column) == ("pack.yaml", files["pack.yaml"].count("\n"), 5)


def test_an_include_that_links_out_of_the_pack_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("sources: {}")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "more.yaml").write_text("sources: {}")
    folder = write_pack(tmp_path / "pack", PLUGS)
    os.symlink("../secret.yaml", folder / "link.yaml")
    os.symlink(tmp_path / "elsewhere", folder / "sub")
    os.symlink("/dev/zero", folder / "zero.yaml")
    for name in ("link.yaml", "sub/more.yaml", "zero.yaml"):
        (problem,) = problems_of(folder, with_include(name))
        assert problem.message == f"{OUTSIDE}, links included"


def test_a_pack_may_be_reached_by_a_link_and_link_inside_itself(tmp_path: Path) -> None:
    files = {name: text for name, text in PLUGS.items() if name != "sources.yaml"}
    folder = write_pack(tmp_path / "pack", {**files, "real/words.yaml": PLUGS["sources.yaml"]})
    os.symlink("real/words.yaml", folder / "sources.yaml")
    os.symlink("pack", tmp_path / "alias")
    assert load_pack(tmp_path / "alias").digest == load_pack(PLUGS_FOLDER).digest


def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, with_include("pipe.yaml"))
    os.mkfifo(folder / "pipe.yaml")
    (problem,) = problems_of(folder)
    assert problem.message == "no such file"


def test_files_may_stand_in_folders_of_the_pack(tmp_path: Path) -> None:
    files = {name: text for name, text in PLUGS.items() if name != "fit.yaml"}
    files["pack.yaml"] = files["pack.yaml"].replace("- fit.yaml", "- rules/fit.yaml")
    pack = load_pack(write_pack(tmp_path, {**files, "rules/fit.yaml": PLUGS["fit.yaml"]}))
    assert pack.digest == load_pack(PLUGS_FOLDER).digest
    position = pack.rule("fit.shape").position
    assert position is not None
    assert str(position) == f"{tmp_path}/rules/fit.yaml:1:3"


def test_each_wrong_include_is_named(tmp_path: Path) -> None:
    files = edited("pack.yaml", "  - fit.yaml\n", "  - fit.yml\n  - ../x.yaml\n  - safety.yaml\n")
    problems = problems_of(tmp_path, files)
    lines = [place_of(files["pack.yaml"], name)[0] for name in ("fit.yml", "../x.yaml")]
    assert [(p.line, p.message) for p in problems] == [
        (lines[0], "no such file"),
        (lines[1], OUTSIDE),
        (files["pack.yaml"].count("\n"), "included twice"),
    ]


def test_hundreds_of_includes_are_refused(tmp_path: Path) -> None:
    files = {**PLUGS, "pack.yaml": "name: x\nversion: '1'\ntitle: x\nincludes: [" + "a.yaml, " * 501 + "]\n"}
    (problem,) = problems_of(tmp_path, files)
    assert problem.message == "more than 500 includes"


def test_the_file_pack_yaml_names_a_pack_as_its_folder_does(tmp_path: Path) -> None:
    assert load_pack(PLUGS_FOLDER / "pack.yaml").digest == load_pack(PLUGS_FOLDER).digest


def test_a_folder_without_pack_yaml_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=f"^{re.escape(str(tmp_path))}: no pack.yaml in this folder$"):
        load_pack(tmp_path)
    os.mkfifo(tmp_path / "pack.yaml")  # reading it would wait for ever
    with pytest.raises(PackError, match=f"^{re.escape(str(tmp_path))}: its pack.yaml is no file$"):
        load_pack(tmp_path)


@pytest.mark.parametrize("name", ["none", "x" * 300, "a\0b", "\udc80", "pack.yaml/pack.yaml"])
def test_a_path_that_does_not_exist_is_no_pack(tmp_path: Path, name: str) -> None:
    with pytest.raises(PackError, match="no such pack"):
        load_pack(write_pack(tmp_path, PLUGS) / name)


def test_a_nearly_right_name_of_a_shipped_pack_is_put_right() -> None:
    with pytest.raises(PackError) as caught:
        load_pack("huawei-imz")
    assert caught.value.problems[0].nearest == "huawei-ims"
