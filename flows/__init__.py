"""The stages from capture to release as plain functions, and the order they run in."""

from almanac.flows.orchestration.environment import hush

hush()  # before any of our modules imports Prefect
