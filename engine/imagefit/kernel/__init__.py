"""Loops over bytes, in C, for who works on columns; without a C compiler, numpy does the same."""
