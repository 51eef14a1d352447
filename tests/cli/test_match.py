from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result

from imagefit import Match
from imagefit.matching.fitting import FITTING
from imagefit.reports.layout import cell_width

Run = Callable[..., Result]

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
INVENTORY = (
    *("--images", str(SAMPLES / "images.json"), "--ecs", str(SAMPLES / "flavors.json")),
    *("--set", "image.region=cn-north-4", "--set", "ecs.region=cn-north-4", "--assume", "ecs.account=@image.owner"),
)
IMAGES = "id,image.boot_mode,image.visibility\nweb,uefi,private\nold,bios,private\nnew,,private\n"
ECSS = "id,ecs.accelerator\nplain,none\nnpu,npu\n"


@pytest.fixture
def match(run: Run, tmp_path: Path) -> Run:
    """Run ``imagefit match`` on three images and two ECSs, for the rule that no UEFI image boots on an accelerator."""
    (tmp_path / "images.csv").write_text(IMAGES)
    (tmp_path / "ecss.csv").write_text(ECSS)
    files = ("--images", str(tmp_path / "images.csv"), "--ecs", str(tmp_path / "ecss.csv"))
    rules = ("--operation", "create_ecs", "--select", "boot.uefi-on-heterogeneous")
    return lambda *arguments, **options: run("match", *files, *rules, *arguments, **options)


def inventory(run: Run, *arguments: str) -> Result:
    return run("match", *INVENTORY, "--operation", "create_ecs", *arguments)


def test_what_is_on_the_wrong_side_is_told_with_the_option_of_that_side(run: Run) -> None:
    result = run("match", "--images", str(SAMPLES / "flavors.json"), "--ecs", str(SAMPLES / "images.json"))
    assert result.exit_code == 2
    assert "not what --images takes: 'ecs'" in result.stderr


class TestFormulas:
    """Keys come from the caller and go into columns of ours."""

    @pytest.fixture
    def risky(self, run: Run, tmp_path: Path) -> Run:
        (tmp_path / "i.csv").write_text("id,image.boot_mode,image.visibility\n=1+1,bios,private\nplain,bios,private\n")
        (tmp_path / "e.csv").write_text("id,ecs.accelerator\n@SUM(A1),none\n-2,npu\n")
        files = ("--images", str(tmp_path / "i.csv"), "--ecs", str(tmp_path / "e.csv"))
        rules = ("--operation", "create_ecs", "--select", "boot.uefi-on-heterogeneous")
        return lambda *arguments: run("match", *files, *rules, *arguments)

    def test_keys_of_fitting_pairs_are_neutralised_in_csv(self, risky: Run, tmp_path: Path) -> None:
        assert risky("--fitting", str(tmp_path / "pairs.csv")).exit_code == 0
        rows = list(csv.reader((tmp_path / "pairs.csv").read_text().splitlines()))
        assert rows == [
            ["image", "ecs", "image_row", "ecs_row"],
            ["'=1+1", "'@SUM(A1)", "0", "0"],
            ["'=1+1", "'-2", "0", "1"],
            ["plain", "'@SUM(A1)", "1", "0"],
            ["plain", "'-2", "1", "1"],
        ]

    def test_keys_of_a_matrix_are_neutralised_in_csv_as_names_of_columns_too(self, risky: Run, tmp_path: Path) -> None:
        assert risky("--matrix", str(tmp_path / "matrix.csv")).exit_code == 0
        rows = list(csv.reader((tmp_path / "matrix.csv").read_text().splitlines()))
        assert [row[0] for row in rows] == ["image", "'=1+1", "plain"]
        assert rows[0] == ["image", "'@SUM(A1)", "'-2"]

    @pytest.mark.parametrize("ending", ["parquet", "jsonl"])
    def test_keys_stay_as_they_are_where_nothing_executes_them(self, risky: Run, tmp_path: Path, ending: str) -> None:
        path = tmp_path / f"pairs.{ending}"
        assert risky("--fitting", str(path)).exit_code == 0
        lines = path.read_bytes().splitlines()
        rows = pq.read_table(path).to_pylist() if ending == "parquet" else [json.loads(line) for line in lines]
        assert [(row["image"], row["ecs"]) for row in rows[:2]] == [("=1+1", "@SUM(A1)"), ("=1+1", "-2")]

    def test_a_format_is_named_by_its_ending(self, risky: Run, tmp_path: Path) -> None:
        found = risky("--fitting", str(tmp_path / "pairs.txt"))
        assert found.exit_code == 2
        assert "expected a name that ends in .jsonl, .csv, .parquet" in found.stderr


class TestText:
    def test_the_summary_counts_pairs_partners_and_reasons(self, match: Run) -> None:
        out = match().stdout
        assert "3 images x 2 ECSs, 6 pairs" in out
        assert [line.split()[:2] for line in out.splitlines()[2:5]] == [
            ["compatible", "4"],
            ["unknown", "1"],
            ["incompatible", "1"],
        ]
        assert "3 of 3 images fit at least one ECS." in out
        assert "boot.uefi-on-heterogeneous" in out
        assert "--assume image.boot_mode=bios|uefi" in out

    @pytest.mark.parametrize(
        "option", [[], ["--by", "image"], ["--by", "ecs"], ["--by", "rule"], ["--matrix"], ["--for-ecs", "s2.small.1"]]
    )
    def test_no_line_is_wider_than_80_columns(self, run: Run, option: list[str]) -> None:
        out = inventory(run, *option).stdout
        assert out
        assert max(map(cell_width, out.splitlines())) <= 80

    def test_by_image_lists_the_counts_in_the_files_order(self, match: Run) -> None:
        rows = [line.split() for line in match("--by", "image").stdout.splitlines()[1:]]
        assert rows == [["web", "1", "0", "1"], ["old", "2", "0", "0"], ["new", "1", "1", "0"]]

    def test_limit_says_how_many_rows_are_not_shown(self, match: Run) -> None:
        out = match("--by", "image", "--limit", "1").stdout
        assert "old" not in out
        assert "and 2 more" in out

    def test_by_rule_lists_every_outcome(self, match: Run) -> None:
        lines = [line.split() for line in match("--by", "rule").stdout.splitlines()]
        assert lines[0][-5:] == ["fail", "alone", "unknown", "pass", "n/a"]
        assert lines[1][1:] == ["1", "1", "1", "1", "3"]

    def test_for_image_lists_what_fits_and_the_nearest_misses_with_reasons(self, match: Run) -> None:
        out = match("--for-image", "web").stdout
        assert "1 of 2 ECSs fits:\n  plain" in out
        assert "npu: incompatible" in out
        assert "the image boots in uefi mode" in " ".join(out.split())

    @pytest.mark.parametrize("evaluator", ["reference", "tabular"])
    @pytest.mark.parametrize("option", [[], ["--by", "rule"], ["--for-image", "web"], ["--matrix"]], ids=str)
    def test_every_evaluator_prints_the_same(self, match: Run, evaluator: str, option: list[str]) -> None:
        assert match(*option, "--evaluator", evaluator).stdout == match(*option).stdout != ""

    def test_an_unknown_evaluator_is_named_with_the_nearest(self, match: Run) -> None:
        result = match("--evaluator", "tabluar")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "did you mean 'tabular'" in result.stderr

    def test_for_ecs_takes_a_name(self, run: Run) -> None:
        out = inventory(run, "--for-ecs", "kc1.xlarge.4", "--misses", "0").stdout
        assert "2 of 18 images fit:" in out
        assert "nearest" not in out

    def test_the_matrix_puts_together_what_nothing_tells_apart(self, match: Run) -> None:
        lines = match("--matrix").stdout.splitlines()
        assert [line.split() for line in lines if line.startswith(("web", "old", "new"))] == [
            ["web", "+", "."],
            ["old", "+", "+"],
            ["new", "+", "?"],
        ]

    def test_control_characters_of_a_key_are_shown_as_escapes(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "images.json").write_text(json.dumps([{"id": "a\x1b[31m", "image.status": "queued"}]))
        for option in ("--by", "image"), ("--matrix",), ("--for-image", "a\x1b[31m"):
            files = ("--images", str(tmp_path / "images.json"), "--flavor", "t6.large.2")
            out = run("match", *files, "--operation", "create_ecs", *option).stdout
            assert "\x1b[31m" not in out
            assert "a\\x1b[31m" in out


class TestJson:
    def test_the_summary(self, match: Run) -> None:
        data = json.loads(match("--format", "json").stdout)
        assert (data["format_version"], data["operation"]) == (1, "create_ecs")
        summary = data["summary"]
        assert summary["verdicts"] == {"incompatible": 1, "unknown": 1, "compatible": 4}
        assert summary["images_fitting"] == {"fitting": 3, "undecided": 0, "unfit": 0}
        assert summary["rules"][0]["rule"] == "boot.uefi-on-heterogeneous"
        assert data["pack"]["name"] == "huawei-ims"

    def test_by_ecs(self, match: Run) -> None:
        assert json.loads(match("--by", "ecs", "--format", "json").stdout)["by_ecs"] == [
            {"ecs": "plain", "compatible": 3, "unknown": 0, "incompatible": 0},
            {"ecs": "npu", "compatible": 1, "unknown": 1, "incompatible": 1},
        ]

    def test_by_rule(self, match: Run) -> None:
        (row,) = json.loads(match("--by", "rule", "--format", "json").stdout)["by_rule"]
        assert row == {
            "rule": "boot.uefi-on-heterogeneous",
            "severity": "error",
            "fail": 1,
            "alone": 1,
            "unknown": 1,
            "pass": 1,
            "not_applicable": 3,
        }

    def test_for_ecs(self, match: Run) -> None:
        data = json.loads(match("--for-ecs", "npu", "--format", "json").stdout)["partners"]
        assert (data["ecs"], data["fitting"]) == ("npu", ["old"])
        assert [(miss["partner"], miss["verdict"]) for miss in data["misses"]] == [
            ("new", "unknown"),
            ("web", "incompatible"),
        ]
        assert data["misses"][1]["rules"][0]["rule"] == "boot.uefi-on-heterogeneous"


class TestFiles:
    @pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
    def test_fitting_writes_the_pairs_that_fit(self, match: Run, tmp_path: Path, ending: str) -> None:
        path = tmp_path / f"fits.{ending}"
        result = match("--fitting", str(path))
        assert "4 pairs that fit" in result.stderr
        read = {
            "csv": lambda: [tuple(line.split(",")[:2]) for line in path.read_text().replace('"', "").splitlines()[1:]],
            "jsonl": lambda: [(r["image"], r["ecs"]) for r in map(json.loads, path.read_text().splitlines())],
            "parquet": lambda: [(row["image"], row["ecs"]) for row in pq.read_table(path).to_pylist()],
        }[ending]
        assert read() == [("web", "plain"), ("old", "plain"), ("old", "npu"), ("new", "plain")]
        assert {file.name for file in tmp_path.iterdir()} == {"images.csv", "ecss.csv", path.name}

    def test_a_file_of_unknown_format_is_refused(self, match: Run, tmp_path: Path) -> None:
        result = match("--fitting", str(tmp_path / "fits.xls"))
        assert result.exit_code == 2
        assert ".parquet" in result.stderr

    def test_a_file_that_cannot_be_written_leaves_nothing(self, match: Run, tmp_path: Path) -> None:
        assert match("--fitting", str(tmp_path / "none" / "fits.csv")).exit_code == 2

    def test_an_interrupted_file_is_not_there_and_the_message_says_how_far_it_came(
        self, match: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(found: Match) -> pa.RecordBatchReader:
            def batches() -> Iterator[pa.RecordBatch]:
                yield next(iter(fitting(found)))
                raise KeyboardInterrupt

            return pa.RecordBatchReader.from_batches(FITTING, batches())

        fitting = Match.fitting
        monkeypatch.setattr(Match, "fitting", interrupted)
        result = match("--fitting", str(tmp_path / "fits.csv"))
        assert result.exit_code == 130
        assert "interrupted after 4 of 4 rows" in result.stderr
        assert not (tmp_path / "fits.csv").exists()

    def test_the_matrix_as_a_table(self, match: Run, tmp_path: Path) -> None:
        path = tmp_path / "matrix.parquet"
        assert match("--matrix", str(path)).exit_code == 0
        assert pq.read_table(path).to_pylist() == [
            {"image": "web", "plain": "compatible", "npu": "incompatible"},
            {"image": "old", "plain": "compatible", "npu": "compatible"},
            {"image": "new", "plain": "compatible", "npu": "unknown"},
        ]

    def test_a_matrix_needs_columns_of_different_names(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "ecss.csv").write_text("id,ecs.accelerator\nsame,none\nsame,npu\n")
        files = ("--images", str(SAMPLES / "images.json"), "--ecs", str(tmp_path / "ecss.csv"))
        result = run("match", *files, "--operation", "create_ecs", "--matrix", str(tmp_path / "m.parquet"))
        assert result.exit_code == 2
        assert "'same'" in result.stderr
        assert not (tmp_path / "m.parquet").exists()


class TestExitCodes:
    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ([], 0),
            (["--fail-on", "incompatible"], 0),
            (["--by", "ecs", "--fail-on", "unknown"], 0),
            (["--set", "image.boot_mode=uefi", "--fail-on", "incompatible"], 0),
            (["--set", "image.boot_mode=uefi", "--fail-on", "incompatible", "--by", "ecs"], 1),
            (["--set", "image.boot_mode=uefi", "--fail-on", "incompatible", "--for-ecs", "plain"], 0),
            (["--set", "image.boot_mode=uefi", "--fail-on", "incompatible", "--for-ecs", "npu"], 1),
            (["--set", "ecs.accelerator=npu", "--fail-on", "incompatible"], 1),
            (["--set", "ecs.accelerator=npu", "--fail-on", "incompatible", "--for-image", "new"], 0),
            (["--set", "ecs.accelerator=npu", "--fail-on", "unknown", "--for-image", "new"], 3),
            (["--set", "ecs.accelerator=npu", "--fail-on", "never"], 0),
        ],
    )
    def test_what_fits_nothing_counts_and_single_pairs_do_not(
        self, match: Run, arguments: list[str], code: int
    ) -> None:
        assert match(*arguments).exit_code == code

    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            (["--for-image", "wbe"], "'web'"),
            (["--for-image", "web", "--for-ecs", "npu"], "exclude"),
            (["--by", "image", "--matrix"], "exclude"),
            (["--set", "image.boot_mode=uefy"], "uefi"),
            (["--select", "bot"], "boot"),
            (["--by", "flavour"], "flavour"),
        ],
    )
    def test_2_a_wrong_option_with_what_is_right(self, match: Run, arguments: list[str], named: str) -> None:
        result = match(*arguments)
        assert result.exit_code == 2
        assert named in result.stderr

    def test_2_without_ecss_or_an_operation(self, run: Run) -> None:
        images = ("--images", str(SAMPLES / "images.json"))
        assert "--flavor" in run("match", *images, "--operation", "create_ecs").stderr
        assert "create_ecs" in run("match", *images, "--flavor", "t6.large.2").stderr


class TestInputs:
    def test_flavors_are_a_row_for_each_zone_where_they_differ(self, run: Run) -> None:
        out = inventory(run, "--by", "ecs").stdout
        assert "p2s.2xlarge.8@cn-north-4a" in out
        assert "c7n.xlarge.2 " in out and "c7n.xlarge.2@" not in out, "all zones that are listed are alike"
        assert "s2.small.1" in out and "s2.small.1@" not in out
        assert "@" not in inventory(run, "--by", "ecs", "--az", "cn-north-4a").stdout

    def test_a_flavors_id_stands_for_its_row_and_names_those_that_differ(self, run: Run) -> None:
        assert "ECS c7n.xlarge.2" in inventory(run, "--for-ecs", "c7n.xlarge.2").stdout
        result = inventory(run, "--for-ecs", "p2s.2xlarge.8")
        assert result.exit_code == 2
        assert "2 ECSs are called this" in result.stderr
        assert "p2s.2xlarge.8@cn-north-4a, p2s.2xlarge.8@cn-north-4b" in result.stderr

    def test_flavors_by_their_ids(self, run: Run) -> None:
        images = ("--images", str(SAMPLES / "images.json"), "--operation", "create_ecs")
        out = run("match", *images, "--flavor", "t6.large.2", "--flavor", "ai1s.large.4", "--by", "ecs").stdout
        assert [line.split()[0] for line in out.splitlines()[1:]] == ["t6.large.2", "ai1s.large.4"]

    def test_a_request_says_its_operation(self, run: Run) -> None:
        images = ("--images", str(SAMPLES / "images.json"))
        result = run("match", *images, "--ecs", str(SAMPLES / "create-orders.json"), "--format", "json")
        assert json.loads(result.stdout)["operation"] == "create_ecs"

    def test_tables_and_lists_can_be_mixed_and_one_record_picked(self, run: Run, tmp_path: Path) -> None:
        pq.write_table(pa.table({"id": ["t1", "t2"], "image.status": ["queued", "active"]}), tmp_path / "t.parquet")
        places = (f"{tmp_path / 't.parquet'}#t2", f"{SAMPLES / 'images.json'}#orders-web")
        options = [word for place in places for word in ("--images", place)]
        out = run("match", *options, "--flavor", "t6.large.2", "--operation", "create_ecs", "--by", "image").stdout
        assert [line.split()[0] for line in out.splitlines()[1:]] == ["t2", "orders-web"]

    def test_an_empty_file_is_no_images(self, match: Run, run: Run, tmp_path: Path) -> None:
        (tmp_path / "none.json").write_text("[]")
        files = ("--images", str(tmp_path / "none.json"), "--flavor", "t6.large.2")
        result = run("match", *files, "--operation", "create_ecs")
        assert result.exit_code == 0
        assert "0 images x 1 ECS" in result.stdout

    def test_a_broken_table_is_an_error(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "t.parquet").write_bytes(b"PAR1 and nothing more")
        result = run("match", "--images", str(tmp_path / "t.parquet"), "--flavor", "t6.large.2", "--operation", "share")
        assert result.exit_code == 2
        assert "t.parquet" in result.stderr


def test_all_pairs_are_about_one_operation(run: Run, tmp_path: Path) -> None:
    (images := tmp_path / "images.csv").write_text(
        "id,operation,image.boot_mode\na,share,bios\nb,,bios\nc,delete,bios\n"
    )
    (ecss := tmp_path / "ecss.csv").write_text(ECSS)
    files = ("--images", str(images), "--ecs", str(ecss))
    refused = run("match", *files)
    assert refused.exit_code == 2
    assert "--operation: what is given asks for several operations: 'share, delete'; expected one" in refused.stderr
    told = run("match", *files, "--operation", "delete", "--fail-on", "never")
    assert told.exit_code == 0
    assert "what is given asks for share; --operation delete counts" in told.stderr
    images.write_text("id,operation,image.boot_mode\na,share,bios\nb,,bios\n")
    assert run("match", *files, "--fail-on", "never").stdout.startswith("share the image:")


@pytest.mark.parametrize("order", [0, 1])
def test_requests_of_several_operations_are_refused_in_any_order(run: Run, tmp_path: Path, order: int) -> None:
    server = {"name": "n", "imageRef": "i", "flavorRef": "c7n.large.2"}
    volume = {"imageRef": "i", "size": 40, "availability_zone": "cn-north-4a", "volume_type": "SSD"}
    (tmp_path / "0.json").write_text(json.dumps({"server": server}))
    (tmp_path / "1.json").write_text(json.dumps({"volume": volume}))
    ecss = [option for name in (order, 1 - order) for option in ("--ecs", str(tmp_path / f"{name}.json"))]
    result = run("match", "--images", str(SAMPLES / "images.json"), *ecss)
    assert result.exit_code == 2 and "asks for several operations" in result.stderr
