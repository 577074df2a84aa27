"""One module and one card per source."""
