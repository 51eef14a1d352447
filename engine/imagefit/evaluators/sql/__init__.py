"""Rules as one SELECT, for databases and clusters; DuckDB runs it here, as an evaluator like the others."""

KNOWN = ":known"
"""What the column is called beside a set, where a list can't be null, that says whether it is known."""
