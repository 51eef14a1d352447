"""Puts the folders that stand beside `engine/` into the package that is built; all else is in pyproject.toml."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_py import build_py

SHIPPED = ("rules", "data")


class BuildWithShippedFolders(build_py):
    """Copies the rule packs and the catalogs into ``imagefit/``, where `imagefit.shipped` finds them in a wheel.

    An editable install copies nothing: there they are found beside `engine/`.
    """

    def run(self) -> None:
        """Build the modules, then copy, then compile the rule packs."""
        super().run()
        if not self.editable_mode:
            for source, target in self._shipped().items():
                self.mkpath(str(Path(target).parent))
                self.copy_file(source, target, preserve_mode=False)
            self._compile()

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Return the files that are built, those that are copied among them."""
        copied = [] if self.editable_mode else self._shipped().values()
        compiled = [str(Path(path).with_suffix(".json")) for path in copied if Path(path).name == "pack.yaml"]
        return [*super().get_outputs(include_bytecode), *copied, *filter(os.path.exists, compiled)]

    def _compile(self) -> None:
        """Compile the packs by the engine that is built; without what it takes, YAML is read when they are used."""
        engine = Path(__file__).resolve().parent / "engine"
        code = "import sys; from imagefit.api.packs import compile_shipped; compile_shipped(sys.argv[1])"
        command = [sys.executable, "-B", "-c", code, str(Path(self.build_lib, "imagefit", "rules").resolve())]
        made = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(engine)}, check=False)
        if made.returncode != 0:
            self.warn("the rule packs are not compiled, so that imagefit will start slowly")

    def _shipped(self) -> dict[str, str]:
        """Return the files of the folders, each with the place that it is copied to."""
        package = Path(self.build_lib, "imagefit")
        files = (file for folder in SHIPPED for file in sorted(Path(folder).rglob("*")))
        return {str(file): str(package / file) for file in files if file.is_file() and "__pycache__" not in file.parts}


# One library for every Python from 3.11 on, in the limited API, which a Python without the interpreter's lock has not.
# Where it can't be compiled, decision tables judge columns in its place.
IS_LIMITED = not sysconfig.get_config_var("Py_GIL_DISABLED")

KERNEL = Extension(
    "imagefit.kernel._kernel",
    [f"engine/imagefit/kernel/{name}.c" for name in ("kernel", "reading", "writing")],
    depends=["engine/imagefit/kernel/exported.h"],
    define_macros=[("Py_LIMITED_API", "0x030B0000")] if IS_LIMITED else [],
    extra_compile_args=["/std:c11"] if os.name == "nt" else ["-O3", "-std=c11", "-Wall", "-Wextra"],
    py_limited_api=IS_LIMITED,
    optional=True,
)

setup(
    cmdclass={"build_py": BuildWithShippedFolders},
    ext_modules=[KERNEL],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if IS_LIMITED else {},
)
