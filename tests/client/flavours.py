"""Both clients, as tests use them: the asynchronous one is driven from outside of its loop.

So one test, written with `with`, `for` and plain calls, tells of both.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from inspect import iscoroutine, ismethod
from types import TracebackType
from typing import Any

from anyio.from_thread import BlockingPortal


class Driven:
    """An object of the asynchronous client: what it awaits, this waits for."""

    def __init__(self, inner: object, portal: BlockingPortal) -> None:
        self.inner = inner
        self._portal = portal

    def __getattr__(self, name: str) -> Any:
        return self._driven(getattr(self.inner, "aclose" if name == "close" else name))

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("inner", "_portal"):
            super().__setattr__(name, value)
        else:
            setattr(self.inner, name, value)

    def __enter__(self) -> Any:
        enter: Callable[[], Any] = self.inner.__aenter__  # type: ignore[attr-defined]
        return self._driven(self._portal.call(enter))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Any:
        leave: Callable[..., Any] = self.inner.__aexit__  # type: ignore[attr-defined]
        return self._portal.call(leave, kind, error, traceback)

    def __iter__(self) -> "Driven":
        return self

    def __next__(self) -> Any:
        async def one() -> Any:
            return await anext(self.inner, _END)  # type: ignore[call-overload]

        if (found := self._portal.call(one)) is _END:
            raise StopIteration
        return self._driven(found)

    def _driven(self, value: Any) -> Any:
        if ismethod(value):
            return self._call(value)
        if isinstance(value, AbstractAsyncContextManager) and not _is_ours(value):
            return self._managed(value)
        if isinstance(value, AsyncIterator) and not _is_ours(value):
            return self._iterated(value)
        return Driven(value, self._portal) if _is_ours(value) else value

    def _call(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            async def run() -> Any:
                found = method(*arguments, **named)
                return await found if iscoroutine(found) else found

            return self._driven(self._portal.call(run))

        return call

    @contextmanager
    def _managed(self, manager: AbstractAsyncContextManager[Any]) -> Iterator[Any]:
        managed: AbstractContextManager[Any] = self._portal.wrap_async_context_manager(manager)
        with managed as found:
            yield self._driven(found)

    def _iterated(self, iterator: AsyncIterator[Any]) -> Iterator[Any]:
        async def one() -> Any:
            return await anext(iterator, _END)

        try:
            while (found := self._portal.call(one)) is not _END:
                yield self._driven(found)
        finally:
            if close := getattr(iterator, "aclose", None):
                self._portal.call(close)


_END = object()


def _is_ours(value: object) -> bool:
    """Whether it is of the asynchronous client; an exception is passed on as it is."""
    return type(value).__module__.startswith("openucwa.client._async") and not isinstance(
        value, BaseException
    )
