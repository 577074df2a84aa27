"""Conflict resolution for any table of claims.

It finds who is right where sources disagree, without being told.

`table` holds claims as arrays, `values` says which spellings are one value, `copies` finds sources
that speak with one voice, `belief` learns how reliable each voice is and what is so, `fuse` puts
them together. It knows nothing of language models and needs NumPy only.
"""
