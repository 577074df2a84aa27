"""From a printed name to a model or a provider."""
