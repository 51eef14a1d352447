"""What a pack's files may be, as files: plain data by YAML 1.2, and nothing that executes or explodes."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
import yaml

from imagefit import PackError
from imagefit.api.packs import shipped_packs
from imagefit.errors import Problem
from imagefit.rulepack import yamlfile
from imagefit.rulepack.yamlfile import MAX_BYTES, MAX_DEPTH, MAX_NODES, YamlFile, as_written, read_yaml
from packfiles import PLUGS, place_of, problems_of, write_pack


def read(folder: Path, content: str | bytes) -> YamlFile:
    path = folder / "some.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_yaml(path, "some.yaml")


def refusal(folder: Path, content: str | bytes) -> Problem:
    with pytest.raises(PackError) as caught:
        read(folder, content)
    (problem,) = caught.value.problems
    assert problem.file == "some.yaml"
    return problem


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def any_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML was built without libyaml, its own parser is used; it must refuse the same."""
    monkeypatch.setattr(yamlfile, "_LOADER", getattr(yaml, request.param))


# -- scalars: YAML 1.2's core schema -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["no", "on", "yes", "off", "y", "n", "No", "ON", "1_000", "0o17", "0x1F", "0b1", "12:30:45", "2026-01-31",
             "tRUE", "nULL", ".inf", "-.Inf", ".nan", ".", "-", "+", "1.2.3", "--1", "1e", "e5", "=", "<", "١٢"]
)  # fmt: skip
def test_a_plain_scalar_that_yaml_1_2_leaves_text_is_text(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, f"[{text}]").data == [text]


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("", None),
        ("0", 0),
        ("-17", -17),
        ("+3", 3),
        ("017", 17),  # YAML 1.1 would say 15
        ("9223372036854775808", 2**63),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1.5E-2", -0.015),
        ("1.0", 1.0),
    ],
)
def test_a_plain_scalar_is_read_by_the_core_schema(tmp_path: Path, text: str, value: object) -> None:
    data = read(tmp_path, f"key: {text}\n").data
    assert data == {"key": value}
    assert type(data["key"]) is type(value)


@pytest.mark.parametrize("text", ["'true'", '"17"', "'~'", '""', "|-\n  null", ">-\n  1.5", "'a\n\n  b'"])
def test_quoted_and_block_scalars_are_text(tmp_path: Path, text: str) -> None:
    assert isinstance(read(tmp_path, f"key: {text}\n").data["key"], str)


def test_the_keys_of_a_mapping_are_text_whatever_they_look_like(tmp_path: Path) -> None:
    assert read(tmp_path, "{1: a, true: b, ~: c}").data == {"1": "a", "true": "b", "~": "c"}


def test_a_number_too_long_to_be_one_is_text(tmp_path: Path) -> None:
    assert read(tmp_path, "[" + "9" * 5000 + "]").data == ["9" * 5000]


# -- positions -----------------------------------------------------------------------------------------


def test_each_node_has_the_position_of_its_value_and_of_its_key(tmp_path: Path) -> None:
    file = read(tmp_path, "# a comment\nouter:\n  - inner: {ü: [x, 'y']}\n")
    assert file.data == {"outer": [{"inner": {"ü": ["x", "y"]}}]}
    at = file.position
    assert str(at(("outer",), of_key=True)) == "some.yaml:2:1"
    assert str(at(("outer",))) == "some.yaml:3:3"
    assert str(at(("outer", 0, "inner"), of_key=True)) == "some.yaml:3:5"
    assert str(at(("outer", 0, "inner", "ü", 1))) == "some.yaml:3:20"


def test_what_has_no_position_has_that_of_the_nearest_node_around_it(tmp_path: Path) -> None:
    file = read(tmp_path, "outer:\n  - inner: 1\n")
    assert str(file.position(("outer", 0, "missing", 3), of_key=True)) == "some.yaml:2:5"
    assert str(file.position(("nothing",))) == "some.yaml:1:1"


# -- refusals --------------------------------------------------------------------------------------------

ANCHORS = "anchors and aliases are not allowed in a pack"
TAGS = "tags are not allowed in a pack"
DEEP = f"nested more than {MAX_DEPTH} levels deep"


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize(
    ("content", "message", "place"),
    [
        ("a: &x [1]\nb: *x\n", ANCHORS, (1, 4)),
        ("a: [1]\nb: *x\n", ANCHORS, (2, 4)),
        ("&x a: 1\n", ANCHORS, (1, 1)),
        ("base: &base {a: 1}\nmore: {<<: *base}\n", ANCHORS, (1, 7)),
        ("more: {<<: *base}\n", ANCHORS, (1, 12)),
        ("*x : 1\n", "a key must be text", (1, 1)),
        ("a: !!python/object/apply:os.system ['touch /tmp/owned']\n", TAGS, (1, 4)),
        ("!!python/name:os.system ''\n", TAGS, (1, 1)),
        ("a: !!binary aGk=\n", TAGS, (1, 4)),
        ("a: !!str 5\n", TAGS, (1, 4)),
        ("a: !!set {x, y}\n", TAGS, (1, 4)),
        ("a: !!omap [x: 1]\n", TAGS, (1, 4)),
        ("a: !own value\n", TAGS, (1, 4)),
        ("a: ! value\n", TAGS, (1, 4)),
        ("- !!map {}\n", TAGS, (1, 3)),
        ("!!str a: 1\n", TAGS, (1, 1)),
        ("%TAG ! tag:x,2026:\n---\na: !x 1\n", TAGS, (3, 4)),
        ("? [a, b]\n: 1\n", "a key must be text", (1, 3)),
        ("? {a: b}\n: 1\n", "a key must be text", (1, 3)),
        ("a: 1\n---\nb: 2\n", "more than one YAML document", (2, 1)),
        ("a: 1\n...\n---\nb: 2\n", "more than one YAML document", (3, 1)),
        ("", "the file is empty", (0, 0)),
        ("\ufeff", "the file is empty", (0, 0)),
        ("# only a comment\n", "the file is empty", (0, 0)),
    ],
)
def test_what_is_more_than_plain_data_is_refused_where_it_stands(
    tmp_path: Path, content: str, message: str, place: tuple[int, int]
) -> None:
    problem = refusal(tmp_path, content)
    assert (problem.message, (problem.line, problem.column)) == (message, place)


def test_a_merge_key_merges_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "a: {<<: {x: 1}}").data == {"a": {"<<": {"x": 1}}}


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize(
    "content",
    ["a: [1\n", "a: {b\n", "a: b: c\n", "\ta: 1\n", "a: 'open\n", "- a\nb: 1\n", "a: @x\n", "%YAML 9.9\n", "a: %\n",
     "a: \x00\n", "a: \x07\n"],
)  # fmt: skip
def test_what_is_no_yaml_is_refused_with_its_place(tmp_path: Path, content: str) -> None:
    problem = refusal(tmp_path, content)
    assert problem.message.startswith("not YAML: ")
    assert problem.line is not None and problem.column is not None
    assert "\n" not in str(problem)


def test_a_syntax_error_stands_where_the_parser_gave_up(tmp_path: Path) -> None:
    problem = refusal(tmp_path, "a: 1\nb: [1, 2\nc: 3\n")
    assert (problem.line, problem.column) == (3, 2)


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize("content", ["a: 1\na: 2\n", "{a: 1, 'a': 2}", "b: {a: 1}\na: 1\n? a\n: 2\n"])
def test_a_duplicate_key_is_a_problem_and_the_rest_is_read(tmp_path: Path, content: str) -> None:
    file = read(tmp_path, content)
    (problem,) = file.problems
    assert (problem.message, problem.found) == ("duplicate key", "'a'")


def test_every_duplicate_key_is_named_with_its_place(tmp_path: Path) -> None:
    file = read(tmp_path, "a: {x: 1, x: 2}\nb:\n  c: 1\n  d: 1\n  c: 3\na: 4\n")
    assert [(p.line, p.column, p.found) for p in file.problems] == [(1, 11, "'x'"), (5, 3, "'c'"), (6, 1, "'a'")]


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 1_000, 100_000])
@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? ", "[[{b: ["])
def test_absurd_nesting_is_refused(tmp_path: Path, unit: str, depth: int) -> None:
    problem = refusal(tmp_path, unit * depth)
    assert problem.message in (DEEP, "a key must be text", "not YAML: exceeded maximum nesting depth")


def test_nesting_by_indentation_is_refused_too(tmp_path: Path) -> None:
    content = "".join(f"{' ' * level}a:\n" for level in range(1_000))
    assert refusal(tmp_path, content).message == DEEP


def test_nesting_up_to_the_limit_is_read(tmp_path: Path) -> None:
    data = read(tmp_path, "[" * MAX_DEPTH + "]" * MAX_DEPTH).data
    for _ in range(MAX_DEPTH - 1):
        (data,) = data
    assert data == []


@pytest.mark.usefixtures("any_parser")
def test_a_billion_laughs_cost_no_memory(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert refusal(tmp_path, "\n".join(lines)).message == ANCHORS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    problem = refusal(tmp_path, b"# " + b"x" * MAX_BYTES)
    assert (problem.message, problem.expected) == ("the file is too large", "at most 2,000,000 bytes")


def test_a_file_of_just_the_limit_is_read(tmp_path: Path) -> None:
    content = b"a: 1\n#"
    assert read(tmp_path, content + b"x" * (MAX_BYTES - len(content))).data == {"a": 1}


def test_more_nodes_than_the_limit_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[" + "a," * MAX_NODES + "]").message == "more than 200,000 nodes"


@pytest.mark.parametrize(
    ("content", "place", "byte"),
    [(b"\xff", (1, 1), "0xff"), (b"a: 1\nb: \xe9t\xe9\n", (2, 4), "0xe9"), ("a: ä".encode("utf-16"), (1, 1), "0xff")],
)
def test_a_file_that_is_not_utf_8_is_refused_with_its_place(
    tmp_path: Path, content: bytes, place: tuple[int, int], byte: str
) -> None:
    problem = refusal(tmp_path, content)
    assert (problem.message, problem.found) == ("not UTF-8", f"byte {byte}")
    assert (problem.line, problem.column) == place


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    file = read(tmp_path, "\ufeffname: x\n")
    assert file.data == {"name": "x"}
    assert str(file.position(("name",), of_key=True)) == "some.yaml:1:1"


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_lines_may_end_as_on_any_system(tmp_path: Path, ending: str) -> None:
    file = read(tmp_path, f"a: 1{ending}b: 2{ending}")
    assert file.data == {"a": 1, "b": 2}
    assert file.position(("b",), of_key=True).line == 2


def test_a_folder_and_a_missing_file_are_no_files(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(PackError, match=r"^x\.yaml: can't be read: (Is a directory|No such file)"):
            read_yaml(path, "x.yaml")


def test_a_pack_reports_an_unreadable_file_beside_the_mistakes_of_the_others(tmp_path: Path) -> None:
    files = {**PLUGS, "safety.yaml": b"\xff", "fit.yaml": PLUGS["fit.yaml"].replace("basis: observed", "basis: seen")}
    problems = problems_of(tmp_path, files)
    assert [(p.file, p.message) for p in problems] == [("fit.yaml", "wrong `basis`"), ("safety.yaml", "not UTF-8")]


def test_a_duplicate_key_hides_no_other_mistake_of_its_file(tmp_path: Path) -> None:
    text = PLUGS["fit.yaml"].replace("tags: [mechanics]", "tags: [mechanics]\n  tags: []")
    text = text.replace("basis: observed", "basis: seen")
    problems = problems_of(tmp_path, {**PLUGS, "fit.yaml": text})
    assert [(p.line, p.column) for p in problems] == [place_of(text, "tags: []"), place_of(text, "seen")]


def test_nothing_of_a_pack_is_executed(tmp_path: Path) -> None:
    owned = tmp_path / "owned"
    bomb = f"!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{owned}']]"
    for name in PLUGS:
        problems = problems_of(write_pack(tmp_path / name.removesuffix(".yaml"), PLUGS), {name: bomb})
        assert [(p.file, p.message) for p in problems] == [(name, TAGS)]
    assert not owned.exists()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("a 'b'", "\"a 'b'\""),
        ("x" * 100, "'" + "x" * 78 + "…"),
        ("\x1b[31m", r"'\x1b[31m'"),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        ({"a": [1, "ü"]}, '{"a": [1, "ü"]}'),
        (["\u202e"], r'["\u202e"]'),
        (float("inf"), "a number that is too large"),
    ],
)
def test_a_message_shows_data_as_it_is_written(data: object, text: str) -> None:
    assert as_written(data) == text


@pytest.mark.slow
def test_the_packs_that_ship_are_read_without_the_c_library_too(monkeypatch: pytest.MonkeyPatch) -> None:
    files = sorted({file for folder in shipped_packs().values() for file in folder.rglob("*.yaml")})
    expected = [read_yaml(file, file.name) for file in files]
    assert len(files) > 30
    monkeypatch.setattr(yamlfile, "_LOADER", yaml.SafeLoader)  # it is stricter about what needs quotes
    assert [read_yaml(file, file.name) for file in files] == expected


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!mine", "!!str"])
def test_the_refusal_of_a_tag_names_it(tmp_path: Path, tag: str) -> None:
    assert refusal(tmp_path, f"key: {tag} [x]\n").found == f"'{tag}'"
