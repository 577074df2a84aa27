"""The words of the almanac: quantities, fields, claims, figures, source cards, the catalogue."""
