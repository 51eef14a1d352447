"""Arrow data as columns of facts: codes, numbers, constants. They know types and no rule."""
