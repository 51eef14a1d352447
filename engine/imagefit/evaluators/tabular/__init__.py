"""The evaluator for tables: decision tables filled by the reference, for single candidates and for columns."""
