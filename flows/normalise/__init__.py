"""Claims in the almanac's words."""
