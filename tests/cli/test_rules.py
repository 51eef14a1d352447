from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from imagefit.reports.layout import cell_width
from imagefit.rulepack.pack import Pack

Run = Callable[..., Result]


class TestList:
    def test_every_rule_is_listed(self, run: Run, built_in: Pack) -> None:
        result = run("rules", "list")
        assert result.exit_code == 0
        assert {rule.id for rule in built_in.rules} <= set(result.stdout.split())
        assert result.stderr == f"imagefit: {len(built_in.rules)} of {len(built_in.rules)} rules of huawei-ims 1.0.0\n"

    @pytest.mark.parametrize(
        ("options", "ids"),
        [
            (["--operation", "lend"], ["fitting.works"]),
            (["--tag", "power"], ["fitting.power"]),
            (["--tag", "power", "--tag", "base"], ["fitting.base-fits-socket", "fitting.power"]),
            (["--select", "base"], ["fitting.base-fits-socket"]),
            (["--ignore", "base,power"], ["fitting.dimmable", "fitting.works"]),
            (
                ["--source", "lamp-box"],
                ["fitting.base-fits-socket", "fitting.dimmable", "fitting.power", "fitting.works"],
            ),
        ],
    )
    def test_filters(self, run: Run, lamps_folder: Path, options: list[str], ids: list[str]) -> None:
        result = run("rules", "list", "--pack", str(lamps_folder), "--format", "json", *options)
        assert [rule["rule"] for rule in json.loads(result.stdout)] == ids

    @pytest.mark.parametrize("option", ["--operation", "--tag", "--source", "--select"])
    def test_a_filter_that_means_nothing_is_an_error(self, run: Run, option: str) -> None:
        result = run("rules", "list", option, "zzz")
        assert result.exit_code == 2
        assert "'zzz'" in result.stderr

    def test_no_rule_is_an_empty_list(self, run: Run, lamps_folder: Path) -> None:
        result = run("rules", "list", "--pack", str(lamps_folder), "--operation", "lend", "--tag", "power")
        assert (result.exit_code, result.stdout) == (0, "")

    def test_the_pack_can_be_named_before_the_subcommand(self, run: Run, lamps_folder: Path) -> None:
        for place in (
            ["--pack", str(lamps_folder), "rules", "list"],
            ["rules", "--pack", str(lamps_folder), "list"],
        ):
            assert "fitting.power" in run(*place).stdout


class TestShow:
    def test_a_rule_is_shown_within_80_columns(self, run: Run) -> None:
        result = run("rules", "show", "boot.uefi-on-heterogeneous", env={"COLUMNS": "80"})
        assert result.exit_code == 0
        assert "Truth table" in result.stdout
        assert max(map(cell_width, result.stdout.split("\n"))) <= 80

    def test_an_unknown_rule_exits_2_and_names_the_nearest(self, run: Run) -> None:
        result = run("rules", "show", "boot.uefi-heterogeneous")
        assert result.exit_code == 2
        assert "did you mean 'boot.uefi-on-heterogeneous'?" in result.stderr


class TestTest:
    def test_a_right_pack_exits_0(self, run: Run, lamps_folder: Path) -> None:
        result = run("rules", "test", "--pack", str(lamps_folder))
        assert (result.exit_code, result.stdout) == (0, "")
        assert "imagefit: lamps 0.1.0: 4 rules, 13 examples on reference" in result.stderr

    def test_the_built_in_pack_is_right(self, run: Run) -> None:
        assert run("rules", "test").exit_code == 0

    def test_a_wrong_example_exits_1_and_is_named_with_its_place(self, run: Run, tmp_path: Path) -> None:
        folder = tmp_path / "pack"
        run("rules", "new", str(folder))
        rules = folder / "fitting.yaml"
        rules.write_text(rules.read_text().replace("outcome: fail}", "outcome: pass}", 1))
        line = next(
            n for n, text in enumerate(rules.read_text().split("\n"), 1) if "socket.base: e27}, outcome" in text
        )
        result = run("rules", "test", "--pack", str(folder))
        assert result.exit_code == 1
        assert f"fitting.yaml:{line}:" in result.stdout
        assert "disagrees" not in result.stdout  # the evaluators are of one opinion; the example is not
        assert "found" not in result.stderr
        assert run("check", "--pack", str(folder), "--operation", "lend").exit_code == 2

    def test_a_missing_example_is_a_finding_here_and_a_warning_elsewhere(self, run: Run, tmp_path: Path) -> None:
        run("rules", "new", str(tmp_path / "pack"))
        rules = tmp_path / "pack" / "fitting.yaml"
        text = rules.read_text()
        rules.write_text("".join(line for line in text.splitlines(keepends=True) if "outcome: fail}" not in line))
        options = ("--pack", str(tmp_path / "pack"))
        tested = run("rules", "test", *options)
        assert tested.exit_code == 1
        assert "has no example with outcome fail" in tested.stdout
        linted = run("rules", "lint", *options)
        assert linted.exit_code == 1
        assert "missing-example: fitting." in linted.stdout
        for result in (tested, linted):
            assert "examples are missing of" not in result.stderr
        for command in (["rules", "list"], ["check", "--operation", "lend"], ["rules", "docs"], ["--version"]):
            result = run(*options, *command)
            assert result.exit_code in (0, 3)
            assert result.stderr.count("examples are missing of fitting.") == 1

    def test_a_pack_that_does_not_load_exits_2(self, run: Run, tmp_path: Path) -> None:
        result = run("rules", "test", "--pack", str(tmp_path / "nothing"))
        assert result.exit_code == 2
        assert "nothing" in result.stderr


class TestDiff:
    def test_a_mistake_says_in_whose_file_it_is(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        for name in ("mine", "yours"):
            run("rules", "new", name)
        rules = tmp_path / "yours" / "fitting.yaml"
        rules.write_text(rules.read_text().replace("  message:", "  massage:", 1))
        result = run("rules", "diff", "mine", "yours/")
        assert result.exit_code == 2
        assert re.match(r"imagefit: yours/fitting\.yaml:\d+:3: unknown key: 'massage'", result.stderr)
        rules.write_text(re.sub(r"\n  message:.*", "", rules.read_text().replace("massage", "message"), count=1))
        result = run("rules", "test", "--pack", "yours/pack.yaml")
        says = r"imagefit: yours/fitting\.yaml:\d+:3: fitting\.base-fits-socket: message is missing\n"
        assert re.fullmatch(says, result.stderr)

    def test_a_pack_that_ships_is_called_by_its_name(self, run: Run) -> None:
        result = run("rules", "diff", "huawei-ims", "huawei-ims-china", "--format", "json")
        files = {rule["file"] for rule in json.loads(result.stdout)["rules"] if rule.get("file")}
        assert files
        assert all(file.startswith(("huawei-ims/", "huawei-ims-china/")) for file in files)


class TestNew:
    def test_a_new_pack_works_as_it_is(self, run: Run, tmp_path: Path) -> None:
        folder = tmp_path / "some" / "pack"
        result = run("rules", "new", str(folder))
        assert result.exit_code == 0
        assert sorted(result.stdout.split()) == sorted(map(str, folder.iterdir()))
        assert run("rules", "test", "--pack", str(folder)).exit_code == 0

    @pytest.mark.parametrize("is_there", [True, False])
    def test_a_file_that_cannot_be_written_is_named_and_leaves_none_of_the_others(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
    ) -> None:
        folder = tmp_path / "pack"
        if is_there:
            folder.mkdir()
        write = Path.write_text

        def full(self: Path, text: str, *rest: object, **options: object) -> int:
            if self.name == "remedies.yaml":
                write(self, text[:100], "utf-8")
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(self, text, *rest, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(Path, "write_text", full)
        result = run("rules", "new", str(folder))
        assert result.exit_code == 2
        assert f"{folder / 'remedies.yaml'}: it could not be written: " in " ".join(result.stderr.split("\n"))
        assert (folder.exists() and list(folder.iterdir())) == ([] if is_there else False)

    def test_nothing_is_overwritten(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "pack.yaml").write_text("mine")
        result = run("rules", "new", str(tmp_path))
        assert result.exit_code == 2
        assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("pack.yaml", "mine")]

    def test_it_speaks_of_another_domain(self, run: Run, tmp_path: Path, built_in: Pack) -> None:
        run("rules", "new", str(tmp_path / "pack"))
        text = "".join(p.read_text() for p in (tmp_path / "pack").iterdir())
        assert not [name for name in built_in.fields if name in text]


def test_docs_are_markdown_on_stdout(run: Run, lamps_folder: Path) -> None:
    result = run("rules", "docs", "--pack", str(lamps_folder))
    assert result.exit_code == 0
    assert result.stdout.startswith("# which lamp fits which socket\n")


@pytest.mark.parametrize(
    ("words", "pack"),
    [
        ("rules list", "huawei-ims"),
        ("--pack huawei-ims-china rules list", "huawei-ims-china"),
        ("--pack huawei-ims rules --pack huawei-ims-china list", "huawei-ims-china"),
        ("--pack huawei-ims rules --pack huawei-ims list --pack open-telekom-cloud", "open-telekom-cloud"),
        ("rules --pack open-telekom-cloud list --pack huawei-ims", "huawei-ims"),
    ],
)
def test_the_nearest_pack_counts(run: Run, words: str, pack: str) -> None:
    assert f"rules of {pack} " in run(*words.split()).stderr
