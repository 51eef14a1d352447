"""Mutants of a module: each is the module with one small thing changed that a test should notice."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Mutant", "mutants"]

_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
}
_NAMES = {
    "AllOf": "AnyOf",
    "AnyOf": "AllOf",
    "TRUE": "FALSE",
    "FALSE": "TRUE",
    "any": "all",
    "all": "any",
    "isinstance": "bool",
}
_MEMBERS = {
    "eq": ("ne",),
    "ge": ("gt", "le"),
    "gt": ("ge", "lt"),
    "isdisjoint": ("issubset",),
    "EQUALS": ("IN",),
    "IN": ("EQUALS",),
    "AT_LEAST": ("ABOVE",),
    "ABOVE": ("AT_LEAST",),
    "CONTAINS": ("CONTAINS_ALL",),
    "CONTAINS_ANY": ("CONTAINS_ALL",),
    "CONTAINS_ALL": ("CONTAINS_ANY",),
    "NOT_APPLICABLE": ("PASS",),
    "PASS": ("NOT_APPLICABLE",),
    "FAIL": ("UNKNOWN",),
    "UNKNOWN": ("FAIL",),
    "fact": ("other",),
    "other": ("fact",),
    "when": ("require",),
    "require": ("when",),
}


@dataclass(frozen=True)
class Mutant:
    """The source of a changed module, and what was changed; `scope` is the function or class around it."""

    line: int
    scope: str
    change: str
    source: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.name}"

    @property
    def name(self) -> str:
        """What the mutant is called where it is explained."""
        return f"{self.scope}: {self.change}"


def mutants(source: str) -> Iterator[Mutant]:
    """Yield the mutants of a module; annotations, docstrings, imports and `__all__` are left alone."""
    tree = ast.parse(source)
    for path, scope, node in _nodes(tree, (), "module"):
        for new in _replacements(node):
            changed = copy.deepcopy(tree)
            _put(changed, path, new)
            ast.fix_missing_locations(changed)
            text = ast.unparse(changed)
            if text != ast.unparse(tree):
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    change = f"`@{ast.unparse(node.decorator_list[0])}` -> nothing"
                else:
                    shown = "nothing" if isinstance(new, ast.Pass) else f"`{_one_line(ast.unparse(new))}`"
                    change = f"`{_one_line(ast.unparse(node))}` -> {shown}"
                yield Mutant(node.lineno, scope, change, text)


Path = tuple[tuple[str, int | None], ...]


def _nodes(node: ast.AST, path: Path, scope: str) -> Iterator[tuple[Path, str, ast.expr | ast.stmt]]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_comment", "ctx"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_left_alone(child):
                continue
            here = (*path, (name, index))
            around = scope
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                around = child.name if scope == "module" else f"{scope}.{child.name}"
            if isinstance(child, ast.expr | ast.stmt):
                yield here, around, child
            yield from _nodes(child, here, around)


def _is_left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(t, ast.Name) and t.id in ("__all__", "Condition", "Truth") for t in targets)


def _replacements(node: ast.expr | ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left, [operator], [right]):
            for other in _COMPARE.get(type(operator), ()):
                yield ast.Compare(left, [other()], [right])
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            yield from values
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.If(test, body, orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
            yield body
            yield orelse
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(None):
            yield ast.Constant(True)
        case ast.Constant(int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(str() as value):
            yield ast.Constant(value + "x" if value else "x")
        case ast.Name(name) if name in _NAMES:
            yield ast.Name(_NAMES[name], node.ctx)
        case ast.Attribute(value, name) if name in _MEMBERS:
            for other in _MEMBERS[name]:
                yield ast.Attribute(value, other, node.ctx)
        case ast.Return(value) if value is not None and not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(ast.Yield() | ast.YieldFrom() | ast.Call()):
            yield ast.Pass()
        case ast.Subscript(value, ast.Constant(int() as index)):
            yield ast.Subscript(value, ast.Constant(index + 1), node.ctx)
        case ast.Call(function, arguments, keywords):
            for number in range(len(keywords)):
                yield ast.Call(function, arguments, keywords[:number] + keywords[number + 1 :])
            if (
                isinstance(function, ast.Name)
                and function.id in ("sorted", "tuple", "frozenset", "negate")
                and arguments
            ):
                yield arguments[0]
        case ast.Tuple(elements, ast.Load()) if len(elements) > 1:
            for number in range(len(elements)):
                yield ast.Tuple(elements[:number] + elements[number + 1 :], node.ctx)
        case _:
            pass
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.decorator_list:
        without = copy.copy(node)
        without.decorator_list = []
        yield without


def _put(tree: ast.AST, path: Path, new: ast.AST) -> None:
    for name, index in path[:-1]:
        value = getattr(tree, name)
        tree = value if index is None else value[index]
    name, index = path[-1]
    if index is None:
        setattr(tree, name, copy.deepcopy(new))
    else:
        getattr(tree, name)[index] = copy.deepcopy(new)


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 100 else text[:99] + "…"
