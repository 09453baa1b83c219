"""The synchronous client, as it is made from the asynchronous one."""

from tools.synchronous import synchronous

SOURCE = '''\
"""The asynchronous client, made by `AsyncClient.discover`. Tasks may share it."""

from contextlib import AsyncExitStack
from typing import Self

from openucwa.client._async.concurrency import sleep


class AsyncClient:
    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self)
        return self

    async def aclose(self) -> None:
        """Called by `async with`: `await client.aclose()`."""
        await sleep(1)
        async for one in AsyncClients(f"{await self.name()} of AsyncClient"):
            await one.aclose()
'''
MADE = '''\
# Made from _async/client.py by `make synchronous`. Change that one.
"""The synchronous client, made by `Client.discover`. Threads may share it."""

from contextlib import ExitStack
from typing import Self

from openucwa.client._sync.concurrency import sleep


class Client:
    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self)
        return self

    def close(self) -> None:
        """Called by `with`: `client.close()`."""
        sleep(1)
        for one in Clients(f"{self.name()} of Client"):
            one.close()
'''


def test_what_awaits_blocks_and_names_lose_their_async() -> None:
    assert synchronous({"client.py": SOURCE}) == {"client.py": MADE}
