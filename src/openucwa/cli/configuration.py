"""The configuration, for commands."""

from pathlib import Path
from typing import Any

from openucwa.cli.failure import WrongInput
from openucwa.settings import sources
from openucwa.settings.sources import Configuration, Misconfigured


def load(config: Path | None, **options: Any) -> Configuration:
    """Gather the settings; an option that is None was not given. Raises WrongInput."""
    try:
        return sources.load(options, config)
    except Misconfigured as error:
        raise WrongInput(str(error)) from None
