"""An extension of Flask, and an application with it."""
