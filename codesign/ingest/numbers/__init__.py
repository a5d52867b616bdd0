"""Numbers that know how far they may be from the real one: float64 balls, rational intervals."""
