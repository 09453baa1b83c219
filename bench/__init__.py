"""Benchmark of OpenUCWA beside the limit that its web server sets: `python -m bench`."""
