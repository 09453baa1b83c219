"""The command line.

What a command is, stands in `config`, `copy`, `migrate`, `serve` and `user`. They import what
belongs to the server inside their functions, so that `openucwa --version` and `--help` are quick,
and work without it.
"""
