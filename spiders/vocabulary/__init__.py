"""What the words of pages mean: labels, conditions, names and lengths, for every source alike."""
