"""The stages and their order, backfill, replay, notifications."""
