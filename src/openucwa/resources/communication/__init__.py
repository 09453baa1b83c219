"""Conversations and what they are made of."""
