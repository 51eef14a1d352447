"""imagefit says whether an image fits an ECS, and if not, why, and what would make it fit.

Three verbs, one for each user: `check` (one candidate, before it is created), `audit` (a table of
candidates) and `match` (every image against every ECS). `read` says what a file says, `load_pack` loads
other rules than the built-in ones, `with_waivers` lets somebody answer for a finding until a day.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, whose import costs more than Python's start

if TYPE_CHECKING:
    from imagefit.api.audit import Audit, audit
    from imagefit.api.check import check
    from imagefit.api.match import Match, match
    from imagefit.api.packs import load_pack
    from imagefit.api.read import Document, read
    from imagefit.api.suggest import Repairs, Suggestions, suggest
    from imagefit.api.waivers import with_waivers
    from imagefit.errors import EvaluatorError, ImagefitError, ImagefitWarning, InputError, PackError, UnknownNameError
    from imagefit.rulepack.pack import Outcome, Pack, Rule, Severity
    from imagefit.verdicts import Verdict, VerdictKind

__version__ = "0.1.0"

_PUBLIC = {
    "Audit": "imagefit.api.audit",
    "audit": "imagefit.api.audit",
    "check": "imagefit.api.check",
    "load_pack": "imagefit.api.packs",
    "Document": "imagefit.api.read",
    "read": "imagefit.api.read",
    "Repairs": "imagefit.api.suggest",
    "Suggestions": "imagefit.api.suggest",
    "suggest": "imagefit.api.suggest",
    "with_waivers": "imagefit.api.waivers",
    "EvaluatorError": "imagefit.errors",
    "ImagefitError": "imagefit.errors",
    "ImagefitWarning": "imagefit.errors",
    "InputError": "imagefit.errors",
    "PackError": "imagefit.errors",
    "UnknownNameError": "imagefit.errors",
    "Match": "imagefit.api.match",
    "match": "imagefit.api.match",
    "Outcome": "imagefit.rulepack.pack",
    "Pack": "imagefit.rulepack.pack",
    "Rule": "imagefit.rulepack.pack",
    "Severity": "imagefit.rulepack.pack",
    "Verdict": "imagefit.verdicts",
    "VerdictKind": "imagefit.verdicts",
}

__all__ = [
    "Audit",
    "Document",
    "EvaluatorError",
    "ImagefitError",
    "ImagefitWarning",
    "InputError",
    "Match",
    "Outcome",
    "Pack",
    "PackError",
    "Repairs",
    "Rule",
    "Severity",
    "Suggestions",
    "UnknownNameError",
    "Verdict",
    "VerdictKind",
    "__version__",
    "audit",
    "check",
    "load_pack",
    "match",
    "read",
    "suggest",
    "with_waivers",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that ``import imagefit`` costs next to nothing."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
