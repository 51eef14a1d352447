"""Evaluators: implementations of the one semantics. `reference` is the definition."""
