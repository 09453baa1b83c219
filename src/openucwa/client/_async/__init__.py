"""The asynchronous client, written by hand. `make synchronous` makes the other one from it."""
