"""Computing a match: two sides, their product, and what is asked of it."""
