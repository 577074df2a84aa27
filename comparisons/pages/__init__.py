"""The web pages: one set of functions and templates, for the static build and for the server."""
