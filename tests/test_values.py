"""Classes by `imagefit.values.dataclass` behave as the same classes by Python's."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import re
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from typing import Any, ClassVar

import pytest

from imagefit.values import dataclass, pattern, replace

FORMS = [dict(frozen=f, slots=s, eq=e) for f in (True, False) for s in (True, False) for e in (True, False)]
FORMS.append(dict(frozen=True, slots=True, order=True))


def pair_of(form: dict[str, bool]) -> tuple[Any, Any]:
    """Return one class, made by ours and made by Python's."""

    def body(decorate: Callable[..., Any]) -> Any:
        @decorate(**form)
        class Point:
            """A point."""

            kind: ClassVar[str] = "point"
            x: int
            y: int = 2
            tags: tuple[str, ...] = field(default_factory=tuple, compare=False)
            hidden: str = field(default="h", repr=False)
            made: list[int] = field(default_factory=list, init=False, repr=False, compare=False)

        return Point

    return body(dataclass), body(dataclasses.dataclass)


def outcome(do: Callable[[], object]) -> object:
    """Return what a call gives; of an error, its type."""
    try:
        return do()
    except Exception as error:
        return type(error)


CHANGES = (dataclasses.replace, replace, getattr(copy, "replace", replace))

CALLS: list[Callable[[Any], object]] = [
    lambda cls: repr(cls(1)).rpartition(".")[2],
    lambda cls: (cls(1).y, cls(x=1, y=5).y, cls(1, hidden="z").hidden, cls(1).tags, cls(1).made, cls(1).kind),
    lambda cls: cls(),
    lambda cls: cls(1, z=3),
    lambda cls: (cls(1), cls(1, x=2)),
    lambda cls: cls(1, 2, (), "h", 5),
    lambda cls: cls(1, made=[]),
    lambda cls: (cls(1) == cls(1), cls(1) == cls(2), cls(1) == 1, cls(1, tags=("a",)) == cls(1), cls(1) != cls(1, 3)),
    lambda cls: cls.__hash__ is object.__hash__ or hash(cls(1)) == hash(cls(1)),
    lambda cls: cls.__hash__ is None,
    lambda cls: setattr(cls(1), "x", 3),
    lambda cls: delattr(cls(1), "x"),
    lambda cls: [(new.x, new.y, new.hidden) for new in (change(cls(1, hidden="z"), y=9) for change in CHANGES)],
    lambda cls: [outcome(lambda: change(cls(1), z=9)) for change in CHANGES],  # noqa: B023
    lambda cls: [change(cls(1), y=9).made is cls(1).made for change in CHANGES],
    lambda cls: copy.copy(cls(4)).x,
    lambda cls: copy.deepcopy(cls(4)).x,
    lambda cls: [(f.name, f.init, f.repr, f.compare) for f in dataclasses.fields(cls)],
    lambda cls: [type(cls(1)).__dataclass_fields__[name].name for name in ("x", "made")],
    lambda cls: (dataclasses.is_dataclass(cls), [f.default for f in dataclasses.fields(cls(1))][1:2]),
    lambda cls: (cls.y, cls.hidden) if "__slots__" not in vars(cls) else (),
    lambda cls: list(vars(cls(1, hidden="z"))) if "__slots__" not in vars(cls) else (),
    lambda cls: dataclasses.asdict(cls(1)),
    lambda cls: (cls.__doc__, cls.__match_args__, cls.__name__),
    lambda cls: setattr(type("Sub", (cls,), {})(1), "x", 1),
    lambda cls: cls(1).made is cls(1).made,
    lambda cls: (cls(1) < cls(2), cls(1) >= cls(1, 3), sorted([cls(2), cls(1, 3), cls(1)])[0].y, cls(1) > cls(2)),
    lambda cls: cls(1) < 1,
]
NEW_NAMES: list[Callable[[Any], object]] = [
    lambda cls: setattr(cls(1), "new", 3),
    lambda cls: (type("Sub", (cls,), {})(1).y, setattr(type("Sub", (cls,), {})(1), "new", 1)),
]
CALLS += NEW_NAMES


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("number", range(len(CALLS)))
def test_a_class_does_what_pythons_does(form: dict[str, bool], number: int) -> None:
    if CALLS[number] in NEW_NAMES and form["frozen"] and form["slots"]:
        pytest.skip("Python's own asks the class that it made the one with slots of, and fails")
    ours, pythons = pair_of(form)
    assert outcome(lambda: CALLS[number](ours)) == outcome(lambda: CALLS[number](pythons))
    for x in range(400):  # of many objects, another way is taken
        assert ours(x).x == x
    assert outcome(lambda: CALLS[number](ours)) == outcome(lambda: CALLS[number](pythons))


SHORT_CALLS: list[Callable[[Any, int], object]] = [
    lambda cls, many: [getattr(cls(*range(many)), f.name) for f in dataclasses.fields(cls)],
    lambda cls, many: [getattr(cls(**{f"f{n}": -n for n in range(many)}), f.name) for f in dataclasses.fields(cls)],
    lambda cls, many: [getattr(cls(7), f.name) for f in dataclasses.fields(cls)],
    lambda cls, many: cls(*range(many), f0=1),
    lambda cls, many: cls(*range(many + 1)),
    lambda cls, many: cls(nothing=1),
    lambda cls, many: (cls().f0, cls(1).f0),
    lambda cls, many: list(inspect.signature(cls.__init__).parameters) if many < 7 else [],
]


@pytest.mark.parametrize("given", range(8))
@pytest.mark.parametrize("many", range(1, 8))
def test_classes_of_few_fields_do_what_pythons_do(many: int, given: int) -> None:
    names = [f"f{number}" for number in range(many)]
    defaults = {name: f"default of {name}" for name in names[many - given :]} if given <= many else {}

    def body() -> Any:
        return type("Few", (), {"__annotations__": dict.fromkeys(names, "int"), "__doc__": "Few.", **defaults})

    ours, pythons = dataclass(body(), frozen=True, slots=True), dataclasses.dataclass(frozen=True, slots=True)(body())
    for call in SHORT_CALLS * 2:
        assert outcome(lambda: call(ours, many)) == outcome(lambda: call(pythons, many))  # noqa: B023


@dataclass(frozen=True, slots=True)
class Kept:
    """Frozen, with slots, and found by pickle."""

    a: int
    b: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return "mine"

    def __post_init__(self) -> None:
        if self.a < 0:
            raise ValueError("negative")


def test_pickling_own_methods_and_what_comes_after_init() -> None:
    assert pickle.loads(pickle.dumps(Kept(1, (2,)))) == Kept(1, (2,))
    assert repr(Kept(1)) == "mine"
    with pytest.raises(ValueError, match="negative"):
        Kept(-1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'a'"):
        Kept(1).a = 2  # type: ignore[misc]


def test_a_subclass_has_the_fields_of_both() -> None:
    @dataclass(frozen=True)
    class More(Kept):
        c: str = "c"

    @dataclass(frozen=True)
    class Fewer:
        pass

    assert (More(1).c, More(1, c="x").c, More(1, (3,)).b) == ("c", "x", (3,))
    assert Fewer() == Fewer() and hash(Fewer()) == hash(Fewer())


def test_a_pattern_is_as_one_that_was_compiled_at_once() -> None:
    lazy, own = pattern("(?P<a>x)|y", re.IGNORECASE), re.compile("(?P<a>x)|y", re.IGNORECASE)
    for method in ("match", "search", "fullmatch", "findall", "split"):
        for text in ("Xy-", "x", "-y", ""):
            shown = repr(getattr(own, method)(text))
            assert repr(getattr(lazy, method)(text)) == shown == repr(getattr(lazy, method)(text))
    assert lazy.sub("-", "axY") == own.sub("-", "axY")
    assert (lazy.pattern, lazy.flags, lazy.groups, lazy.groupindex) == (own.pattern, own.flags, 1, {"a": 1})
    with pytest.raises(AttributeError):
        lazy.replaced  # noqa: B018
    with pytest.raises(re.error):
        pattern("(").match("")


def test_every_pattern_of_the_package_can_be_compiled() -> None:

    modules = [module for name, module in list(sys.modules.items()) if name.startswith("imagefit.")]
    found = [own for module in modules for own in vars(module).values() if type(own) is pattern]
    assert [re.compile(each.pattern, each.flags).pattern for each in found] == [each.pattern for each in found]
    assert len(found) > 10
