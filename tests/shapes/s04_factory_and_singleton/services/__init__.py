"""Services that the application uses."""
