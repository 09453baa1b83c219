"""A conversation in the terminal: a screen for a person, lines for a program."""
