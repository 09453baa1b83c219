"""Writes docs/reference/sdk.md from the Python client's source, as `make reference`."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from openucwa import client
from openucwa.client import errors
from tools.sdk_source import (
    OTHERS,
    Public,
    arguments,
    attributes_of,
    is_hidden,
    methods,
    name_of,
    sections,
    source_of,
    type_of,
)

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "sdk.md"

_WIDTH = 88

_INTRODUCTION = """\
# The Python client

`from openucwa.client import …`. This page is written by `make reference` from the client's source;
[the tutorial](../tutorial.md) is a better start.

`Client` blocks, and threads may share it. `AsyncClient` is the same for asyncio and trio: its
methods are awaited, unless they give something for `async for` or `async with`; `close` is `aclose`
there. The other names that start with `Async` belong to it in the same way.

Times are aware datetimes. A property that is not there reads as None, or as an empty text or tuple,
as its type says. A member of an enumeration that this client does not know stays a `str`.
"""


def page() -> str:
    """The page as it has to be."""
    blocks = [_INTRODUCTION]
    again: Counter[str] = Counter()
    for title, names in sections().items():
        links = ", ".join(_link(one.title, again) for one in names)
        blocks.append(f"- [{title}](#{_anchor(title)}): {links}")
    for title, names in sections().items():
        blocks.append(f"\n## {title}\n")
        for module in dict.fromkeys(one.module for one in names):
            blocks += _module(module)
        for one in names:
            blocks += _entry(one)
    return "\n".join(blocks).rstrip() + "\n"


def _module(module: ModuleType) -> Iterator[str]:
    """Yield the docstring of a module that people import."""
    head, _, rest = (module.__doc__ or "").strip().partition("\n\n")
    if module is errors:
        yield f"{head}\n\n```text\n{rest}\n```\n"
    elif module in OTHERS:
        yield f"`import {module.__name__}`\n\n{head}\n\n{rest}\n"


def _entry(public: Public) -> Iterator[str]:
    yield f"### {public.title}\n"
    if isinstance(public.node, ast.ClassDef):
        yield from _class(public.node, public.module)
    elif isinstance(public.node, ast.FunctionDef):
        yield from _function(public.node, public.title)
    else:
        value = source_of(getattr(public.node, "value", None))
        if len(value) > _WIDTH:  # a union of many
            value = "(\n    " + value.replace(" | ", "\n    | ") + "\n)"
        yield f"```py\n{public.name} = {value}\n```\n"
        yield f"{public.words}\n"


def _class(node: ast.ClassDef, module: ModuleType) -> Iterator[str]:
    yield from _bases(node, module)
    if (init := _constructor(node, module)) is not None:
        yield f"```py\n{_signature(init, node.name, returns=False)}\n```\n"
    yield _markdown(ast.get_docstring(node) or "")
    if f"Async{node.name}" in client.__all__:
        yield f"For asyncio: `Async{node.name}`.\n"
    attributes = attributes_of(node, module)
    has_words = any(one.words for one in attributes)
    if attributes:
        yield "| attribute | type |" + (" what it is |" if has_words else "")
        yield "|---|---|" + ("---|" if has_words else "")
        for one in attributes:
            cells = [f"`{one.name}`", f"`{one.type}`".replace("|", "\\|")]
            yield f"| {' | '.join([*cells, one.words] if has_words else cells)} |"
        yield ""
    yield from _members(node)
    for method in methods(node):
        yield f"#### {node.name}.{method.name}\n"
        yield from _function(method, f"{node.name}.{method.name}")


def _members(node: ast.ClassDef) -> Iterator[str]:
    """The members of an enumeration, with how they are served."""
    members = {name_of(one): one.value for one in node.body if isinstance(one, ast.Assign)}
    if "StrEnum" in map(source_of, node.bases):
        yield ", ".join(f"`{name}` ({source_of(value)})" for name, value in members.items()) + "\n"


def _bases(node: ast.ClassDef, module: ModuleType) -> Iterator[str]:
    """Yield the line that names the base classes, which are described themselves."""
    bases = [source_of(one) for one in node.bases if not is_hidden(source_of(one), module)]
    bases = [one for one in bases if not one.startswith("Generic[")]
    told = [_link(one) if one in client.__all__ else f"`{one}`" for one in bases]
    if told:
        yield f"Is a {', '.join(told)}.\n"


def _constructor(node: ast.ClassDef, module: ModuleType) -> ast.FunctionDef | None:
    """Return the constructor, unless it takes something that is not public."""
    if issubclass(getattr(module, node.name), Exception):
        return None
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            types = " ".join(type_of(each.annotation) for each in arguments(one))
            is_for_others = any(is_hidden(name, module) for name in re.findall(r"\w+", types))
            return None if is_for_others else one
    return None


def _function(node: ast.FunctionDef, name: str) -> Iterator[str]:
    yield f"```py\n{_signature(node, name)}\n```\n"
    yield _markdown(ast.get_docstring(node) or "")


def _signature(node: ast.FunctionDef, name: str, *, returns: bool = True) -> str:
    """Return the signature of a function: on one line, or with each parameter on its own."""
    parameters = list(_parameters(node.args))
    result = f" -> {type_of(node.returns)}" if returns else ""
    short = f"{name}({', '.join(parameters)}){result}"
    if len(short) <= _WIDTH:
        return short
    return "\n".join([f"{name}(", *(f"    {one}," for one in parameters), f"){result}"])


def _parameters(given: ast.arguments) -> Iterator[str]:
    positional = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
    for one, default in zip(positional, defaults, strict=True):
        if one.arg not in ("self", "cls"):
            yield _parameter(one, default)
    if given.vararg:
        yield f"*{_parameter(given.vararg, None)}"
    elif given.kwonlyargs:
        yield "*"
    for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield _parameter(one, default)
    if given.kwarg:
        yield f"**{_parameter(given.kwarg, None)}"


def _parameter(given: ast.arg, default: ast.expr | None) -> str:
    type = type_of(given.annotation)
    typed = f"{given.arg}: {type}" if type and not type.startswith("_") else given.arg
    return typed if default is None else f"{typed} = {source_of(default)}"


def _markdown(docstring: str) -> str:
    """A docstring as Markdown: its examples are code."""
    return (
        re.sub(r"^>>> .*?(?=\n\n|\Z)", r"```pycon\n\g<0>\n```", docstring, flags=re.M | re.S) + "\n"
    )


def _link(title: str, again: Counter[str] | None = None) -> str:
    """A link to what has that title. Of those with the same anchor, later ones have a number."""
    anchor = _anchor(title)
    number = 0 if again is None else again[anchor]
    if again is not None:
        again[anchor] += 1
    return f"[{title}](#{anchor}{f'-{number}' if number else ''})"


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
