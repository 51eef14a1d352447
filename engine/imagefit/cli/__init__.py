"""The command line: one module a verb, each imported when it is used. Nothing here decides anything."""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["main", "script"]


def main() -> None:
    """Run `imagefit` with the process's arguments and exit with its code."""
    try:
        _run()
    except KeyboardInterrupt:  # before a command looks for it, which is when most is imported
        sys.stderr.write("imagefit: interrupted\n")
        sys.exit(130)


def script() -> None:
    """Run `main` where nothing of the process comes after it: what was imported is left as it is."""
    try:
        main()
    except SystemExit as end:
        from imagefit.cli.own_process import leave

        leave(end.code)
        raise


def _run() -> None:
    from imagefit.cli.terminal import tell_rich

    tell_rich()  # before rich is imported
    if is_help_told():
        return
    # One short run: fewer collections, and no search for plugins of pydantic, make a check a fifth quicker.
    gc.set_threshold(200_000)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    _tell_allocators()
    # Numpy's algebra starts a thread for each core, which wait for work by looking for it: here there is none for them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from imagefit.cli.own_process import begin

    begin()
    from imagefit.cli.root import root

    try:
        root(prog_name="imagefit")
    finally:
        gc.freeze()  # the interpreter, which ends, need not look for garbage among all that was imported


def _tell_allocators() -> None:
    """Say how Arrow's allocators are to treat memory that is free for a moment; what the user says of them counts."""
    # Of jemalloc, which Arrow's packages for this platform have, one arena for all threads: a tenth less CPU goes into
    # files than with Arrow's usual one, in as little memory. Where it is not there, Arrow would say so.
    if getattr(sys.implementation, "_multiarch", "") == "x86_64-linux-gnu":
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
        options = "oversize_threshold:0,muzzy_decay_ms:0,narenas:1,dirty_decay_ms:5000"
        os.environ.setdefault("JE_ARROW_MALLOC_CONF", options)
    # Else it gives back each part of its arenas that is free: a quarter less memory is in use at a time than where it
    # keeps them, and a quarter less CPU goes into new pages than where it does without arenas.
    os.environ.setdefault("MIMALLOC_ARENA_EAGER_COMMIT", "0")


def is_help_told() -> bool:
    """Write the help, if that is asked for and it was drawn before; whatever goes wrong is told as it always is."""
    from imagefit.cli.drawn import drawn_help

    text = drawn_help(sys.argv[1:])
    if text is None:
        return False
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        from imagefit.cli.errors import run_safely

        def fail(error: OSError = error) -> None:
            raise error

        sys.exit(run_safely(fail))
    return True
