"""The commands, one file a group, named as the user calls them."""
