"""Writes docs/reference/sdk.md from the Python client's source, as `make reference`.

What a name is, its docstring says; what an attribute is, the text below it, or the docstring of its
class, in which it then stands `so`. Types and defaults are those of the source.
"""

import ast
import importlib
import re
import sys
import typing
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from types import ModuleType

from openucwa import client
from openucwa.client import attributes, errors, transports
from openucwa.wire import enums, merge

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "sdk.md"

_SECTIONS: Mapping[str, Sequence[str]] = {
    "Signing in": ("client._sync.client", "client.me", "client.token", "client.signed_in"),
    "Meetings of a user": (
        "client._sync.meetings",
        "client.meeting",
        "client.people",
        "client.history",
        "client.extension",
    ),
    "When somebody else has changed it": ("client._sync.conflict", "client.conflict"),
    "What may be chosen": ("client.planning", "wire.enums"),
    "Events": ("client._sync.events", "client.event"),
    "Many requests as one": ("client._sync.batch", "client.batching"),
    "Anything else, by links": ("client.resource", "client.answer"),
    "Errors": ("client.errors",),
    "Instead of the network": ("client.transports",),
    "Merging by itself": ("wire.merge",),
}
"""The modules whose public names a section tells of."""
_OTHERS: Mapping[ModuleType, Sequence[str]] = {
    transports: transports.__all__,
    merge: ("merge", "Merge", "Conflict", "Kept", "Side", "differing", "is_server_owned", "kept"),
}
"""The public names of modules that people import themselves."""

_LIKE = {"Draft": "Meeting"}
"""Classes whose attributes are those of another class."""

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


@dataclass(frozen=True)
class Attribute:
    """An attribute: its type as the source spells it, and what it is, if that is said."""

    name: str
    type: str
    words: str


@dataclass(frozen=True)
class Public:
    """A public name: where it is defined, and how."""

    name: str
    module: ModuleType
    node: ast.stmt

    @property
    def title(self) -> str:
        """The name, with its module where that has to be imported."""
        module = self.module.__name__.rpartition(".")[2]
        return f"{module}.{self.name}" if self.module in _OTHERS else self.name

    @property
    def words(self) -> str:
        """The description."""
        if isinstance(self.node, ast.ClassDef | ast.FunctionDef):
            return ast.get_docstring(self.node) or ""
        return _texts_below(_tree_of(self.module).body).get(self.name, "")


def page() -> str:
    """The page as it has to be."""
    blocks = [_INTRODUCTION]
    again: Counter[str] = Counter()
    for title, names in _sections().items():
        links = ", ".join(_link(one.title, again) for one in names)
        blocks.append(f"- [{title}](#{_anchor(title)}): {links}")
    for title, names in _sections().items():
        blocks.append(f"\n## {title}\n")
        for module in dict.fromkeys(one.module for one in names):
            blocks += _module(module)
        for one in names:
            blocks += _entry(one)
    return "\n".join(blocks).rstrip() + "\n"


def undocumented() -> Iterator[str]:
    """Return the public names without a description or a type."""
    for public in chain.from_iterable(_sections().values()):
        if not public.words:
            yield public.title
        if isinstance(public.node, ast.ClassDef):
            for method in _methods(public.node):
                if not ast.get_docstring(method):
                    yield f"{public.title}.{method.name}"
            for one in _attributes(public.node, public.module):
                if not one.type or not (one.words or f"`{one.name}`" in public.words):
                    yield f"{public.title}.{one.name}"


def unplaced() -> set[str]:
    """The public names that stand in no section."""
    placed = {one.name for one in chain.from_iterable(_sections().values())}
    return {name for name in client.__all__ if name.removeprefix("Async") not in placed}


# Where names come from


@cache
def _sections() -> Mapping[str, Sequence[Public]]:
    return {title: list(_of(modules)) for title, modules in _SECTIONS.items()}


def _of(modules: Iterable[str]) -> Iterator[Public]:
    """The public names of modules, in the order of their source."""
    for name in modules:
        module = importlib.import_module(f"openucwa.{name}")
        public = _OTHERS.get(
            module, [one for one, of in _origins().items() if of == module.__name__]
        )
        for node in _tree_of(module).body:
            if _name(node) in public:
                yield Public(_name(node), module, node)


@cache
def _origins() -> Mapping[str, str]:
    """The module of each public name, as the package imports it."""
    return {
        alias.name: node.module or ""
        for node in ast.walk(_tree_of(client))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in client.__all__
    }


@cache
def _tree_of(module: ModuleType) -> ast.Module:
    assert module.__file__
    return ast.parse(Path(module.__file__).read_text(encoding="utf-8"))


def _node(module: ModuleType, name: str) -> ast.stmt:
    return next(node for node in _tree_of(module).body if _name(node) == name)


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


# What they are


def _texts_below(body: Sequence[ast.stmt]) -> dict[str, str]:
    """The text below each assignment, by the name that is assigned."""
    return {
        name: " ".join(str(text.value.value).split())
        for node, text in pairwise(body)
        if (name := _name(node))
        and isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def _methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and _is_public(one) and not _is_property(one):
            yield one


def _is_public(node: ast.FunctionDef) -> bool:
    return not node.name.startswith("_")


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list)


def _attributes(node: ast.ClassDef, module: ModuleType) -> list[Attribute]:
    """The attributes of a class, also those that it has from a base that is not public."""
    found: dict[str, Attribute] = {}
    for base in node.bases:
        if isinstance(base, ast.Name) and _is_hidden(base.id, module):
            inner = getattr(module, base.id)
            of = sys.modules[inner.__module__]
            definition = _node(of, base.id)
            assert isinstance(definition, ast.ClassDef)
            found |= {one.name: one for one in _attributes(definition, of)}
    words = _texts_below(node.body)
    if like := _LIKE.get(node.name):
        other = _node(module, like)
        assert isinstance(other, ast.ClassDef)
        words = _texts_below(other.body) | words
    for attribute, type in _types(node, module):
        if not type and attribute in found:
            continue
        said = words.get(attribute) or _words_of_enumeration(type)
        found[attribute] = Attribute(attribute, type, said)
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and _is_property(one) and _is_public(one):
            said = " ".join((ast.get_docstring(one) or "").split())
            found[one.name] = Attribute(one.name, _type(one.returns), said)
    return list(found.values())


def _words_of_enumeration(type: str) -> str:
    """Return the description of the enumeration whose members an attribute has."""
    found = [getattr(enums, name) for name in re.findall(r"\w+", type) if hasattr(enums, name)]
    return (found[0].__doc__ or "").partition("\n")[0] if found else ""


def _types(node: ast.ClassDef, module: ModuleType) -> Iterator[tuple[str, str]]:
    """The attributes that a class names or assigns, and their types."""
    for one in node.body:
        if isinstance(one, ast.AnnAssign) and not (name := _name(one)).startswith("_"):
            yield name, _type_of_attribute(one.annotation, module)
        elif isinstance(one, ast.FunctionDef) and one.name == "__init__":
            yield from _types_of_instance(one)


def _types_of_instance(init: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    given = {one.arg: _type(one.annotation) for one in _arguments(init)}
    for node in init.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
            if isinstance(node, ast.AnnAssign):
                yield target.attr, _type(node.annotation)
            elif isinstance(node, ast.Assign):
                value = node.value
                yield target.attr, given.get(value.id, "") if isinstance(value, ast.Name) else ""


def _type_of_attribute(annotation: ast.expr, module: ModuleType) -> str:
    """Return the type of an attribute; for a descriptor, that of its value in instances."""
    name = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    kind = getattr(module, name.id, None) if isinstance(name, ast.Name) else None
    if isinstance(kind, type) and issubclass(kind, attributes.Attribute):
        assert isinstance(annotation, ast.Subscript)
        return _source(annotation.slice)
    if isinstance(kind, type) and hasattr(kind, "__get__"):
        (*_, of_instances) = typing.get_overloads(kind.__get__)
        return str(of_instances.__annotations__["return"])
    return _type(annotation)


# How they are written


def _module(module: ModuleType) -> Iterator[str]:
    """Yield the docstring of a module that people import."""
    head, _, rest = (module.__doc__ or "").strip().partition("\n\n")
    if module is errors:
        yield f"{head}\n\n```text\n{rest}\n```\n"
    elif module in _OTHERS:
        yield f"`import {module.__name__}`\n\n{head}\n\n{rest}\n"


def _entry(public: Public) -> Iterator[str]:
    yield f"### {public.title}\n"
    if isinstance(public.node, ast.ClassDef):
        yield from _class(public.node, public.module)
    elif isinstance(public.node, ast.FunctionDef):
        yield from _function(public.node, public.title)
    else:
        value = getattr(public.node, "value", None)
        yield f"```py\n{public.name} = {_source(value)}\n```\n"
        yield f"{public.words}\n"


def _class(node: ast.ClassDef, module: ModuleType) -> Iterator[str]:
    yield from _bases(node, module)
    if (init := _constructor(node, module)) is not None:
        yield f"```py\n{_signature(init, node.name, returns=False)}\n```\n"
    yield _markdown(ast.get_docstring(node) or "")
    if f"Async{node.name}" in client.__all__:
        yield f"For asyncio: `Async{node.name}`.\n"
    attributes = _attributes(node, module)
    has_words = any(one.words for one in attributes)
    if attributes:
        yield "| attribute | type |" + (" what it is |" if has_words else "")
        yield "|---|---|" + ("---|" if has_words else "")
        for one in attributes:
            cells = [f"`{one.name}`", f"`{one.type}`".replace("|", "\\|")]
            yield f"| {' | '.join([*cells, one.words] if has_words else cells)} |"
        yield ""
    yield from _members(node)
    for method in _methods(node):
        yield f"#### {node.name}.{method.name}\n"
        yield from _function(method, f"{node.name}.{method.name}")


def _members(node: ast.ClassDef) -> Iterator[str]:
    """The members of an enumeration, with how they are served."""
    members = {_name(one): one.value for one in node.body if isinstance(one, ast.Assign)}
    if "StrEnum" in map(_source, node.bases):
        yield ", ".join(f"`{name}` ({_source(value)})" for name, value in members.items()) + "\n"


def _bases(node: ast.ClassDef, module: ModuleType) -> Iterator[str]:
    """Yield the line that names the base classes, which are described themselves."""
    bases = [_source(one) for one in node.bases if not _is_hidden(_source(one), module)]
    bases = [one for one in bases if not one.startswith("Generic[")]
    told = [_link(one) if one in client.__all__ else f"`{one}`" for one in bases]
    if told:
        yield f"Is a {', '.join(told)}.\n"


def _is_hidden(name: str, module: ModuleType) -> bool:
    """Return whether a name in a module is the client's, and not public."""
    found = getattr(module, name, None)
    is_ours = str(getattr(found, "__module__", "")).startswith("openucwa")
    return is_ours and name not in client.__all__


def _constructor(node: ast.ClassDef, module: ModuleType) -> ast.FunctionDef | None:
    """Return the constructor, unless it takes something that is not public."""
    if issubclass(getattr(module, node.name), Exception):
        return None
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            types = " ".join(_type(each.annotation) for each in _arguments(one))
            is_for_others = any(_is_hidden(name, module) for name in re.findall(r"\w+", types))
            return None if is_for_others else one
    return None


def _function(node: ast.FunctionDef, name: str) -> Iterator[str]:
    yield f"```py\n{_signature(node, name)}\n```\n"
    yield _markdown(ast.get_docstring(node) or "")


def _signature(node: ast.FunctionDef, name: str, *, returns: bool = True) -> str:
    """Return the signature of a function: on one line, or with each parameter on its own."""
    parameters = list(_parameters(node.args))
    result = f" -> {_type(node.returns)}" if returns else ""
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
    type = _type(given.annotation)
    typed = f"{given.arg}: {type}" if type and not type.startswith("_") else given.arg
    return typed if default is None else f"{typed} = {_source(default)}"


def _arguments(node: ast.FunctionDef) -> Sequence[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def _type(annotation: ast.expr | None) -> str:
    """A type as the source has it, without the quotes of one that is defined later."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value
    return _source(annotation)


def _source(node: ast.expr | None) -> str:
    """An expression as the source has it; what is quoted there need not be here."""
    if node is None:
        return ""
    return ast.unparse(node).replace("'", '"') if _has_texts(node) else ast.unparse(node)


def _has_texts(node: ast.expr) -> bool:
    return any(
        isinstance(one, ast.Constant) and isinstance(one.value, str) for one in ast.walk(node)
    )


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
