"""What the command line may do as the process is its own, and ends with it: nothing of it where a program calls it.

Modules that others import, and that no command uses, are not run: a tenth of a check.

pyarrow looks for pandas when it is first given Python's values, and imports it where it is installed: a fifth of a
second of every command that reads a table, and none uses it but those that run on an engine.
"""

from __future__ import annotations

import os
import sys
from _thread import RLock
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType

__all__ = [
    "begin",
    "import_less",
    "is_own",
    "keep",
    "leave",
    "let_arrow_look_around",
    "let_pandas_be_found",
    "use_one_heap",
]

HARDLY_USED = ("copy", "inspect", "ipaddress", "ntpath")
"""Of Python's modules, what click, dataclasses and pathlib import, and use where no command does."""

USED_AT_ONCE = {"platform": {"system": lambda: os.uname().sysname}} if hasattr(os, "uname") else {}
"""More such modules, with all that is used of them as they are imported: uuid asks what system this is."""

IN_C = {"datetime": "_datetime", "signal": "_signal"} if sys.implementation.name == "cpython" else {}
"""More such modules, each with the one that has in C what they give on: dates, and signals as plain numbers."""

CALLED_AT_MOST = {"gettext": ("gettext", "ngettext"), "urllib.parse": ("quote_from_bytes",)}
"""More such modules, each with functions that are taken from it as it is imported: for messages, and for addresses."""

USED_BY_ARROW: dict[str, dict[str, object]] = {"socket": {}, "numpy.ma": {"MaskedArray": type("MaskedArray", (), {})}}
"""Such modules with what Arrow uses of them: it asks of each array whether it is masked, and none of ours is."""

READING_DOCS = "pyarrow.vendored.docscrape"
"""With this pyarrow makes the documentation of its functions when it is imported; no command shows any."""

WRITING_DOCS = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")
"""What does nothing but document numpy's functions and types."""

LOADER = "imagefit loader"
"""What a module that is yet to run has its loader by."""

_state = {"is own": False}
_kept: list[object] = []
_running = RLock()


class _RunWhenUsed(ModuleType):
    """A module that is imported, and whose code runs when something of it is first used.

    `importlib.util.LazyLoader` would run it as soon as a second module imports it.
    """

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        _run(self)
        return super().__getattribute__(name)


def _run(module: ModuleType) -> None:
    with _running:
        if (loader := vars(module).pop(LOADER, None)) is not None:
            loader.exec_module(module)


def _called_later(module: ModuleType, name: str) -> Callable[..., object]:
    """Return what runs a module when it is called, and then calls the module's function of this name."""

    def call(*args: object, **named: object) -> object:
        _run(module)
        function: Callable[..., object] = vars(module)[name]
        return function(*args, **named)

    return call


class _Standing(ModuleType):
    """A module that stands for another one, and its own loader."""

    @classmethod
    def create_module(cls, spec: ModuleSpec) -> ModuleType:
        """Return it where the other one is imported."""
        return cls(spec.name)

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Run nothing."""


class _Undocumented(_Standing):
    """What pyarrow reads documentation with, without reading it; whatever else it is asked for, the real one has."""

    class NumpyDocString(dict[str, list[object]]):
        """The parts of a documentation, none of which describes a parameter."""

        def __init__(self, text: str) -> None:
            super().__init__(Parameters=[])
            self._text = text

        def __missing__(self, part: str) -> object:
            return _documented().NumpyDocString(self._text)[part]

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_documented(), name)


def _documented() -> ModuleType:
    """Return pyarrow's module that reads documentation."""
    found = sys.modules[READING_DOCS]
    if isinstance(found, _Undocumented):
        spec = PathFinder.find_spec(READING_DOCS, sys.modules[READING_DOCS.rpartition(".")[0]].__path__)
        assert spec is not None and spec.loader is not None
        found = sys.modules[READING_DOCS] = module_from_spec(spec)
        spec.loader.exec_module(found)
    return found


class _InACommand:
    """Finds what is another thing in a process of our own than it is elsewhere."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """Say that there is no pandas, as Python does where a package is not installed, and read no documentation."""
        if name == "pandas":
            raise ModuleNotFoundError("imagefit's command line does without pandas", name=name)
        standing = _Undocumented if name == READING_DOCS else _Standing if name in WRITING_DOCS else None
        return None if standing is None else ModuleSpec(name, standing)  # type: ignore[arg-type]


def begin() -> None:
    """Say that the process runs one command; from now on there is no pandas."""
    _state["is own"] = True
    sys.meta_path.insert(0, _InACommand)
    for name in (*HARDLY_USED, *USED_AT_ONCE, *IN_C, *CALLED_AT_MOST):
        _run_later(name)


def _run_later(name: str) -> None:
    """Have a module run when it is used, if it does not run yet."""
    if name in sys.modules or (spec := find_spec(name)) is None:
        return
    sys.modules[name] = module = module_from_spec(spec)
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, module)
    in_c = vars(import_module(IN_C[name])) if name in IN_C else {}
    module.__class__ = _RunWhenUsed
    vars(module).update(
        {each: value for each, value in in_c.items() if not each.startswith("_")}
        | (USED_AT_ONCE | USED_BY_ARROW).get(name, {})
        | {each: _called_later(module, each) for each in CALLED_AT_MOST.get(name, ())}
        | {LOADER: spec.loader}
    )


def leave(code: object) -> None:
    """End the process, if nothing else is to happen in it: Python would take all modules apart, a twentieth of a check.

    What was to be done at the end is done. Threads are waited for, and who looks at how a program runs or is to hear
    of what it left open hears of its end, in Python's own way.
    """
    import atexit
    import contextlib
    import threading

    is_watched = sys.getprofile() or sys.gettrace() or sys.flags.dev_mode or sys.flags.interactive
    if not isinstance(code, int) or is_watched or threading.active_count() > 1:
        return
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def is_own() -> bool:
    """Whether the process runs one command, and ends with it."""
    return _state["is own"]


def keep(what: object) -> None:
    """Keep something large to the end of a process of our own: taking it apart piece by piece would take long."""
    if is_own():
        _kept.append(what)


def let_pandas_be_found() -> None:
    """Let those find pandas who have a use for it."""
    if _InACommand in sys.meta_path:
        sys.meta_path.remove(_InACommand)


def let_arrow_look_around() -> None:
    """Let Arrow import what it looks for when it is first given Python's values, before anything is written.

    It forgets an interruption that comes meanwhile.
    """
    import pyarrow as pa

    import_less("numpy.ma")
    pa.array([""])


def import_less(name: str) -> None:
    """Have a module of `USED_BY_ARROW` run when it is used; what it is part of has to be there."""
    if is_own():
        _run_later(name)


def use_one_heap() -> None:
    """Let all threads take memory from one heap of the C library: with one each, a tenth more of it is held."""
    if is_own() and sys.platform == "linux":
        import contextlib
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


_ARENA_MAX = -8
"""What `mallopt` of the GNU C library calls M_ARENA_MAX."""
