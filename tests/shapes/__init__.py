"""Applications in the shapes that real ones have, each with its own test."""
