"""What --test-controls adds to a server. It stands in front of it and beneath it, not in it."""
