"""Questions about rule packs (coverage, lint, diff, verify), answered by looking at every case they can tell apart."""
