"""The read API, without SQLAlchemy."""
