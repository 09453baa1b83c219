"""OpenUCWA: an open server and client for UCWA 2.0, the Unified Communications Web API."""

__version__ = "0.1.0"
