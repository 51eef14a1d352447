"""Where a rule is written down, in words."""

from __future__ import annotations

from imagefit.rulepack.pack import Basis, Pack, Rule

__all__ = ["source_text"]


def source_text(rule: Rule, pack: Pack) -> str:
    """Return where a rule comes from: the document's title, the section, and the basis where that is weaker."""
    source = rule.source
    document = pack.sources[source.document].title if source.document in pack.sources else source.document
    basis = "" if rule.basis is Basis.DOCUMENTED else f" ({rule.basis})"
    return (f"{document}, {source.section}" if source.section else document) + basis
