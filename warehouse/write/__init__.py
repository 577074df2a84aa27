"""What writes the warehouse."""
