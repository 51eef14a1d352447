"""Why, of many candidates at once: rows that are alike in all that is said are one case, which is explained once.

What is said of a case is `candidate`'s to say; here it becomes texts and lists for all of its rows, as columns. No
verdict is made here.
"""
