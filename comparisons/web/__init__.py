"""The web server: pages, API and feed over HTTP."""
