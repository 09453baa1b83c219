"""What a user has signed in."""
