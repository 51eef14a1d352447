"""What holds of the code as a whole: its layers, what it may name, what it costs to import."""

from __future__ import annotations

import ast
import doctest
import gzip
import pkgutil
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import house
import imagefit
from imagefit.rulepack.pack import Pack

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "engine" / "imagefit"
MODULES = sorted(m.name for m in pkgutil.walk_packages([str(ENGINE)], "imagefit.") if not m.name.endswith("__main__"))
HEAVY = {"duckdb", "durable", "numpy", "pandas", "polars", "pyarrow", "sqlglot", "z3"}

# Where a vendor's words may stand: in readers, in what describes them, and where `check` makes candidates of what
# they read.
MAY_NAME_FACTS = ("readers", "sources/describe.py", "sources/subjects.py", "sources/pairing.py", "cli/check.py")


def loaded_by(code: str) -> set[str]:
    """Return the modules that are loaded after running some code in a fresh interpreter."""
    show = f"{code}\nimport sys\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    process = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True, timeout=60)
    return {name.partition(".")[0] for name in process.stderr.split("\n")} | set(process.stderr.split("\n"))


def test_dependencies_point_one_way() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    process = subprocess.run(
        [*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert process.returncode == 0, process.stdout


def test_the_engine_names_no_fact_of_the_built_in_pack(built_in: Pack) -> None:
    found = []
    for file in sorted(ENGINE.rglob("*.py")):
        if str(file.relative_to(ENGINE)).startswith(MAY_NAME_FACTS):
            continue
        tree = ast.parse(file.read_text())
        docstrings = {id(node.body[0].value) for node in ast.walk(tree) if _has_docstring(node)}
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
            if is_text and (named := [name for name in built_in.fields if name in node.value]):
                found.append(f"{file.relative_to(ROOT)}:{node.lineno} names {named}")
    assert found == []


def _has_docstring(node: ast.AST) -> bool:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = node.body[0] if isinstance(node, kinds) and node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def test_importing_the_package_loads_next_to_nothing() -> None:
    ours = {name for name in loaded_by("import imagefit") if name.startswith("imagefit")}
    assert ours <= {"imagefit"}


def run_of(*arguments: str) -> str:
    """Return code that runs `imagefit` in its interpreter."""
    argv = repr(["imagefit", *arguments])
    return f"import sys\nsys.argv = {argv}\nfrom imagefit.cli import main\ntry:\n main()\nexcept SystemExit: pass"


def test_help_loads_neither_models_nor_yaml_nor_tables() -> None:
    assert not loaded_by(run_of("--help")) & ({"pydantic", "yaml"} | HEAVY)


def test_a_check_loads_no_table_library() -> None:
    code = "import imagefit\nimagefit.check({}, operation='share')"
    assert not loaded_by(code) & HEAVY


def test_the_command_line_checks_without_a_table_library() -> None:
    assert not loaded_by(run_of("check", "--operation", "share", "--fail-on", "never")) & HEAVY


@pytest.mark.parametrize(
    "name",
    [
        "images.json.gz",
        "facts.csv",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("images.json", "facts.jsonl", "images-console.csv")),
    ],
)
def test_a_check_of_text_loads_no_table_library(name: str, tmp_path: Path) -> None:
    content = (ROOT / "data" / "samples" / name.removesuffix(".gz")).read_bytes()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert not loaded_by(run_of("check", "--image", str(tmp_path / name), "--operation", "share")) & HEAVY


def test_examples_in_docstrings_are_right() -> None:
    of_python = [spec for spec in map(find_spec, MODULES) if str(spec.origin).endswith(".py")]
    with_examples = [spec for spec in of_python if ">>> " in Path(str(spec.origin)).read_text("utf-8")]
    ran = {spec.name: doctest.testmod(import_module(spec.name)) for spec in with_examples}
    assert {name: result.failed for name, result in ran.items() if result.failed} == {}
    assert ran and all(result.attempted for result in ran.values())


def test_the_version_is_the_distributions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert imagefit.__version__ == project["project"]["version"]


@pytest.fixture(scope="module")
def arrows() -> dict[str, set[str]]:
    return house.imports_of(house.modules_of(ENGINE))


def test_no_modules_import_each_other(arrows: dict[str, set[str]]) -> None:
    assert house.circles(arrows) == []


def test_every_module_has_a_layer_and_imports_from_lower_ones(arrows: dict[str, set[str]]) -> None:
    order = house.layers(ROOT)
    assert {house.room_of(name) for name in arrows} - {*order} == {"", "__main__"}
    assert house.running_back(arrows, order) == []


def test_what_other_modules_take_from_one_it_lists() -> None:
    assert house.unlisted(house.modules_of(ENGINE)) == []


def test_few_modules_stand_at_the_top_and_none_is_long() -> None:
    assert len(list(ENGINE.glob("*.py"))) <= 8
    long = {str(file.relative_to(ENGINE)): len(file.read_text("utf-8").splitlines()) for file in ENGINE.rglob("*.py")}
    assert {name: lines for name, lines in long.items() if lines > house.LONGEST} == {}


def test_every_module_says_what_it_is_for() -> None:
    assert [file for file in ENGINE.rglob("*.py") if not ast.get_docstring(ast.parse(file.read_text("utf-8")))] == []


def test_what_is_taken_and_not_listed_is_found(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text('__all__ = ["listed"]\nlisted = other = 1\n')
    (tmp_path / "two.py").write_text(f"from {tmp_path.name}.one import listed, other\n")
    assert house.unlisted(house.modules_of(tmp_path)) == [f"{tmp_path.name}.one.other"]


def test_circles_and_arrows_that_run_back_are_found() -> None:
    graph = {"p": set[str](), "p.low": {"p.high.b"}, "p.high.a": {"p.low", "p.high.b"}, "p.high.b": {"p.high.a"}}
    assert house.circles(graph) == [["p.high.a", "p.high.b", "p.low"]]
    assert house.running_back(graph, {"low": 0, "high": 1}) == [("p.low", "p.high.b")]
