"""From the claims about one thing to a figure."""
