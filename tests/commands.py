"""The command line, run in this process."""

from __future__ import annotations

from collections.abc import Mapping

from click.testing import CliRunner, Result

from imagefit.cli.root import root

__all__ = ["run"]


def run(*arguments: str, input: str | bytes | None = None, env: Mapping[str, str | None] | None = None) -> Result:
    """Run `imagefit`: ``run("check", "--operation", "share")``; it may end with an exit code, and with no error."""
    result = CliRunner().invoke(root, list(arguments), input=input, env=env, prog_name="imagefit")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result
