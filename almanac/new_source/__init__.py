"""The teacher behind `almanac new-source`: what it makes of a page, and what it writes of it."""
