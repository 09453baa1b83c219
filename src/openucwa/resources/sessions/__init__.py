"""Sessions: what a user has signed in, and can end."""
