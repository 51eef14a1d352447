"""Rule packs: file models, loading, checking, digest. Nothing here evaluates a candidate."""
