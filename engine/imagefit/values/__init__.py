"""`dataclass`, as Python's is, with methods that are made when they are used: a class costs a tenth to define.

Python's writes and compiles the source of five functions for each class when it is imported. A process that checks one
candidate defines eighty classes, a fifth of all that it does. Here comparing, hashing and showing are closures over the
fields' names, and ``__init__`` is written when more than a few objects are made. Fields, `replace`, pickling and type
checkers find what they find in Python's. Modules that a check does not import use Python's own. Likewise `pattern`, of
which a process compiles some of forty.
"""

from __future__ import annotations

import dataclasses
import operator
import re
from typing import TYPE_CHECKING

__all__ = ["dataclass", "pattern"]

if TYPE_CHECKING:
    from dataclasses import dataclass
    from re import compile as pattern
else:
    from dataclasses import FrozenInstanceError
    from functools import partial
    from reprlib import recursive_repr

    FEW = 4  # objects, for which no ``__init__`` is written
    ORDERS = (operator.lt, operator.le, operator.gt, operator.ge)

    def dataclass(cls=None, /, *, eq=True, order=False, frozen=False, slots=False):
        """As `dataclasses.dataclass`, of which it takes the options that are in use."""
        if cls is None:
            return partial(dataclass, eq=eq, order=order, frozen=frozen, slots=slots)
        cls.__doc__ = cls.__doc__ or cls.__name__  # or Python would write one from the signature
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
        fields = dataclasses.fields(made)
        methods = {"__init__": _first_init(made), "__repr__": _repr_of([f.name for f in fields if f.repr])}
        if eq:
            values = _getter([f.name for f in fields if f.compare])
            methods["__eq__"] = _compared(values, operator.eq)
            if order:
                methods |= {f"__{by.__name__}__": _compared(values, by) for by in ORDERS}
            methods["__hash__"] = (lambda self: hash(values(self))) if frozen else None
        if frozen:
            methods["__setattr__"], methods["__delattr__"] = _refusals(made, {f.name for f in fields})
            if slots:
                methods["__getstate__"], methods["__setstate__"] = _state_of([f.name for f in fields])
        for name, method in methods.items():
            if name not in vars(cls) or (name == "__hash__" and vars(cls)[name] is None):
                setattr(made, name, method)
        return made

    def _getter(names):
        return operator.attrgetter(*names) if names else lambda self: ()

    def _compared(values, by):
        def compare(self, other):
            return by(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

        return compare

    def _repr_of(names):
        @recursive_repr()
        def __repr__(self):
            return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

        return __repr__

    def _refusals(made, names):
        def __setattr__(self, name, value):
            if type(self) is made or name in names:
                raise FrozenInstanceError(f"cannot assign to field {name!r}")
            super(made, self).__setattr__(name, value)

        def __delattr__(self, name):
            if type(self) is made or name in names:
                raise FrozenInstanceError(f"cannot delete field {name!r}")
            super(made, self).__delattr__(name)

        return __setattr__, __delattr__

    def _state_of(names):
        def __getstate__(self):
            return [getattr(self, name) for name in names]

        def __setstate__(self, state):
            for name, value in zip(names, state, strict=True):
                object.__setattr__(self, name, value)

        return __getstate__, __setstate__

    def _first_init(made):
        left = FEW

        def __init__(self, /, *args, **named):
            nonlocal left
            left -= 1
            if left < 0 or (values := _bound(made, args, named)) is None:
                made.__init__ = _written_init(made)
                made.__init__(self, *args, **named)
                return
            for name, value in values.items():
                object.__setattr__(self, name, value)
            if hasattr(made, "__post_init__"):
                self.__post_init__()

        return __init__

    def _bound(made, args, named):
        """Return the values of an object's fields; None where what is given does not fit, as ``__init__`` then says."""
        fields = dataclasses.fields(made)
        names = [f.name for f in fields if f.init]
        given = {**dict(zip(names, args, strict=False)), **named}
        if len(given) < len(args) + len(named) or not given.keys() <= set(names):
            return None
        for f in fields:
            if f.name not in given:
                if f.default is not dataclasses.MISSING:
                    given[f.name] = f.default
                elif f.default_factory is not dataclasses.MISSING:
                    given[f.name] = f.default_factory()
                elif f.init:
                    return None
        return given

    def _written_init(made):
        """Write ``__init__`` as Python's dataclasses do; slots are set by their descriptors, which is quicker."""
        head, body, scope = ["self"], [], {"missing": object(), "put": object.__setattr__}
        for number, f in enumerate(dataclasses.fields(made)):
            value = f.name
            if f.default is not dataclasses.MISSING:
                scope[f"default{number}"] = f.default
                default = f"default{number}"
            elif f.default_factory is not dataclasses.MISSING:
                scope[f"make{number}"] = f.default_factory
                default = "missing"
                value = f"make{number}() if {f.name} is missing else {f.name}" if f.init else f"make{number}()"
            else:
                default = None
            if f.init:
                head.append(f.name if default is None else f"{f.name}={default}")
            elif default not in (None, "missing"):
                value = default
            elif default is None:
                continue
            slot = getattr(made, f.name, None)
            if type(slot).__name__ == "member_descriptor":
                scope[f"set{number}"] = slot.__set__
                body.append(f" set{number}(self, {value})")
            else:
                body.append(f" put(self, {f.name!r}, {value})")
        if hasattr(made, "__post_init__"):
            body.append(" self.__post_init__()")
        exec(f"def __init__({', '.join(head)}):\n" + "\n".join(body or [" pass"]), scope)
        written = scope["__init__"]
        written.__qualname__ = f"{made.__qualname__}.__init__"
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
