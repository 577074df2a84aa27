"""The layout check, the expectations, the quality report."""
