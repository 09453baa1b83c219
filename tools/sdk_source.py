"""The public names of the Python client, as its source defines and describes them.

What a name is, its docstring says; what an attribute is, the text below it, or the docstring of its
class, in which it then stands `so`. Types and defaults are those of the source.
"""

import ast
import importlib
import re
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from types import ModuleType

from openucwa import client
from openucwa.client import attributes, transports
from openucwa.wire import enums, merge

_SECTIONS: Mapping[str, Sequence[str]] = {
    "Signing in": ("client._sync.client", "client.me", "client.token", "client.signed_in"),
    "Meetings of a user": (
        "client._sync.meetings",
        "client.meeting",
        "client.draft",
        "client.outcome",
        "client.schedule",
        "client.people",
        "client.change",
        "client.history",
        "client.share",
        "client.attendance",
        "client.extension",
    ),
    "People": ("client._sync.directory", "client.contact"),
    "Being in a meeting": (
        "client._sync.room",
        "client.live.person",
        "client.live.message",
        "client.live.happening",
        "client.live.conversation",
        "client._sync.invitations",
    ),
    "Delegates": ("client._sync.delegates",),
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
OTHERS: Mapping[ModuleType, Sequence[str]] = {
    transports: transports.__all__,
    merge: ("merge", "Merge", "Conflict", "Kept", "Side", "differing", "is_server_owned", "kept"),
}
"""The public names of modules that people import themselves."""

_LIKE = {"Draft": "Meeting"}
"""Classes whose attributes are those of another class."""


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
        return f"{module}.{self.name}" if self.module in OTHERS else self.name

    @property
    def words(self) -> str:
        """The description."""
        if isinstance(self.node, ast.ClassDef | ast.FunctionDef):
            return ast.get_docstring(self.node) or ""
        return _texts_below(_tree_of(self.module).body).get(self.name, "")


def undocumented() -> Iterator[str]:
    """Return the public names without a description or a type."""
    for public in chain.from_iterable(sections().values()):
        if not public.words:
            yield public.title
        if isinstance(public.node, ast.ClassDef):
            for method in methods(public.node):
                if not ast.get_docstring(method):
                    yield f"{public.title}.{method.name}"
            for one in attributes_of(public.node, public.module):
                if not one.type or not (one.words or f"`{one.name}`" in public.words):
                    yield f"{public.title}.{one.name}"


def unplaced() -> set[str]:
    """The public names that stand in no section."""
    placed = {one.name for one in chain.from_iterable(sections().values())}
    return {name for name in client.__all__ if name.removeprefix("Async") not in placed}


@cache
def sections() -> Mapping[str, Sequence[Public]]:
    return {title: list(_of(modules)) for title, modules in _SECTIONS.items()}


def _of(modules: Iterable[str]) -> Iterator[Public]:
    """The public names of modules, in the order of their source."""
    for name in modules:
        module = importlib.import_module(f"openucwa.{name}")
        public = OTHERS.get(
            module, [one for one, of in _origins().items() if of == module.__name__]
        )
        for node in _tree_of(module).body:
            if name_of(node) in public:
                yield Public(name_of(node), module, node)


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
    return next(node for node in _tree_of(module).body if name_of(node) == name)


def name_of(node: ast.stmt) -> str:
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _texts_below(body: Sequence[ast.stmt]) -> dict[str, str]:
    """The text below each assignment, by the name that is assigned."""
    return {
        name: " ".join(str(text.value.value).split())
        for node, text in pairwise(body)
        if (name := name_of(node))
        and isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and _is_public(one) and not _is_property(one):
            yield one


def _is_public(node: ast.FunctionDef) -> bool:
    return not node.name.startswith("_")


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list)


def attributes_of(node: ast.ClassDef, module: ModuleType) -> list[Attribute]:
    """The attributes of a class, also those that it has from a base that is not public."""
    found: dict[str, Attribute] = {}
    for base in node.bases:
        if isinstance(base, ast.Name) and is_hidden(base.id, module):
            inner = getattr(module, base.id)
            of = sys.modules[inner.__module__]
            definition = _node(of, base.id)
            assert isinstance(definition, ast.ClassDef)
            found |= {one.name: one for one in attributes_of(definition, of)}
    words = _texts_below(node.body)
    if like := _LIKE.get(node.name):
        other = _node(sys.modules[getattr(module, like).__module__], like)
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
            found[one.name] = Attribute(one.name, type_of(one.returns), said)
    return list(found.values())


def _words_of_enumeration(type: str) -> str:
    """Return the description of the enumeration whose members an attribute has."""
    found = [getattr(enums, name) for name in re.findall(r"\w+", type) if hasattr(enums, name)]
    return (found[0].__doc__ or "").partition("\n")[0] if found else ""


def _types(node: ast.ClassDef, module: ModuleType) -> Iterator[tuple[str, str]]:
    """The attributes that a class names or assigns, and their types."""
    for one in node.body:
        if isinstance(one, ast.AnnAssign) and not (name := name_of(one)).startswith("_"):
            yield name, _type_of_attribute(one.annotation, module)
        elif isinstance(one, ast.FunctionDef) and one.name == "__init__":
            yield from _types_of_instance(one)


def _types_of_instance(init: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    given = {one.arg: type_of(one.annotation) for one in arguments(init)}
    for node in init.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
            if isinstance(node, ast.AnnAssign):
                yield target.attr, type_of(node.annotation)
            elif isinstance(node, ast.Assign):
                value = node.value
                yield target.attr, given.get(value.id, "") if isinstance(value, ast.Name) else ""


def _type_of_attribute(annotation: ast.expr, module: ModuleType) -> str:
    """Return the type of an attribute; for a descriptor, that of its value in instances."""
    name = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    kind = getattr(module, name.id, None) if isinstance(name, ast.Name) else None
    if isinstance(kind, type) and issubclass(kind, attributes.Attribute):
        assert isinstance(annotation, ast.Subscript)
        return source_of(annotation.slice)
    if isinstance(kind, type) and hasattr(kind, "__get__"):
        (*_, of_instances) = typing.get_overloads(kind.__get__)
        return str(of_instances.__annotations__["return"])
    return type_of(annotation)


def is_hidden(name: str, module: ModuleType) -> bool:
    """Return whether a name in a module is the client's, and not public."""
    found = getattr(module, name, None)
    is_ours = str(getattr(found, "__module__", "")).startswith("openucwa")
    return is_ours and name not in client.__all__


def arguments(node: ast.FunctionDef) -> Sequence[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def type_of(annotation: ast.expr | None) -> str:
    """A type as the source has it, without the quotes of one that is defined later."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value
    return source_of(annotation)


def source_of(node: ast.expr | None) -> str:
    """An expression as the source has it; what is quoted there need not be here."""
    if node is None:
        return ""
    return ast.unparse(node).replace("'", '"') if _has_texts(node) else ast.unparse(node)


def _has_texts(node: ast.expr) -> bool:
    return any(
        isinstance(one, ast.Constant) and isinstance(one.value, str) for one in ast.walk(node)
    )
