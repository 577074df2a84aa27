"""Everything that makes a bill; also the public `price()`."""
