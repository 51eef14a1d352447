"""`dataclass`, as Python's is, with all that is made of a class made when it is used: one costs a tenth to define.

Python's looks into each field, and writes and compiles the source of five functions for each class, when it is
imported. A process that checks one candidate defines ninety classes. Here comparing, hashing and showing are closures
over the fields' names, ``__init__`` is written when more than a few objects are made, and what `dataclasses.fields` is
to return, Python's own says when it is asked. Fields, `replace`, pickling and type checkers find what they find in
Python's. Modules that a check does not import use Python's own. Likewise `pattern`, of which a process compiles some
of forty.
"""

from __future__ import annotations

import dataclasses
import operator
import re
from typing import TYPE_CHECKING

__all__ = ["dataclass", "pattern", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass, replace
    from re import compile as pattern
else:
    from dataclasses import MISSING, Field, FrozenInstanceError
    from functools import cached_property, partial
    from itertools import repeat
    from operator import call
    from reprlib import recursive_repr
    from types import MemberDescriptorType

    FEW = 200  # objects, for which no ``__init__`` is written
    MOST_SHORT = 6  # fields of a class whose ``__init__`` need not be written: it is compiled with this module
    ORDERS = ("lt", "le", "gt", "ge")

    def dataclass(cls=None, /, *, eq=True, order=False, frozen=False, slots=False):
        """As `dataclasses.dataclass`, of which it takes the options that are in use."""
        if cls is None:
            return partial(dataclass, eq=eq, order=order, frozen=frozen, slots=slots)
        of = _Fields(cls)
        methods = {
            "__init__": _first_init(of),
            "__repr__": _once_used(of, "__repr__", _repr_of),
            "__replace__": replace,  # for `copy.replace`
        }
        if eq:
            for name in ("eq", *ORDERS) if order else ("eq",):
                make = partial(_compared, getattr(operator, name))
                methods[f"__{name}__"] = _once_used(of, f"__{name}__", make)
            methods["__hash__"] = _once_used(of, "__hash__", _hash_of) if frozen else None
        if frozen:
            methods["__setattr__"], methods["__delattr__"] = _refusals(of)
            if slots:
                methods["__getstate__"], methods["__setstate__"] = _state_of(of)
        body = vars(cls)
        added = {name: method for name, method in methods.items() if body.get(name) is None}
        added["__doc__"] = cls.__doc__ or cls.__name__  # or Python would write one from the signature
        added["__match_args__"] = tuple(of.named("init"))
        added["__dataclass_fields__"] = _Noted(of, "__dataclass_fields__")
        added["__dataclass_params__"] = _Noted(of, "__dataclass_params__")
        of.made = _with_slots(cls, of, added) if slots else _with(cls, of, added)
        return of.made

    def replace(obj, /, **changes):
        """As `dataclasses.replace`, without asking for what Python's `dataclass` notes of the class."""
        names = type(obj).__match_args__
        values = [changes.pop(name) if name in changes else getattr(obj, name) for name in names]
        return type(obj)(*values, **changes)  # which reading a value can have changed

    class _Fields:
        """The fields of a class, and what a class body says of them: a default, or Python's `Field`, or nothing."""

        def __init__(self, cls):
            self.made = cls
            self.said = {}
            for base in cls.__mro__[-2:0:-1]:
                if (noted := vars(base).get("__dataclass_fields__")) is not None:
                    self.said |= noted.of.said if isinstance(noted, _Noted) else noted
            body = vars(cls)
            for name, kind in cls.__annotations__.items():
                if not str(kind).startswith(("ClassVar", "typing.ClassVar")):
                    self.said[name] = body.get(name, MISSING)

        def named(self, what):
            """Return the names of the fields that are to be compared, shown or given to ``__init__``."""
            return [name for name, said in self.said.items() if not isinstance(said, Field) or getattr(said, what)]

        @cached_property
        def template(self):
            """The default of each field by its name; which of those without one have to be given, or are made."""
            makes = [(name, make) for name, (_, make) in self.defaults.items() if make is not MISSING]
            every = {name: default for name, (default, _) in self.defaults.items()}
            made = {name for name, _ in makes}
            return every, [name for name, default in every.items() if default is MISSING and name not in made], makes

        @cached_property
        def defaults(self):
            """The default of each field and what makes one, by the field's name; MISSING where there is none."""
            return {
                name: (said.default, said.default_factory) if isinstance(said, Field) else (said, MISSING)
                for name, said in self.said.items()
            }

        def pythons(self):
            """Return a class that Python's `dataclass` made of the same fields."""
            kinds = {}
            for base in self.made.__mro__[-2::-1]:
                kinds |= base.__annotations__
            fields = [(name, kinds[name], *(() if said is MISSING else (said,))) for name, said in self.said.items()]
            name, body = self.made.__name__, {"__doc__": self.made.__doc__}  # or Python would write one
            return dataclasses.make_dataclass(name, fields, namespace=body, init=False, repr=False, eq=False)

    class _Noted:
        """What Python's `dataclass` notes of a class, when it is asked for."""

        def __init__(self, of, name):
            self.of, self._name = of, name

        def __get__(self, instance, owner=None):
            noted = getattr(self.of.pythons(), self._name)
            setattr(self.of.made, self._name, noted)
            return noted

    def _with(cls, of, added):
        for name, said in of.said.items():
            if isinstance(vars(cls).get(name), Field):
                if said.default is MISSING:
                    delattr(cls, name)
                else:
                    setattr(cls, name, said.default)
        for name, value in added.items():
            setattr(cls, name, value)
        return cls

    def _with_slots(cls, of, added):
        there = {name for base in cls.__mro__[1:] for name in vars(base).get("__slots__", ())}
        dropped = {*of.said, "__dict__", "__weakref__"}
        body = {name: value for name, value in vars(cls).items() if name not in dropped}
        body |= {**added, "__slots__": [name for name in of.said if name not in there]}
        return type(cls)(cls.__name__, cls.__bases__, {**body, "__qualname__": cls.__qualname__})

    def _once_used(of, name, make):
        """Return a method that makes itself when it is first used."""

        def first(self, *args):
            method = make(of)
            setattr(of.made, name, method)
            return method(self, *args)

        return first

    def _getter(of):
        names = of.named("compare")
        return operator.attrgetter(*names) if names else lambda self: ()

    def _compared(by, of):
        values = _getter(of)

        def compare(self, other):
            return by(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

        return compare

    def _hash_of(of):
        values = _getter(of)
        return lambda self: hash(values(self))

    def _repr_of(of):
        names = of.named("repr")

        @recursive_repr()
        def __repr__(self):
            return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

        return __repr__

    def _refusals(of):
        def __setattr__(self, name, value):
            if type(self) is of.made or name in of.said:
                raise FrozenInstanceError(f"cannot assign to field {name!r}")
            super(of.made, self).__setattr__(name, value)

        def __delattr__(self, name):
            if type(self) is of.made or name in of.said:
                raise FrozenInstanceError(f"cannot delete field {name!r}")
            super(of.made, self).__delattr__(name)

        return __setattr__, __delattr__

    def _state_of(of):
        def __getstate__(self):
            return [getattr(self, name) for name in of.said]

        def __setstate__(self, state):
            for name, value in zip(of.said, state, strict=True):
                object.__setattr__(self, name, value)

        return __getstate__, __setstate__

    def _first_init(of):
        def __init__(self, /, *args, **named):
            of.made.__init__ = _few_inits(of) or _written_init(of)
            of.made.__init__(self, *args, **named)

        return __init__

    def _few_inits(of):
        """Return an ``__init__`` for the first few objects, which is slow, but at once there; None for a rare class."""
        names, taken = list(of.said), dict.fromkeys(of.named("init"))
        slots = [getattr(of.made, name, None) for name in names]
        puts = [slot.__set__ for slot in slots if type(slot) is MemberDescriptorType]
        if len(puts) not in (0, len(names)):
            return None
        takes_all = len(taken) == len(names)
        if takes_all and 0 < len(puts) <= MOST_SHORT and (short := _short_init(of, puts)) is not None:
            return short
        many, left, is_followed = len(names), FEW, hasattr(of.made, "__post_init__")

        def __init__(self, /, *args, **named):
            nonlocal left
            left -= 1
            is_whole = takes_all and len(args) == many and not named
            values = args if is_whole else _completed(of, taken, args, named)
            if left < 0 or values is None:
                of.made.__init__ = _written_init(of)
                of.made.__init__(self, *args, **named)
                return
            if puts:
                any(map(call, puts, repeat(self), values))  # each returns None
            else:
                vars(self).update(zip(names, values, strict=True))
            if is_followed:
                self.__post_init__()

        return __init__

    def _short_init(of, puts):
        """Return what was compiled for as many fields, with the names and the defaults of these; None of other ones."""
        defaults = [default for default, _ in of.defaults.values()]
        while defaults and defaults[0] is MISSING:
            del defaults[0]
        has_other = any(make is not MISSING for _, make in of.defaults.values()) or hasattr(of.made, "__post_init__")
        if has_other or any(default is MISSING for default in defaults):
            return None
        put1, put2, put3, put4, put5, put6 = (*puts, *[None] * (MOST_SHORT - len(puts)))

        def of_1(self, a):
            put1(self, a)

        def of_2(self, a, b):
            put1(self, a)
            put2(self, b)

        def of_3(self, a, b, c):
            put1(self, a)
            put2(self, b)
            put3(self, c)

        def of_4(self, a, b, c, d):
            put1(self, a)
            put2(self, b)
            put3(self, c)
            put4(self, d)

        def of_5(self, a, b, c, d, e):
            put1(self, a)
            put2(self, b)
            put3(self, c)
            put4(self, d)
            put5(self, e)

        def of_6(self, a, b, c, d, e, f):
            put1(self, a)
            put2(self, b)
            put3(self, c)
            put4(self, d)
            put5(self, e)
            put6(self, f)

        init = (of_1, of_2, of_3, of_4, of_5, of_6)[len(puts) - 1]
        init.__code__ = init.__code__.replace(co_varnames=("self", *of.said), co_name="__init__")
        init.__defaults__ = tuple(defaults)
        init.__qualname__ = f"{of.made.__qualname__}.__init__"
        return init

    def _completed(of, taken, args, named):
        """Return the values of an object's fields; None where what is given does not fit, as ``__init__`` then says."""
        every, needed, makes = of.template
        values = every | named
        if args:
            given = dict(zip(taken, args, strict=False))
            if len(given) < len(args) or not given.keys().isdisjoint(named):
                return None
            values |= given
        if len(values) > len(every) or (len(taken) < len(every) and not named.keys() <= taken.keys()):
            return None
        for name in needed:
            if values[name] is MISSING:
                return None
        for name, make in makes:
            if values[name] is MISSING:
                values[name] = make()
        return values.values()

    def _written_init(of):
        """Write ``__init__`` as Python's dataclasses do; slots are set by their descriptors, which is quicker."""
        head, body, scope = ["self"], [], {"missing": object(), "put": object.__setattr__}
        names = of.named("init")
        for number, (name, (default, make)) in enumerate(of.defaults.items()):
            value, told = name, None
            if make is not MISSING:
                scope[f"make{number}"], told = make, "missing"
                value = f"make{number}() if {name} is missing else {name}" if name in names else f"make{number}()"
            elif default is not MISSING:
                scope[told := f"default{number}"] = default
                value = name if name in names else told
            elif name not in names:
                continue
            if name in names:
                head.append(name if told is None else f"{name}={told}")
            slot = getattr(of.made, name, None)
            if type(slot) is MemberDescriptorType:
                scope[f"set{number}"] = slot.__set__
                body.append(f" set{number}(self, {value})")
            else:
                body.append(f" put(self, {name!r}, {value})")
        if hasattr(of.made, "__post_init__"):
            body.append(" self.__post_init__()")
        exec(f"def __init__({', '.join(head)}):\n" + "\n".join(body or [" pass"]), scope)
        written = scope["__init__"]
        written.__qualname__ = f"{of.made.__qualname__}.__init__"
        return written

    class pattern:
        """A regular expression as `re.compile` returns it, which is compiled when it is first used."""

        def __init__(self, text, flags=0):
            self._of = text, flags

        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            compiled = re.compile(*self._of)
            vars(self).update({each: getattr(compiled, each) for each in PATTERN})
            return getattr(compiled, name)

    PATTERN = [name for name in dir(re.Pattern) if not name.startswith("__")]
