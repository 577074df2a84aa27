"""The archive of bodies: WARC files, their index, their integrity."""
