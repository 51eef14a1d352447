"""Plans: what would make a candidate fit. Remedies are searched, applied one after the other, and re-checked."""
