"""Recorded pages in another layout than their reader has seen: what is still read, what is wrong.

`python -m tests.blind` prints precision and recall by kind of rewrite.
"""
