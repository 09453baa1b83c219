"""Copying all that an installation keeps from one database to another, of either engine."""
