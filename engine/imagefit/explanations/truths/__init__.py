"""What comparisons come to: as functions, as bits of one number, and what is left of conditions that are open.

It is known here, too, which values of facts that are compared with each other have the same future. Nothing here knows
of remedies, or says what is missing.
"""
