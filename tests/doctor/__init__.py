"""Projects as they are found, and what the doctor says of them."""
