"""How many sign-ins may fail before no more are heard."""

from datetime import timedelta

WINDOW = timedelta(minutes=5)
"""For so long a failure counts."""
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 100
