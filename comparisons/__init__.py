"""Comparisons computed from one release: costs, differences, prose. Reads the warehouse's public API only."""
