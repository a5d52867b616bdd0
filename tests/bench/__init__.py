"""Long measurements, which ``make bench`` runs: each writes a table with its figures to ``build/bench``."""
