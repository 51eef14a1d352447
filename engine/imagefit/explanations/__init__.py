"""Why: of one candidate, and of a column of them at the speed of columns."""
