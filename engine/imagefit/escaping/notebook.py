"""How an object shows itself in a notebook: what makes the HTML is a report, and is loaded when a notebook asks."""

from __future__ import annotations

from importlib import import_module

__all__ = ["fragment"]


def fragment(name: str, *told: object) -> str:
    """Return what a function of `imagefit.reports.notebook` makes of some objects.

    Verdicts, packs and rules stand below the reports and import none: as formats are, the function is named.
    """
    made: str = getattr(import_module("imagefit.reports.notebook"), name)(*told)
    return made
