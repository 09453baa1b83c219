"""Progress, for people who wait."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from openucwa.cli import streams


@contextmanager
def progress() -> Generator[Callable[[str, int, int], None]]:
    """Show at a terminal how far it is."""
    from rich.console import Console
    from rich.progress import Progress

    shown = streams.error_is_terminal()
    with Progress(console=Console(stderr=True), transient=True, disable=not shown) as progress:
        task = progress.add_task("")

        def tell(doing: str, done: int, of: int) -> None:
            progress.update(task, description=doing, completed=done, total=of)

        yield tell
