"""Writes docs/reference/sdk.md from the Python client's source, as `make reference`.

What a name is, its docstring says; what an attribute is, the text below it, or the docstring of its
class, in which it then stands `so`. Types and defaults are those of the source.
"""

import ast
import importlib
import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from openucwa import client
from openucwa.client import errors, known
from openucwa.wire import enums, merge

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "sdk.md"

_SECTIONS: Mapping[str, Sequence[str]] = {
    "Signing in": ("client", "token"),
    "Meetings of a user": ("meetings", "meeting", "people"),
    "When somebody else has changed it": ("_sync.conflict", "conflict"),
    "What may be chosen": ("planning",),
    "Anything else, by links": ("resource",),
}
"""Where the names of each module stand."""
_ERRORS = "Errors"
_MERGE = "Merging by itself"
_ENUMERATIONS = "Enumerations"

_LIKE = {"Draft": "Meeting"}
"""Whose attributes are those of another class."""

_WIDTH = 88

_INTRODUCTION = """\
# The Python client

`from openucwa.client import …`. This page is written by `make reference` from the client's source;
[the tutorial](../tutorial.md) is a better start.

`Client` blocks, and threads may share it. `AsyncClient` is the same for asyncio and trio: its methods are
awaited, unless they return an `AsyncIterator` or a context manager for `async with`; `close` is
`aclose` there. The other names that start with `Async` belong to it in the same way.

Times are aware datetimes. A property that is not there reads as None, or as an empty text or tuple, as
its type says. A member of an enumeration that this client does not know stays a `str`.
"""


@dataclass(frozen=True)
class Attribute:
    """An attribute of a class: its type as the source spells it, and what it is, if that is said."""

    name: str
    type: str
    words: str


def page() -> str:
    """The page as it has to be."""
    sections = {title: _names(modules) for title, modules in _SECTIONS.items()}
    blocks = [_INTRODUCTION]
    for title, names in {**sections, _ERRORS: _errors(), _MERGE: [], _ENUMERATIONS: []}.items():
        listed = f": {', '.join(map(_link, names))}" if names and title != _ERRORS else ""
        blocks.append(f"- [{title}](#{_anchor(title)}){listed}")
    for title, names in sections.items():
        blocks.append(f"\n## {title}\n")
        for name in names:
            blocks += _entry(name, _origin(name))
    blocks += [f"## {_ERRORS}\n", *_tree(), *_each(_errors(), errors)]
    blocks += [f"## {_MERGE}\n", _told(merge), *_each(MERGING, merge)]
    blocks += [f"## {_ENUMERATIONS}\n", *_enumerations()]
    return "\n".join(blocks)


def undocumented() -> Iterator[str]:
    """What is public, and of which nothing says what it is or has no type."""
    for name, module in _all():
        node = _node(module, name)
        if not _words_of(node, module):
            yield name
        if isinstance(node, ast.ClassDef):
            for member in _methods(node):
                if not ast.get_docstring(member):
                    yield f"{name}.{member.name}"
            doc = ast.get_docstring(node) or ""
            for one in _attributes(name, node, module):
                if not one.type or not (one.words or f"`{one.name}`" in doc):
                    yield f"{name}.{one.name}"


def unplaced() -> set[str]:
    """The public names that stand in no section."""
    return {name for name in client.__all__ if not _is_twin(name)} - {name for name, _ in _all()}


MERGING = ("merge", "Merge", "Conflict", "differing", "is_server_owned")
"""What of the merge is for programs, too."""


def _all() -> Iterator[tuple[str, ModuleType]]:
    for modules in _SECTIONS.values():
        for name in _names(modules):
            yield name, _origin(name)
    yield from ((name, errors) for name in _errors())
    yield from ((name, merge) for name in MERGING)
    yield from ((name, enums) for name in _enums())


# Where names come from


def _origin(name: str) -> ModuleType:
    return importlib.import_module(_origins()[name])


@cache
def _origins() -> Mapping[str, str]:
    """The module of each public name, as the package imports it."""
    return {
        alias.name: node.module or ""
        for node in _tree_of(client).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in client.__all__
    }


def _names(modules: Iterable[str]) -> list[str]:
    """The public names of modules, in the order of their source."""
    found = []
    for module in modules:
        ours = [
            name
            for name, origin in _origins().items()
            if origin in (f"{client.__name__}.{module}", f"{client.__name__}._sync.{module}")
        ]
        found += [name for name in _defined(_origin(ours[0])) if name in ours]
    return found


def _errors() -> list[str]:
    return [name for name, origin in _origins().items() if origin == errors.__name__]


def _enums() -> list[str]:
    return [name for name, origin in _origins().items() if origin == enums.__name__]


def _is_twin(name: str) -> bool:
    """Whether a name is that of the asynchronous client."""
    return name.removeprefix("Async") != name


@cache
def _tree_of(module: ModuleType) -> ast.Module:
    assert module.__file__
    return ast.parse(Path(module.__file__).read_text(encoding="utf-8"))


def _defined(module: ModuleType) -> list[str]:
    """What a module defines at its top."""
    return [name for node in _tree_of(module).body if (name := _name(node))]


def _node(module: ModuleType, name: str) -> ast.stmt:
    return next(node for node in _tree_of(module).body if _name(node) == name)


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


# What they are


def _words_of(node: ast.stmt, module: ModuleType) -> str:
    """What a definition says of itself."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return ast.get_docstring(node) or ""
    return _texts_below(_tree_of(module).body).get(_name(node), "")


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
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
            if not _is_property(one):
                yield one


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list)


def _attributes(name: str, node: ast.ClassDef, module: ModuleType) -> list[Attribute]:
    """The attributes of a class, also those that it has from a base that is not public."""
    found: dict[str, Attribute] = {}
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id.startswith("_"):
            inner = _node(module, base.id)
            assert isinstance(inner, ast.ClassDef)
            found |= {one.name: one for one in _attributes(base.id, inner, module)}
    words = _texts_below(node.body)
    if like := _LIKE.get(name):
        other = _node(module, like)
        assert isinstance(other, ast.ClassDef)
        words = _texts_below(other.body) | words
    for attribute, type in _types(node, module):
        found[attribute] = Attribute(attribute, type, words.get(attribute, ""))
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and _is_property(one) and not one.name.startswith("_"):
            said = " ".join((ast.get_docstring(one) or "").split())
            found[one.name] = Attribute(one.name, _source(one.returns), said)
    return list(found.values())


def _types(node: ast.ClassDef, module: ModuleType) -> Iterator[tuple[str, str]]:
    """The attributes that a class assigns, and their types."""
    for one in node.body:
        if isinstance(one, ast.AnnAssign) and not (name := _name(one)).startswith("_"):
            yield name, _source(one.annotation)
        elif isinstance(one, ast.Assign) and not (name := _name(one)).startswith("_"):
            assert isinstance(one.value, ast.Call), f"{name} has no type"
            yield name, _type_of_descriptor(one.value, module)
        elif isinstance(one, ast.FunctionDef) and one.name == "__init__":
            yield from _types_of_instance(one)


def _types_of_instance(init: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    given = {one.arg: _source(one.annotation) for one in _arguments(init)}
    for node in init.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
            if isinstance(node, ast.AnnAssign):
                yield target.attr, _source(node.annotation)
            elif isinstance(node, ast.Assign):
                value = node.value
                yield target.attr, given.get(value.id, "") if isinstance(value, ast.Name) else ""


def _type_of_descriptor(call: ast.Call, module: ModuleType) -> str:
    """What an attribute is whose class has a descriptor in its place."""
    assert isinstance(call.func, ast.Name)
    descriptor = getattr(module, call.func.id)
    if issubclass(descriptor, known.Known):
        return _type_that_is_read(call.args[1])
    (*_, of_instances) = typing.get_overloads(descriptor.__get__)
    return str(of_instances.__annotations__["return"])


def _type_that_is_read(reader: ast.expr) -> str:
    """What a reader of `known` returns, such as `text` or `member(AccessLevel)`."""
    made = reader if isinstance(reader, ast.Call) else None
    name = made.func if made else reader
    assert isinstance(name, ast.Name)
    node = _node(known, name.id)
    assert isinstance(node, ast.FunctionDef)
    if made is None:
        return _source(node.returns)
    assert isinstance(node.returns, ast.Subscript)
    assert isinstance(node.returns.slice, ast.Tuple)
    return re.sub(r"\bE\b", _source(made.args[0]), _source(node.returns.slice.elts[-1]))


# How they are written


def _each(names: Iterable[str], module: ModuleType) -> Iterator[str]:
    for name in names:
        yield from _entry(name, module)


def _entry(name: str, module: ModuleType) -> Iterator[str]:
    node = _node(module, name)
    title = f"{module.__name__}.{name}" if module is merge else name
    yield f"### {title}\n"
    if isinstance(node, ast.ClassDef):
        yield from _class(node, module)
    elif isinstance(node, ast.FunctionDef):
        yield from _function(node, name)
    else:
        value = getattr(node, "value", None)
        yield f"```python\n{name} = {_source(value)}\n```\n"
        yield f"{_words_of(node, module)}\n"


def _class(node: ast.ClassDef, module: ModuleType) -> Iterator[str]:
    yield from _bases(node)
    if (init := _constructor(node, module)) is not None:
        yield f"```python\n{_signature(init, node.name, returns=False)}\n```\n"
    yield _markdown(ast.get_docstring(node) or "")
    if f"Async{node.name}" in client.__all__:
        yield f"For asyncio: `Async{node.name}`.\n"
    attributes = _attributes(node.name, node, module)
    has_words = any(one.words for one in attributes)
    if attributes:
        yield "| attribute | type |" + (" what it is |" if has_words else "")
        yield "|---|---|" + ("---|" if has_words else "")
        for one in attributes:
            cells = [f"`{one.name}`", f"`{one.type}`".replace("|", "\\|")]
            yield f"| {' | '.join([*cells, one.words] if has_words else cells)} |"
        yield ""
    for method in _methods(node):
        yield f"#### {node.name}.{method.name}\n"
        yield from _function(method, f"{node.name}.{method.name}")


def _bases(node: ast.ClassDef) -> Iterator[str]:
    """What a class has from others, which say it themselves."""
    bases = [_source(one) for one in node.bases if not _source(one).startswith("_")]
    told = [_link(one) if one in client.__all__ else f"`{one}`" for one in bases]
    if told:
        yield f"Is a {', '.join(told)}.\n"


def _constructor(node: ast.ClassDef, module: ModuleType) -> ast.FunctionDef | None:
    """How to make one, unless it is made by others: then it takes something that is not public."""
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            taken = {
                name
                for each in _arguments(one)
                for name in re.findall(r"\w+", _source(each.annotation))
            }
            if issubclass(getattr(module, node.name), Exception):
                return None
            ours = {name for name in taken if _is_of_the_client(getattr(module, name, None))}
            return one if ours <= set(client.__all__) else None
    return None


def _is_of_the_client(value: object) -> bool:
    return str(getattr(value, "__module__", "")).startswith("openucwa")


def _function(node: ast.FunctionDef, name: str) -> Iterator[str]:
    yield f"```python\n{_signature(node, name)}\n```\n"
    yield _markdown(ast.get_docstring(node) or "")


def _signature(node: ast.FunctionDef, name: str, *, returns: bool = True) -> str:
    """How a function is called: on one line, or with each parameter on a line of its own."""
    parameters = list(_parameters(node.args))
    result = f" -> {_source(node.returns)}" if returns else ""
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
    typed = f"{given.arg}: {_source(given.annotation)}" if given.annotation else given.arg
    return typed if default is None else f"{typed} = {_source(default)}"


def _arguments(node: ast.FunctionDef) -> Sequence[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


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


def _told(module: ModuleType) -> str:
    return f"`openucwa.wire.{module.__name__.rpartition('.')[2]}`: {module.__doc__}"


def _tree() -> Iterator[str]:
    """The tree of errors, as the head of their module draws it."""
    head, _, drawn = (errors.__doc__ or "").partition("\n\n")
    yield f"{head}\n"
    yield f"```text\n{drawn.rstrip()}\n```\n"


def _enumerations() -> Iterator[str]:
    for name in _enums():
        node = _node(enums, name)
        assert isinstance(node, ast.ClassDef)
        yield f"### {name}\n"
        yield _markdown(ast.get_docstring(node) or "")
        words = _texts_below(node.body)
        for member in node.body:
            if isinstance(member, ast.Assign):
                one = _name(member)
                yield f"- `{name}.{one}`, served as `{_source(member.value)}` {words.get(one, '')}"
        yield ""


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
