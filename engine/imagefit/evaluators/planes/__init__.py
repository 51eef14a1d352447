"""The compiled evaluator: conditions as planes of bits, for whole columns."""
