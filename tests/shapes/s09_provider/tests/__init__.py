"""The application's own tests."""
