"""The stages from capture to release as plain functions, and the order they run in."""
