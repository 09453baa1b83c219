"""The tables: each file holds the SQL of one, or of several that belong together."""
