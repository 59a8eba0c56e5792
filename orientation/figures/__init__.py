"""How many dossiers have come to each step, by division, school, académie or for the country: figures, never names."""
