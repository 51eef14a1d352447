"""Why, of one candidate after the other: a verdict with the results of its rules, and what to ask the cloud for.

An evaluator says the outcomes; here they are explained, and what was explained is remembered. No columns are known.
"""
