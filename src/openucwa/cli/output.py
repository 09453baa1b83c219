"""Progress, for people who wait."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def progress() -> Generator[Callable[[str, int, int], None]]:
    """Show at a terminal how far it is."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("")

        def tell(doing: str, done: int, of: int) -> None:
            progress.update(task, description=doing, completed=done, total=of)

        yield tell
