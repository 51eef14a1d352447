"""A match as a file or as text."""
