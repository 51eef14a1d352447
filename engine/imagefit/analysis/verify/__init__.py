"""Whether all evaluators agree, on everything that a pack can tell apart."""
