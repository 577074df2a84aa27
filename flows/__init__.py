"""The stages from capture to release as plain functions, and the order they run in."""

from flows.environment import hush

hush()  # before any of our modules imports Prefect
