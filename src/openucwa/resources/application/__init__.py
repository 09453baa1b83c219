"""Applications: where a signed-in client starts."""
