"""The Rete evaluator: rules translated for durable_rules, with its traps kept shut."""
