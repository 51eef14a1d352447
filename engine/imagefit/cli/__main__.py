"""``python -m imagefit.cli``: the same as ``imagefit``."""

from imagefit.cli import script

script()
