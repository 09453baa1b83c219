"""Scheduling online meetings."""
