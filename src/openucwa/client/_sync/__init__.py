# Made from _async/__init__.py by `make synchronous`. Change that one.
"""The synchronous client, written by hand. `make synchronous` makes the other one from it."""
