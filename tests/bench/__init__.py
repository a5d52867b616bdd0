"""Long measurements, which ``make bench`` runs: one module each, found by itself."""
