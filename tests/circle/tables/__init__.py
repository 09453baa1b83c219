"""The tables of circles."""
