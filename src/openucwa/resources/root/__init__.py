"""Autodiscovery: how a client that knows only an address finds its server."""
