"""The variables of the environment that say what the command line does not: ``IMAGEFIT_FAIL_ON`` for ``--fail-on``."""

from __future__ import annotations

__all__ = ["VARIABLE", "taken_from_environment"]

VARIABLE = "IMAGEFIT_"
"""How their names begin."""

taken_from_environment: dict[str, str] = {}
"""Of the options that the environment gave a value in this process, the variables: what is wrong there says so."""
