"""Proof of what OpenUCWA promises, by programs that try to show the contrary; see README.md."""
