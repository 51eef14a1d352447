"""How a process of our own finds imagefit's modules: each is where its name says, compiled beside its source.

Python asks each of its finders, lists folders and takes ten calls of the system for each of a hundred and thirty
modules, a twentieth of a check. What is not as it is after a module was imported once, Python finds in its own way.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import BuiltinImporter, ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from marshal import loads
from types import CodeType

__all__ = ["ModuleFinder", "find_own_modules"]

PACKAGE = __name__.partition(".")[0]

_ENDING = f".{sys.implementation.cache_tag}.pyc"
_HEAD, _FIELD = 16, (1 << 32) - 1
_BY_TIME = MAGIC_NUMBER + bytes(4)
"""What a compiled module begins with, if it is valid by the time and the size of its source, which come next."""


class _Loader(SourceFileLoader):
    """Python's loader of a source file, of which the code was read already."""

    code: CodeType | None = None

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code that was read, once."""
        found, self.code = self.code, None
        return super().get_code(fullname) if found is None else found


class ModuleFinder:
    """Finds the modules of the package imagefit."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """Return what a module is made by; None where Python is to look for itself."""
        if path is None or len(path) != 1 or not name.startswith(f"{PACKAGE}."):
            return None
        folder, last, is_package = path[0], name.rpartition(".")[2], False
        try:
            try:
                stated = os.stat(source := f"{folder}/{last}.py")
            except FileNotFoundError:
                is_package, folder, last = True, f"{folder}/{last}", "__init__"
                stated = os.stat(source := f"{folder}/__init__.py")
            descriptor = os.open(cached := f"{folder}/__pycache__/{last}{_ENDING}", os.O_RDONLY | os.O_CLOEXEC)
            try:
                data = os.read(descriptor, os.fstat(descriptor).st_size)
            finally:
                os.close(descriptor)
        except OSError:
            return None
        of_source = (int(stated.st_mtime) & _FIELD, stated.st_size & _FIELD)
        if data[:_HEAD] != _BY_TIME + b"".join([number.to_bytes(4, "little") for number in of_source]):
            return None
        loader = _Loader(name, source)
        loader.code = loads(memoryview(data)[_HEAD:])
        spec = ModuleSpec(name, loader, origin=source, is_package=is_package)
        spec.has_location, spec.cached = True, cached
        if is_package:
            spec.submodule_search_locations = [folder]
        return spec


def find_own_modules() -> None:
    """Find the modules of imagefit so, where Python keeps what it compiles beside its source.

    Whoever was to be asked before Python's own finders still is.
    """
    is_usual = not (sys.flags.optimize or sys.pycache_prefix or os.sep != "/" or os.altsep)
    if is_usual and BuiltinImporter in sys.meta_path:
        sys.meta_path.insert(sys.meta_path.index(BuiltinImporter), ModuleFinder)
