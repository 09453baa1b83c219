"""The user herself."""
