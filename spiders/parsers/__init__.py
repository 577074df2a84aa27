"""Shared forms: readers for what many sources have in common."""
