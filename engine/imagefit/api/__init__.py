"""The three verbs in Python; the only rooms that join computing and reports."""
