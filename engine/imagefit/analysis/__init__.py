"""Questions about rule packs (coverage, lint, diff, verify), answered from decision tables."""
