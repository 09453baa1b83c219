"""The registry of every resource below `applications`: what the folders export as RESOURCES."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from openucwa import resources
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Resource


def _exported() -> Iterator[Resource[Any]]:
    for folder in pkgutil.iter_modules(resources.__path__, f"{resources.__name__}."):
        if folder.ispkg:
            yield from getattr(import_module(folder.name), "RESOURCES", ())


REGISTRY = Registry(_exported())
