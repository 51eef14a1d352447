"""From bytes to candidates: opening, detecting, reading piece by piece. Sources know no attribute of a vendor."""
