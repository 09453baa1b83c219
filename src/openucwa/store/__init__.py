"""Rows, in transactions. The SQL is written by hand, once for every engine."""
