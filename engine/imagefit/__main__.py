"""``python -m imagefit``: the same as ``imagefit``."""

from imagefit.cli import script

script()
