"""Remedies that a rule offers: what one does to a candidate's facts, and whether it is right, by trying it.

One remedy is tried at a time; what several come to, one after the other, is `planning`'s to say.
"""
