"""What earns a token: one file a grant type (AuthenticationInUCWA.md)."""
