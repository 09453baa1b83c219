"""Grants: one file for each grant type (AuthenticationInUCWA.md)."""
