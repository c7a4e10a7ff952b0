"""Changes of models, told to whoever listens."""
