"""What is wrong with a pack is said once, where it stands: found, expected, and the nearest right name.

Each case changes one text of the small pack `plugs`; a `^` in the new text marks the place that the one
problem must name (and is taken out).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from imagefit import ImagefitWarning, load_pack
from imagefit.analysis.examples import check_examples
from imagefit.api.packs import load_unproven_pack
from imagefit.rulepack.models import FieldModel, PackModel, WordsModel
from packfiles import PLUGS, PLUGS_FOLDER, edited, place_of, problems_of, write_pack

HEAVY = "condition: {appliance.watts: {at_least: 1000}}"
PLUG_TYPE = "appliance.plug: {type: enum, values: [type_c, type_f, type_g]"
MARK_VALUES = "appliance.marks: {type: set, values: [ce, ukca, vde]"
WATTS = "appliance.watts: {type: integer, unit: W"
SHAPE = "socket.shape: {type: enum, values: [type_c, type_f, type_g]"
MARKS = "appliance.marks: {type: set, values: [ce, ukca, vde], "
INCLUDES = PLUGS["pack.yaml"].partition("includes:")[2]
PASSES = "{facts: {appliance.plug: type_c, socket.shape: type_c}, outcome: pass}"
REQUIRE = "  require:\n    appliance.plug: {same_as: socket.shape}\n"
OPERATIONS = "operations: [plug_in]\n  require"
OPERATORS = "equals, not, in, not_in, same_as, at_least, below, above, at_most, contains, contains_any, contains_all"
RULE_KEYS = (
    "basis, contradicts, description, error_codes, examples, id, message, operations, remedies, require, see_also, "
    "severity, source, tags, title, was, when"
)
TEXT = "expected text (a number or a date needs quotes)"
CONDITION = "expected facts, `all`, `any`, `not` or `is`"
SHAPES = "expected one of type_c, type_f, type_g"
TYPES = "expected 'enum', 'boolean', 'integer', 'number', 'string' or 'set'"
NAME = "expected small letters, digits, '.', '_' and '-'"
EFFECTS = "expected a value, {same_as: FACT}, {add: ...} or {unknown: true}"
FIELD_KEYS, PACK_KEYS, WORDS_KEYS = (
    ", ".join(sorted(model.model_fields)) for model in (FieldModel, PackModel, WordsModel)
)


def check_one_problem(folder: Path, file: str, old: str, new: str, says: str) -> None:
    assert new.count("^") == 1
    says = says.replace("one of {}", f"one of {PACK_KEYS if file == 'pack.yaml' else WORDS_KEYS}")
    marked = edited(file, old, new)
    line, column = place_of(marked[file], "^")
    problems = problems_of(folder, {**marked, file: marked[file].replace("^", "")})
    assert list(map(str, problems)) == [f"{file}:{line}:{column}: {says}"]


# fmt: off
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version: 0.3.0", "version: ^0.3", f"wrong `version`: 0.3; {TEXT}"),
        ("version: 0.3.0", "version: ^one", "wrong `version`: 'one'; expected a version such as 1.0.0"),
        ("version: 0.3.0", "^versoin: 0.3.0",
         "unknown key: 'versoin'; expected one of {}; did you mean 'version'?"),
        ("name: plugs\nversion: 0.3.0", "^name: plugs", "`version` is missing"),
        ("title: Which", "title: ^''  # ", "wrong `title`: ''; expected text that is not empty"),
        ("name: plugs", "name: ^Plugs and more", f"wrong `name`: 'Plugs and more'; {NAME}"),
        ("- vocabulary.yaml", "- ^7", f"wrong element of `includes`: 7; {TEXT}"),
        ("- vocabulary.yaml", "- ^vocabulary.yml", "no such file: 'vocabulary.yml'; did you mean 'vocabulary.yaml'?"),
        ("- vocabulary.yaml", "- ^xyz", "no such file: 'xyz'"),
        (INCLUDES, " ^plugs\n", "wrong `includes`: 'plugs'; expected a list"),
        (INCLUDES, " ^[]\n", "wrong `includes`: []; expected at least one element"),
    ],
)
def test_a_mistake_in_pack_yaml(tmp_path: Path, old: str, new: str, says: str) -> None:
    check_one_problem(tmp_path, "pack.yaml", old, new, says)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # the shape of a field
        ("type: string, meaning: who", "type: ^text, meaning: who", f"wrong `type`: 'text'; {TYPES}"),
        ("type: string, meaning: who", "type: ^strin, meaning: who",
         f"wrong `type`: 'strin'; {TYPES}; did you mean 'string'?"),
        ("type: string, meaning: who", "type: ^[string], meaning: who", f'wrong `type`: ["string"]; {TYPES}'),
        ("{type: string, meaning: who", "^{meaning: who", "`type` is missing"),
        ("{type: string, meaning: who made it", "^{type: string", "`meaning` is missing"),
        ("{type: string, meaning: who made it, example: Braun}", "^{type: string, meaning: who made it}",
         "`example` is missing"),
        ("{type: string, meaning: who made it, example: Braun}", "^string",
         "wrong `appliance.maker`: 'string'; expected a mapping"),
        ("type: boolean, meaning: whether its", "type: boolean, ^units: W, meaning: whether its",
         f"unknown key: 'units'; expected one of {FIELD_KEYS}; did you mean 'unit'?"),
        ("  appliance.maker:", "  ^Appliance.Maker:",
         "not a name: 'Appliance.Maker'; expected small letters, digits and _, in parts that are joined by dots, "
         "such as box.max_weight_kg"),
        ("  appliance.maker:", "  ^any:", "a fact can't have this name: any"),
        # its values
        (MARKS, "appliance.marks: {type: set, values: [ce, ukca, ^ukca, vde], ", "a value stands twice: ukca"),
        (PLUG_TYPE, "appliance.plug: ^{type: enum, values: []",
         "the enum appliance.plug has no values; expected values: [...]"),
        (PLUG_TYPE, "appliance.plug: ^{type: enum", "the enum appliance.plug has no values; expected values: [...]"),
        (PLUG_TYPE, "appliance.plug: {type: enum, values: ^type_c", "wrong `values`: 'type_c'; expected a list"),
        (PLUG_TYPE, "appliance.plug: {type: enum, values: [type_c, ^1]", f"wrong element of `values`: 1; {TEXT}"),
        (PLUG_TYPE, "appliance.plug: {type: enum, values: [type_c, ^true]", f"wrong element of `values`: true; {TEXT}"),
        (MARK_VALUES, f"{MARK_VALUES[:-1]}, ^a;b]", "a value has a ';' or spaces around it: 'a;b'"),
        (MARK_VALUES, f"{MARK_VALUES[:-1]}, ^' a']", "a value has a ';' or spaces around it: ' a'"),
        (SHAPE, f"{SHAPE[:-1]}, ^'']", "wrong element of `values`: ''; expected text that is not empty"),
        ("type: string, meaning: who", "type: string, unit: ^W, meaning: who", "a string has no unit: W"),
        # the least that it can be
        ("type: string, meaning: who", "type: string, at_least: ^0, meaning: who", "a string has no size: 0"),
        (PLUG_TYPE, f"{PLUG_TYPE}, at_least: ^1", "an enum has no size: 1"),
        (WATTS, f"{WATTS}, at_least: ^'0'", "wrong `at_least`: '0'; expected a number"),
        (WATTS, f"{WATTS}, at_least: ^true", "wrong `at_least`: true; expected a number"),
        (WATTS, f"{WATTS}, at_least: ^0.5", "not a value of appliance.watts: 0.5; expected a whole number of W"),
        ("unit: V, meaning: what it is", "unit: V, at_least: ^1e999, meaning: what it is",
         "not a value of appliance.volts: a number that is too large; expected a number of V"),
        ("example: 230.5", "example: ^-0.5, at_least: 0",
         "not a value of appliance.volts: -0.5; expected a number of V, at least 0"),
        ("type: string, meaning: who", "type: string, values: ^[Braun], meaning: who",
         "a string has no list of values; expected an enum or a set"),
        # where it may stand unused
        ("example: 230.5", "example: 230.5, carried: ^false",
         "wrong `carried`: false; expected true, or a list"),
        ("example: type_c}", "example: type_c, carried: [type_c, ^type_x]}",
         "not a value of appliance.plug: 'type_x'; expected one of type_c, type_f, type_g; did you mean 'type_g'?"),
        # its example
        ("example: Braun", "example: ^7", "not a value of appliance.maker: 7; expected text, in quotes"),
        ("example: Braun", "example: ^''", "not a value of appliance.maker: ''; expected text"),
        ("example: Braun", "example: ^~", "not a value of appliance.maker: null; expected text"),
        ("example: 800", "example: ^lots", "not a value of appliance.watts: 'lots'; expected a whole number of W"),
        ("example: 800", "example: ^'800'", "not a value of appliance.watts: '800'; expected a whole number of W"),
        ("example: 800", "example: ^true", "not a value of appliance.watts: true; expected a whole number of W"),
        ("example: 800", "example: ^9223372036854775808",
         "not a value of appliance.watts: 9223372036854775808; expected a whole number of W"),
        ("example: 230.5", "example: ^.inf", "not a value of appliance.volts: '.inf'; expected a number of V"),
        ("example: 230.5", "example: ^1e999",
         "not a value of appliance.volts: a number that is too large; expected a number of V"),
        ("example: [ce, vde]", "example: [ce, ^vd]",
         "not a value of appliance.marks: 'vd'; expected one of ce, ukca, vde; did you mean 'vde'?"),
        ("example: [ce, vde]", "example: ^ce;vde",
         "not a value of appliance.marks: 'ce;vde'; expected a list of ce, ukca, vde"),
        ("example: [de, fr]", "example: ^de", "not a value of appliance.sold_in: 'de'; expected a list of texts"),
        ("example: [de, fr]", "example: [de, ^49]", "not a value of appliance.sold_in: 49; expected text, in quotes"),
        ("example: type_c", "example: ^typ_c",
         f"not a value of appliance.plug: 'typ_c'; {SHAPES}; did you mean 'type_c'?"),
        # operations and named conditions
        ("operations:", "^operation:",
         "unknown key: 'operation'; expected one of {}; "
         "did you mean 'operations'?"),
        ("title: plug the appliance", "^titel: plug the appliance",
         "unknown key: 'titel'; expected one of meaning, title; did you mean 'title'?"),
        ("  plug_in: {", "  ^Plug in: {", f"not a name: 'Plug in'; {NAME}"),
        ("  sell: {title: sell the appliance where the socket is}", "  sell: ^~",
         "wrong `sell`: null; expected a mapping"),
        (f"is_heavy: {{meaning: draws much, {HEAVY}}}", "is_heavy: ^{meaning: draws much}", "`condition` is missing"),
    ],
)
def test_a_mistake_in_the_vocabulary(tmp_path: Path, old: str, new: str, says: str) -> None:
    check_one_problem(tmp_path, "vocabulary.yaml", old, new, says)


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        # the structure
        ("^{}", f"an empty condition; {CONDITION}"),
        ("^~", f"a condition is a mapping: null; {CONDITION}"),
        ("^[appliance.watts: 1]", f'a condition is a mapping: [{{"appliance.watts": 1}}]; {CONDITION}'),
        ("^needs_earth", f"a condition is a mapping: 'needs_earth'; {CONDITION}; did you mean 'is: needs_earth'?"),
        ("{all: ^[]}", "`all` takes a list of conditions: []"),
        ("{any: ^{appliance.watts: 1}}", '`any` takes a list of conditions: {"appliance.watts": 1}'),
        ("{any: [{appliance.watts: 1}, ^{}]}", f"an empty condition; {CONDITION}"),
        ("{not: ^[{appliance.watts: 4}]}", f'a condition is a mapping: [{{"appliance.watts": 4}}]; {CONDITION}'),
        ("{not: ^{}}", f"an empty condition; {CONDITION}"),
        ("{^al: [{appliance.watts: 1}]}", "unknown fact: 'al'; did you mean 'all'?"),
        ("{is: ^needs_earht}", "unknown named condition: 'needs_earht'; did you mean 'needs_earth'?"),
        ("{is: ^[needs_earth]}", 'not the name of a condition: ["needs_earth"]'),
        ("{is: ^is_heavy}", "cyclic named conditions: is_heavy -> is_heavy"),
        # names
        ("{^appliance.wats: 1}", "unknown fact: 'appliance.wats'; did you mean 'appliance.watts'?"),
        ("{^nothing.like.it: 1}", "unknown fact: 'nothing.like.it'"),
        ("{appliance.watts: {^atleast: 1}}",
         f"unknown operator: atleast; expected one of {OPERATORS}; did you mean 'at_least'?"),
        ("{appliance.marks: {^not_contains: ce}}",
         "unknown operator: not_contains; expected not: {appliance.marks: {contains: ...}}"),
        ("{is: ^xxxxxxx}", "unknown named condition: 'xxxxxxx'; expected one of is_heavy, needs_earth"),
        ("{appliance.watts: ^{}}", f"an empty comparison; expected an operator: {OPERATORS}"),
        ("{appliance.watts: {^field: socket.watts}}",
         f"unknown operator: field; expected one of {OPERATORS}"),
        ("{appliance.watts: {same_as: ^socket.wats}}", "unknown fact: 'socket.wats'; did you mean 'socket.watts'?"),
        ("{appliance.watts: {same_as: ^[socket.watts]}}", 'not a fact\'s name: ["socket.watts"]'),
        ("{appliance.watts: {same_as: ^appliance.watts}}",
         "compared with itself: appliance.watts; expected another fact"),
        ("{appliance.watts: {above: ^{fild: socket.watts}}}",
         'not an operand: {"fild": "socket.watts"}; expected a value, or {field: FACT}'),
        ("{appliance.watts: {above: {field: ^socket.wats}}}",
         "unknown fact: 'socket.wats'; did you mean 'socket.watts'?"),
        # operators and types
        ("{appliance.plug: {^at_least: type_c}}",
         "only an integer or a number has a size: `at_least` on appliance.plug, an enum"),
        ("{appliance.maker: {^below: a}}",
         "only an integer or a number has a size: `below` on appliance.maker, a string"),
        ("{appliance.earthed: {^above: false}}",
         "only an integer or a number has a size: `above` on appliance.earthed, a boolean"),
        ("{appliance.plug: {^contains: type_c}}", "only a set contains something: `contains` on appliance.plug, an enum"),  # noqa: E501
        ("{appliance.watts: {^contains_any: [1]}}",
         "only a set contains something: `contains_any` on appliance.watts, an integer"),
        ("{^appliance.marks: ce}",
         "a set is compared with contains, contains_any, contains_all: `equals` on appliance.marks, a set"),
        ("{^appliance.marks: [ce]}",
         "a set is compared with contains, contains_any, contains_all: `in` on appliance.marks, a set"),
        ("{appliance.marks: {^same_as: socket.marks}}",
         "a set is compared with contains, contains_any, contains_all: `same_as` on appliance.marks, a set"),
        # operands that are facts
        ("{appliance.watts: {above: {field: ^socket.volts}}}",
         "can't be compared with appliance.watts: socket.volts, a number; expected an integer"),
        ("{appliance.plug: {same_as: ^socket.watts}}",
         "can't be compared with appliance.plug: socket.watts, an integer; expected an enum or a string"),
        ("{appliance.marks: {contains: {field: ^socket.watts}}}",
         "can't be compared with appliance.marks: socket.watts, an integer; expected an enum or a string"),
        ("{appliance.marks: {contains_any: {field: ^socket.country}}}",
         "can't be compared with appliance.marks: socket.country, a string; expected a set"),
        ("{appliance.plug: {in: ^{field: socket.shape}}}",
         'not an operand for appliance.plug: {"field": "socket.shape"}; expected a list'),
        # operands that are values
        ("{appliance.watts: ^[]}", "an empty list; expected at least one value"),
        ("{appliance.watts: ^~}", "not a value of appliance.watts: null; expected a whole number of W"),
        ("{appliance.watts: ^two}", "not a value of appliance.watts: 'two'; expected a whole number of W"),
        ("{appliance.watts: [1, ^2.5]}", "not a value of appliance.watts: 2.5; expected a whole number of W"),
        ("{appliance.watts: ^1e400}",
         "not a value of appliance.watts: a number that is too large; expected a whole number of W"),
        ("{appliance.watts: {above: ^[1, 2]}}", "not an operand for appliance.watts: [1, 2]; expected one value"),
        ("{appliance.watts: {above: ^true}}", "not a value of appliance.watts: true; expected a whole number of W"),
        ("{appliance.earthed: ^yes}", "not a value of appliance.earthed: 'yes'; expected true or false"),
        ("{appliance.earthed: ^1}", "not a value of appliance.earthed: 1; expected true or false"),
        ("{appliance.maker: ^1}", "not a value of appliance.maker: 1; expected text, in quotes"),
        ("{appliance.plug: ^true}", f"not a value of appliance.plug: true; {SHAPES}"),
        ("{appliance.plug: ^Type_C}", f"not a value of appliance.plug: 'Type_C'; {SHAPES}; did you mean 'type_c'?"),
        ("{appliance.plug: [type_c, ^type_ff]}",
         f"not a value of appliance.plug: 'type_ff'; {SHAPES}; did you mean 'type_f'?"),
        ("{appliance.plug: {not_in: ^type_c}}", "not an operand for appliance.plug: 'type_c'; expected a list"),
        ("{appliance.plug: {not: [type_c, ^xyz]}}", f"not a value of appliance.plug: 'xyz'; {SHAPES}"),
        ("{appliance.marks: {contains: ^[ce]}}", 'not an operand for appliance.marks: ["ce"]; expected one value'),
        ("{appliance.marks: {contains: ^xx}}", "not a value of appliance.marks: 'xx'; expected one of ce, ukca, vde"),
        ("{appliance.marks: {contains_any: ^ce}}", "not an operand for appliance.marks: 'ce'; expected a list"),
        ("{appliance.marks: {contains_all: ^[]}}", "an empty list; expected at least one value"),
        ("{appliance.marks: {contains_all: [ce, ^cee]}}",
         "not a value of appliance.marks: 'cee'; expected one of ce, ukca, vde; did you mean 'ce'?"),
        ("{appliance.sold_in: {contains: ^49}}", "not a value of appliance.sold_in: 49; expected text, in quotes"),
    ],
)
def test_a_mistake_in_a_condition(tmp_path: Path, condition: str, says: str) -> None:
    check_one_problem(tmp_path, "vocabulary.yaml", HEAVY, f"condition: {condition}", says)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("id: fit.shape", "id: ^shape",
         "wrong `id`: 'shape'; expected the file's name, a dot, and small letters, digits, '_' and '-'"),
        ("id: fit.shape", "id: ^safety.shape",
         "a rule's id begins with its file's name: safety.shape; expected fit.…"),
        ("id: fit.power", "id: ^fit.shape", "a rule with this id exists: fit.shape; expected one; the first is at "
         "fit.yaml:1:3"),
        ("id: fit.shape", "id: ^7", f"wrong `id`: 7; {TEXT}"),
        ("- id: fit.shape\n  title", "- ^title", "`id` is missing"),
        ("  title: a plug fits", "  ^titel: a plug fits",
         f"unknown key: 'titel'; expected one of {RULE_KEYS}; did you mean 'title'?"),
        ("title: a plug fits sockets of its own shape", "title: ^''",
         "wrong `title`: ''; expected text that is not empty"),
        (OPERATIONS, "operations: [^plug_on]\n  require", "unknown operation: 'plug_on'; did you mean 'plug_in'?"),
        (OPERATIONS, "operations: [^xxxxxxx]\n  require",
         "unknown operation: 'xxxxxxx'; expected one of plug_in, sell"),
        (OPERATIONS, "operations: [^all]\n  require",
         "unknown operation: 'all'; expected `operations: all`, without brackets, or names"),
        (OPERATIONS, "operations: ^al\n  require",
         "wrong `operations`: 'al'; expected 'all', or a list; did you mean 'all'?"),
        (OPERATIONS, "operations: ^[]\n  require", "wrong `operations`: []; expected 'all', or at least one element"),
        (OPERATIONS, "operations: [plug_in, ^plug_in]\n  require", "the operation stands twice: plug_in"),
        (OPERATIONS, "operations: [^7]\n  require", f"wrong element of `operations`: 7; {TEXT}"),
        ("- id: fit.shape", "- ^id: fit.shape", "a rule of severity error needs a `require`"),
        (REQUIRE, "  require: ^~\n", f"a condition is a mapping: null; {CONDITION}"),
        ("severity: warning", "severity: ^warn",
         "wrong `severity`: 'warn'; expected 'error', 'warning' or 'notice'; did you mean 'warning'?"),
        ("severity: warning", "severity: ^[warning]",
         "wrong `severity`: [\"warning\"]; expected 'error', 'warning' or 'notice'"),
        ("basis: observed", "basis: ^seen", "wrong `basis`: 'seen'; expected 'documented', 'observed' or 'inferred'"),
        ("message: \"a {appliance.plug} plug", "message: ^\"a {appliance.plugs} plug",
         "unknown placeholder: {appliance.plugs}; expected a fact that the rule looks at; "
         "did you mean 'appliance.plug'?"),
        ("message: \"a {appliance.plug} plug", "message: ^\"a {appliance.watts} plug",
         "unknown placeholder: {appliance.watts}; expected a fact that the rule looks at; "
         "did you mean 'appliance.plug'?"),
        ("message: \"a {appliance.plug} plug", "message: ^\"a {{appliance.plug}} plug",
         "a lone brace; expected {fact} and nothing else in braces"),
        ("message: \"a {appliance.plug} plug", "message: ^\"a { plug",
         "a lone brace; expected {fact} and nothing else in braces"),
        ("message: \"a {appliance.plug} plug", "message: ^\"a {} plug",
         "unknown placeholder: {}; expected a fact that the rule looks at"),
        ("remedies: [use-adapter]", "remedies: [^use-adaptor]",
         "unknown remedy: 'use-adaptor'; did you mean 'use-adapter'?"),
        ("remedies: [use-adapter]", "remedies: [use-adapter, ^use-adapter]", "the remedy stands twice: use-adapter"),
        ("remedies: [use-adapter]", "remedies: ^use-adapter", "wrong `remedies`: 'use-adapter'; expected a list"),
        ("document: handbook, section: Shapes", "document: ^handbok",
         "unknown source: 'handbok'; did you mean 'handbook'?"),
        ("{document: handbook, section: Shapes}", "^{section: Shapes}", "fit.shape: source.document is missing"),
        ("{document: handbook, section: Shapes}", "^handbook", "wrong `source`: 'handbook'; expected a mapping"),
        ("section: Shapes", "section: ^7", f"wrong `section`: 7; {TEXT}"),
        ("section: Shapes", "^sections: Shapes",
         "unknown key: 'sections'; expected one of document, section; did you mean 'section'?"),
        ("- {document: law", "- {document: ^lwa", "unknown source: 'lwa'; did you mean 'law'?"),
        ("tags: [mechanics]", "tags: [^Mechanics & more]", f"wrong element of `tags`: 'Mechanics & more'; {NAME}"),
        ("error_codes: [P-17]", "error_codes: [^17]", f"wrong element of `error_codes`: 17; {TEXT}"),
        # examples
        (PASSES, "^7", "wrong element of `examples`: 7; expected a mapping"),
        (PASSES, "^{facts: {appliance.plug: type_c}}", "fit.shape: examples.0.outcome is missing"),
        (PASSES, "{facts: ^[appliance.plug], outcome: pass}",
         'wrong `facts`: ["appliance.plug"]; expected a mapping'),
        (PASSES, PASSES.replace("outcome: pass", "outcome: ^passes"),
         "wrong `outcome`: 'passes'; expected 'not_applicable', 'pass', 'fail' or 'unknown'; did you mean 'pass'?"),
        (PASSES, PASSES.replace("socket.shape", "^socket.shap"),
         "unknown fact: 'socket.shap'; did you mean 'socket.shape'?"),
        (PASSES, PASSES.replace("socket.shape: type_c", "^socket.watts: 7"),
         "the rule does not look at this fact: socket.watts; did you mean 'socket.shape'?"),
        (PASSES, PASSES.replace("socket.shape: type_c", "socket.shape: ^type_x"),
         f"not a value of socket.shape: 'type_x'; {SHAPES}; did you mean 'type_g'?"),
        ("{appliance.plug: type_g}, outcome", "{appliance.plug: type_g, socket.shape: type_g}, ^outcome",
         "the example's outcome is wrong for fit.shape: unknown; expected pass"),
    ],
)
def test_a_mistake_in_a_rule(tmp_path: Path, old: str, new: str, says: str) -> None:
    if "needs a `require`" in says:  # two places change: the marked one stays where it is
        files = edited("fit.yaml", REQUIRE, "")
        line, column = place_of(files["fit.yaml"], "id: fit.shape")
        assert list(map(str, problems_of(tmp_path, files))) == [f"fit.yaml:{line}:{column}: {says}"]
    else:
        check_one_problem(tmp_path, "fit.yaml", old, new, says)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    text: use an adapter from {appliance.plug}", "    text: ^use an adapter from {appliance.plugg}",
         "unknown placeholder: {appliance.plugg}; expected a fact of the pack; did you mean 'appliance.plug'?"),
        ("text: use", "^text: use", "`actor` is missing"),
        ("actor: user", "^actors: user",
         "unknown key: 'actors'; expected one of actor, chooses, cost, effects, instead, makes, operations, requires, "
         "text, through; did you mean 'actor'?"),
        ("cost: [handy]", "cost: [^hady]", "unknown cost: 'hady'; did you mean 'handy'?"),
        ("cost: [handy]", "cost: [handy, ^handy]", "it stands twice: 'handy'"),
        ("cost: [handy]", "chooses: ^sockets", "unknown choice: 'sockets'; did you mean 'socket'?"),
        ("cost: [handy]", "instead: ^plugin", "unknown operation: 'plugin'; did you mean 'plug_in'?"),
        ("{operation: plug_in, facts", "{operation: ^plugin, facts",
         "unknown operation: 'plugin'; did you mean 'plug_in'?"),
        ("{socket.earthed: true, ", "{^socket.earth: true, ",
         "unknown fact: 'socket.earth'; did you mean 'socket.earthed'?"),
        ("socket.volts, socket.earthed", "^socket.volt, socket.earthed",
         "unknown fact: 'socket.volt'; did you mean 'socket.volts'?"),
        ("by: doublings", "part: ^'[', by: doublings", "no pattern: '['; expected a regular expression"),
        ("by: doublings", "part: ^a, by: doublings", "only a text has parts: socket.watts, an integer"),
        ("weight: 3", "by: ^doublings", "only numbers differ by more or less: doublings; expected other"),
        ("{is: is_heavy}", "{is: ^is_hevy}", "unknown named condition: 'is_hevy'; did you mean 'is_heavy'?"),
        ("requires: {not: {is: is_heavy}}", "operations: [^plug_i]",
         "unknown operation: 'plug_i'; did you mean 'plug_in'?"),
        ("requires: {not: {is: is_heavy}}", "requires: ^~", f"a condition is a mapping: null; {CONDITION}"),
        ("same_as: socket.shape", "same_as: ^socket.shap",
         "unknown fact: 'socket.shap'; did you mean 'socket.shape'?"),
        ("same_as: socket.shape", "same_as: ^socket.watts",
         "can't be compared with appliance.plug: socket.watts, an integer; expected an enum or a string"),
        ("same_as: socket.shape", "same_as: ^socket.country",
         "no value of appliance.plug: socket.country, which may be any text; "
         "expected a fact that `requires` limits to type_c, type_f, type_g"),
        ("{same_as: socket.shape}", "^{same: socket.shape}", f'not an effect: {{"same": "socket.shape"}}; {EFFECTS}'),
        ("{same_as: socket.shape}", "^{}", f"not an effect: {{}}; {EFFECTS}"),
        ("add: {field: socket.marks}", "add: {field: ^socket.watts}",
         "can't be compared with appliance.marks: socket.watts, an integer; expected an enum or a string"),
        ("add: {field: socket.marks}", "add: ^{fields: socket.marks}",
         'not an addition: {"fields": "socket.marks"}; expected elements, or {field: FACT}'),
        ("add: {field: socket.marks}", "add: [ce, ^cee]",
         "not a value of appliance.marks: 'cee'; expected one of ce, ukca, vde; did you mean 'ce'?"),
        ("add: {field: socket.marks}", "add: ^7",
         "not a value of appliance.marks: 7; expected one of ce, ukca, vde"),
        ("unknown: true", "unknown: ^false", "not an effect: false; expected true"),
        ("appliance.earthed: true", "appliance.earthed: ^maybe",
         "not a value of appliance.earthed: 'maybe'; expected true or false"),
        ("appliance.earthed: true", "^appliance.earthd: true",
         "unknown fact: 'appliance.earthd'; did you mean 'appliance.earthed'?"),
        ("appliance.earthed: true", "appliance.earthed: {^add: true}",
         "only a set can be added to: appliance.earthed, a boolean"),
    ],
)
def test_a_mistake_in_a_remedy(tmp_path: Path, old: str, new: str, says: str) -> None:
    if "`actor` is missing" in says:
        files = edited("remedies.yaml", "    actor: user\n", "")
        line, column = place_of(files["remedies.yaml"], "text: use")
        assert list(map(str, problems_of(tmp_path, files))) == [f"remedies.yaml:{line}:{column}: {says}"]
    else:
        check_one_problem(tmp_path, "remedies.yaml", old, new, says)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("vocabulary.yaml", "{above: 2000}", "{above: ^-1}"),
        ("fit.yaml", "    appliance.watts: {above: 100}\n", "    appliance.watts: {not_in: [0, ^-1]}\n"),
        ("fit.yaml", "{facts: {appliance.watts: 50}", "{facts: {appliance.watts: ^-1}"),
        ("remedies.yaml", "appliance.earthed: true", "appliance.watts: ^-1"),
    ],
)
def test_no_number_of_a_pack_is_below_the_least_that_its_fact_can_be(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    files = edited(file, old, new, {**PLUGS, **edited("vocabulary.yaml", WATTS, f"{WATTS}, at_least: 0")})
    line, column = place_of(files[file], "^")
    says = f"{file}:{line}:{column}: not a value of appliance.watts: -1; expected a whole number of W, at least 0"
    assert [*map(str, problems_of(tmp_path, {**files, file: files[file].replace("^", "")}))] == [says]


@pytest.mark.parametrize(
    ("socket", "requires", "loads"),
    [
        ("at_least: 0, ", "{socket.earthed: true}", True),
        ("at_least: 5, ", "{socket.earthed: true}", True),
        ("", "{socket.earthed: true}", False),
        ("at_least: -1, ", "{socket.earthed: true}", False),
        ("", "{socket.watts: {at_least: 0}}", True),
        ("", "{socket.watts: {above: 0}, socket.earthed: true}", True),
        ("", "{socket.watts: [0, 16]}", True),
        ("", "{socket.watts: [-1, 16]}", False),
        ("", "{socket.watts: {at_least: -1}}", False),
        ("", "{socket.watts: {at_most: 16}}", False),
        ("", "{socket.watts: {not: 0}}", False),
        ("", "{any: [{socket.watts: {at_least: 0}}, {socket.earthed: true}]}", False),
    ],
)
def test_a_remedy_copies_a_number_only_where_it_is_not_below_the_least_of_the_other(
    tmp_path: Path, socket: str, requires: str, loads: bool
) -> None:
    words = edited("vocabulary.yaml", WATTS, f"{WATTS}, at_least: 0")
    kind = "socket.watts: {type: integer, "
    words = edited("vocabulary.yaml", kind, kind + socket, words)
    files = edited("remedies.yaml", "requires: {not: {is: is_heavy}}", f"requires: {requires}", words)
    effect = "effects: {appliance.plug: {same_as: socket.shape}}"
    write_pack(tmp_path, edited("remedies.yaml", effect, "effects: {appliance.watts: {same_as: socket.watts}}", files))
    if loads:
        load_pack(tmp_path)
    else:
        (problem,) = problems_of(tmp_path)
        assert (problem.message, problem.expected) == (
            "no value of appliance.watts",
            "a fact that `requires` limits to at least 0",
        )


@pytest.mark.parametrize(
    ("requires", "loads"),
    [
        ("{socket.country: [type_c, type_g]}", True),
        ("{socket.country: type_c}", True),
        ("{socket.country: [type_c, uk]}", False),
        ("{socket.country: {not: uk}}", False),
        ("{any: [{socket.country: type_c}, {is: is_heavy}]}", False),
    ],
)
def test_a_remedy_copies_a_fact_only_where_it_is_a_value_of_the_other(
    tmp_path: Path, requires: str, loads: bool
) -> None:
    files = edited("remedies.yaml", "requires: {not: {is: is_heavy}}", f"requires: {requires}")
    text = files["remedies.yaml"].replace("plug: {same_as: socket.shape}", "plug: {same_as: socket.country}")
    write_pack(tmp_path, {**files, "remedies.yaml": text})
    if loads:
        load_pack(tmp_path)
    else:
        (problem,) = problems_of(tmp_path)
        assert problem.message == "no value of appliance.plug"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('read: "2026-01-31"', "read: ^2026-1-31",
         "wrong `read`: '2026-1-31'; expected a day such as \"2026-01-31\""),
        ('read: "2026-01-31"', 'read: ^"2026-02-31"', "wrong `read`: '2026-02-31'; expected a day of the calendar"),
        ('read: "2026-01-31"', "read: ^20260131", f"wrong `read`: 20260131; {TEXT}"),
        ("{title: A handbook of plugs, ", "^{", "`title` is missing"),
        ("sources:", "^source:",
         "unknown key: 'source'; expected one of {}; "
         "did you mean 'sources'?"),
    ],
)
def test_a_mistake_in_a_source(tmp_path: Path, old: str, new: str, says: str) -> None:
    check_one_problem(tmp_path, "sources.yaml", old, new, says)
# fmt: on


# -- all problems at once ------------------------------------------------------------------------------


def test_all_problems_of_all_files_are_reported_at_once_in_the_order_of_their_places(tmp_path: Path) -> None:
    files = dict(PLUGS)
    for file, old, new in (
        ("pack.yaml", "version: 0.3.0", "version: ^one"),
        ("vocabulary.yaml", "type: string, meaning: who", "type: ^text, meaning: who"),
        ("vocabulary.yaml", HEAVY, "condition: {^appliance.wats: 1}"),
        ("remedies.yaml", "same_as: socket.shape", "same_as: ^socket.shap"),
        ("sources.yaml", "{title: A law on appliances, ", "^{"),
        ("fit.yaml", "severity: warning", "severity: ^warn"),
        ("safety.yaml", "{socket.earthed: true}\n", "{socket.earthed: ^yes}\n"),
        ("safety.yaml", "{facts: {appliance.marks: [vde]}, outcome: pass}",
         "{facts: {appliance.marks: [vde]}, ^outcome: not_applicable}"),
    ):  # fmt: skip
        files = edited(file, old, new, files)
    marks = {name: [place_of_mark(text, n) for n in range(text.count("^"))] for name, text in files.items()}
    problems = problems_of(tmp_path, {name: text.replace("^", "") for name, text in files.items()})
    expected = {(name, *place) for name, places in marks.items() for place in places}
    assert {(p.file, p.line, p.column) for p in problems} == expected
    assert [(p.file, p.line, p.column) for p in problems] == sorted((p.file, p.line, p.column) for p in problems)


def place_of_mark(text: str, number: int) -> tuple[int, int]:
    """The place of the nth `^` once all are taken out; each stands in a line of its own."""
    before = "^".join(text.split("^")[: number + 1])
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def test_a_rule_of_a_wrong_shape_still_has_the_words_in_it_checked(tmp_path: Path) -> None:
    rule = """
- id: wrong.everywhere
  titel: a key is misspelt
  operations: [sel]
  severity: wraning
  when: {appliance.plgu: type_f}
  require: {appliance.plug: type_h}
  message: "the {appliance.plgu} is wrong"
  remedies: [take-adpter]
  source: {document: standrad}
  see_also: [{document: standrad}]
  examples:
    - {facts: {appliance.plug: type_h}, outcome: fial}
    - {fact: {appliance.plug: type_f}, outcome: fail}
    - nothing
"""
    pack = PLUGS["pack.yaml"].replace("includes:", "includes:\n  - wrong.yaml")
    found = problems_of(tmp_path, {**PLUGS, "pack.yaml": pack, "wrong.yaml": rule})
    lines = {problem.line for problem in found if problem.file == "wrong.yaml"}
    assert lines == {3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15}, "\n".join(map(str, found))


def test_a_definition_that_is_wrong_is_one_problem_and_not_one_more_wherever_it_is_used(tmp_path: Path) -> None:
    for number, (file, old, new) in enumerate(
        [
            ("vocabulary.yaml", "appliance.plug: {type: enum", "appliance.plug: {type: enumm"),
            ("vocabulary.yaml", "needs_earth:\n    meaning: an", "needs_earth:\n    meanings: an"),
            ("vocabulary.yaml", "- appliance.earthed: true", "- appliance.earthd: true"),
            ("vocabulary.yaml", "operations:", "operatoins:"),
            ("sources.yaml", "{title: A handbook of plugs, ", "{"),
            ("remedies.yaml", "    actor: user\n", ""),
            ("pack.yaml", "  - vocabulary.yaml", "  - words.yaml"),
            ("pack.yaml", "  - sources.yaml", "  - nowhere/sources.yaml"),
        ]
    ):
        assert len(problems_of(tmp_path / str(number), edited(file, old, new))) == 1


def test_while_a_definition_is_wrong_what_certainly_does_not_exist_is_still_reported(tmp_path: Path) -> None:
    files = edited("vocabulary.yaml", "appliance.plug: {type: enum", "appliance.plug: {type: enumm")
    files = edited("fit.yaml", "- socket.watts: {at_least", "- socket.wats: {at_least", files)
    assert [p.message for p in problems_of(tmp_path, files)] == ["unknown fact", "wrong `type`"]


# -- words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("operations", "plug_in: {title: again}"),
        ("fields", "appliance.watts: {type: integer, meaning: again, example: 1}"),
        ("conditions", "is_heavy: {meaning: again, condition: {appliance.watts: 1}}"),
        ("remedies", "use-adapter: {text: again, actor: user}"),
        ("sources", 'law: {title: again, address: "", read: "2026-01-01"}'),
    ],
)
def test_a_word_is_defined_once_in_all_files(tmp_path: Path, kind: str, entry: str) -> None:
    files = {**PLUGS, "more.yaml": f"{kind}:\n  {entry}\n"}
    files["pack.yaml"] += "  - more.yaml\n"
    (problem,) = problems_of(tmp_path, files)
    first = {"remedies": "remedies.yaml", "sources": "sources.yaml"}.get(kind, "vocabulary.yaml")
    assert (problem.file, problem.line, problem.column) == ("more.yaml", 2, 3)
    assert problem.message == f"defined twice in {kind}"
    assert problem.expected == f"one; the first is in {first}"


def test_words_may_stand_in_any_file_and_files_in_any_order(tmp_path: Path) -> None:
    words = "".join(PLUGS[name] for name in ("vocabulary.yaml", "remedies.yaml", "sources.yaml"))
    header = PLUGS["pack.yaml"].partition("includes:")[0]
    files = {name: PLUGS[name] for name in ("fit.yaml", "safety.yaml")}
    files |= {"pack.yaml": header + "includes: [safety.yaml, words.yaml, fit.yaml]\n", "words.yaml": words}
    assert load_pack(write_pack(tmp_path, files)).digest == load_pack(PLUGS_FOLDER).digest


# -- named conditions ------------------------------------------------------------------------------------


def test_a_cycle_of_named_conditions_is_named_once(tmp_path: Path) -> None:
    cycle = "condition: {is: one}}\n" + "".join(
        f"  {name}: {{meaning: m, condition: {{all: [{{is: {other}}}]}}}}\n"
        for name, other in (("one", "two"), ("two", "three"), ("three", "one"))
    )
    problems = problems_of(tmp_path, edited("vocabulary.yaml", f"{HEAVY}}}", cycle.removesuffix("\n")))
    (problem,) = problems
    assert problem.message == "cyclic named conditions"
    assert problem.found == "one -> two -> three -> one"


def test_named_conditions_that_double_at_each_level_are_refused_at_once(tmp_path: Path) -> None:
    doubling = "condition: {is: c39}}\n" + "  c0: {meaning: m, condition: {appliance.watts: 1}}\n"
    for n in range(1, 40):
        doubling += f"  c{n}: {{meaning: m, condition: {{all: [{{is: c{n - 1}}}, {{not: {{is: c{n - 1}}}}}]}}}}\n"
    problems = problems_of(tmp_path, edited("vocabulary.yaml", f"{HEAVY}}}", doubling.removesuffix("\n")))
    assert {p.message for p in problems} <= {"too large a condition", "named conditions refer to each other too deeply"}


def test_a_rule_that_repeats_a_large_condition_is_refused(tmp_path: Path) -> None:
    big = "{any: [" + ", ".join(f"{{appliance.watts: {n}}}" for n in range(900)) + "]}"
    files = edited("vocabulary.yaml", HEAVY, f"condition: {big}")
    many = "{all: [" + ", ".join(["{is: is_heavy}"] * 1000) + "]}"
    files = edited("safety.yaml", "when: {is: needs_earth}", f"when: {many}", files)
    (problem,) = problems_of(tmp_path, files)
    assert problem.message == "too large a condition"
    assert (problem.file, problem.line) == ("safety.yaml", 4)


def test_a_chain_of_named_conditions_is_read_up_to_the_limit(tmp_path: Path) -> None:
    chain = "condition: {is: c30}}\n  c0: {meaning: m, condition: {appliance.watts: 1}}\n"
    chain += "".join(f"  c{n}: {{meaning: m, condition: {{is: c{n - 1}}}}}\n" for n in range(1, 31))
    files = edited("vocabulary.yaml", f"{HEAVY}}}", chain.removesuffix("\n"))
    assert load_pack(write_pack(tmp_path, files)).conditions["c30"].meaning == "m"


# -- rules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_example_is_missing_for_an_outcome_that_the_rule_can_have(tmp_path: Path, number: int) -> None:
    outcome = ("pass", "fail", "unknown")[number]
    text = PLUGS["fit.yaml"]
    lines = text.splitlines(keepends=True)
    index = [n for n, line in enumerate(lines) if line.lstrip().startswith("- {facts: {appliance.plug")][number]
    write_pack(tmp_path, {**PLUGS, "fit.yaml": "".join(lines[:index] + lines[index + 1 :])})
    with pytest.warns(ImagefitWarning, match=r"^plugs: examples are missing of fit.shape; `imagefit rules test"):
        pack = load_pack(tmp_path)
    (problem,) = check_examples(pack.rule("fit.shape"), pack)
    assert problem.message == f"fit.shape has no example with outcome {outcome}"
    assert (problem.file, problem.line, problem.column) == (f"{tmp_path}/fit.yaml", 1, 3)


@pytest.mark.parametrize("rest", ["", "  examples: []\n"])
def test_a_rule_without_any_example_loads_with_a_warning(tmp_path: Path, rest: str) -> None:
    start, shown = PLUGS["safety.yaml"].split("- id: safety.marks")
    text = start[: start.index("  examples:")] + rest + "\n- id: safety.marks" + shown
    with pytest.warns(ImagefitWarning, match="examples are missing of safety.earth;"):
        pack = load_pack(write_pack(tmp_path, {**PLUGS, "safety.yaml": text}))
    assert pack.rule("safety.earth").examples == ()
    assert pack.digest == load_pack(PLUGS_FOLDER).digest, "examples say nothing new"


@pytest.mark.parametrize(
    ("file", "old"),
    [
        ("fit.yaml", "    - {facts: {appliance.watts: 50}, outcome: not_applicable}\n"),
        ("safety.yaml", "    - {facts: {appliance.maker: Braun, appliance.marks: []}, outcome: fail}\n"),
    ],
)
def test_the_example_that_is_suggested_is_right(tmp_path: Path, file: str, old: str) -> None:
    pack = load_unproven_pack(write_pack(tmp_path / "without", edited(file, old, "")))
    (problem,) = (problem for rule in pack.rules for problem in check_examples(rule, pack))
    assert problem.expected is not None
    suggested = problem.expected.removeprefix("one, such as ")
    load_pack(write_pack(tmp_path / "with", edited(file, old, f"    - {suggested}\n")))


def test_an_outcome_that_the_rule_can_not_have_needs_no_example(tmp_path: Path) -> None:
    always = "require: {any: [{socket.earthed: true}, {socket.earthed: {not: true}}]}"
    files = edited("safety.yaml", "require: {socket.earthed: true}", always)
    fails = "    - {facts: {appliance.watts: 2500, socket.earthed: false}, outcome: fail}\n"
    files = edited("safety.yaml", fails, "", files)
    files = edited("safety.yaml", "{socket.earthed: false}, outcome: unknown", "{}, outcome: unknown", files)
    load_pack(write_pack(tmp_path, files))


def test_a_notice_has_no_require(tmp_path: Path) -> None:
    text = PLUGS["safety.yaml"] + "  require: {socket.earthed: true}\n"
    (problem,) = problems_of(tmp_path, {**PLUGS, "safety.yaml": text})
    assert str(problem) == f"safety.yaml:{text.count(chr(10))}:3: a notice has no `require`"


def test_a_warning_needs_a_require(tmp_path: Path) -> None:
    files = edited("safety.yaml", "severity: notice", "severity: warning")
    (problem,) = problems_of(tmp_path, files)
    assert problem.message == "a rule of severity warning needs a `require`"


def test_a_pack_without_a_rule_is_refused(tmp_path: Path) -> None:
    files = {**PLUGS, "pack.yaml": PLUGS["pack.yaml"].replace("  - fit.yaml\n  - safety.yaml\n", "")}
    assert [str(p) for p in problems_of(tmp_path, files)] == ["pack.yaml:1:1: the pack has no rule"]


@pytest.mark.parametrize("content", ["just text\n", "7\n", "true\n"])
def test_a_file_is_a_list_of_rules_or_a_mapping_of_words(tmp_path: Path, content: str) -> None:
    (problem,) = problems_of(tmp_path, {**PLUGS, "fit.yaml": content})
    assert (problem.file, problem.line, problem.message) == ("fit.yaml", 1, "not a pack's file")


@pytest.mark.parametrize("content", ["[]\n", "- a\n", "7\n", "null\n"])
def test_pack_yaml_is_a_mapping(tmp_path: Path, content: str) -> None:
    (problem,) = problems_of(tmp_path, {**PLUGS, "pack.yaml": content})
    assert (problem.file, problem.line, problem.column) == ("pack.yaml", 1, 1)
    assert problem.expected == "a mapping"


def test_an_element_of_a_rule_file_that_is_no_rule_is_named(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, {**PLUGS, "fit.yaml": "- 7\n" + PLUGS["fit.yaml"]})
    assert str(problem) == "fit.yaml:1:3: not what is expected here: 7; expected a mapping"


def test_an_unknown_key_of_a_named_condition_that_is_called_like_one_of_its_keys_is_named(tmp_path) -> None:
    words = next(name for name, text in PLUGS.items() if "\nconditions:\n" in text)
    text = PLUGS[words].replace("\nconditions:\n", "\nconditions:\n  condition: {meaning: m, colour: red}\n", 1)
    problems = problems_of(tmp_path, {**PLUGS, words: text})
    assert any("unknown key: 'colour'; expected one of condition, meaning" in str(problem) for problem in problems)
