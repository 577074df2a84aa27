"""One page, or one repository, into the warehouse."""
