"""Which missing facts matter: those that could still change the outcome of a rule, or a verdict.

They are found, within a budget, by forcing facts and by searching; neither guesses a fact, nor asks a cloud for one.
"""
