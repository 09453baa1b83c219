"""The resources that are served: one file a noun, with its properties, its links, and its verbs.

Verbs are plain functions that run within one transaction. Resources name each other by rel and
never import each other; `registry.py` brings them together.
"""
