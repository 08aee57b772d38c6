"""Reading and judging the imports of a source tree: floors, cycles, hidden and private imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = "custvalue"
FACE = ""
"""Name of the room that ``custvalue/__init__.py`` is."""

_NESTING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_DYNAMIC = ("import_module", "__import__")


@dataclass(frozen=True)
class Import:
    """One import: where it stands and what it fetches.

    Attributes
    ----------
    file : str
        Path below the package, such as "lifetime/beta_geo_nbd.py".
    line : int
    target : str
        Module or member that is imported, in full; "?" where it is computed.
    function : str or None
        Innermost function around it.
    sheltered : bool
        Inside a try, if or with statement other than ``if TYPE_CHECKING``.
    relative : bool
    dynamic : bool
        By a call, such as ``importlib.import_module``.
    """

    file: str
    line: int
    target: str
    function: str | None
    sheltered: bool
    relative: bool
    dynamic: bool

    @property
    def place(self) -> str:
        """Return file and line, as editors understand them."""
        return f"{PACKAGE}/{self.file}:{self.line}"


@dataclass(frozen=True)
class Allowance:
    """A hidden import that is wanted: patterns of file, function and target, and the reason."""

    file: str
    function: str
    target: str
    reason: str

    def covers(self, found: Import) -> bool:
        """Return whether this import is meant."""
        return (
            fnmatch(found.file, self.file)
            and fnmatch(found.function or "", self.function)
            and fnmatch(found.target, self.target)
        )


def read_imports(package: Path) -> list[Import]:
    """Return every import below a package folder, in the order of files and lines."""
    return [
        found
        for path in sorted(package.rglob("*.py"))
        for found in _imports_of(path, path.relative_to(package).as_posix())
    ]


def module_names(package: Path) -> set[str]:
    """Return the dotted names of all modules below a package folder."""
    return {_module(path.relative_to(package).as_posix()) for path in package.rglob("*.py")}


def wrong_arrows(imports: Sequence[Import], floors: Mapping[str, int]) -> list[str]:
    """Return the imports that do not point to a lower floor, or to the same room."""
    wrong = []
    for found in imports:
        if not _inside(found.target):
            continue
        source, target = _room(_module(found.file)), _room(found.target)
        unknown = [room for room in (source, target) if room not in floors]
        if unknown:
            wrong.append(f"{found.place}: {unknown[0]!r} has no floor")
        elif source != target and floors[target] >= floors[source]:
            wrong.append(
                f"{found.place}: {source or PACKAGE} (floor {floors[source]}) must not import "
                f"{found.target} (floor {floors[target]})"
            )
    return wrong


def cycles(imports: Sequence[Import], modules: set[str]) -> list[str]:
    """Return a cycle of modules that import each other, if there is one."""
    graph: dict[str, set[str]] = {}
    for found in imports:
        if _inside(found.target):
            source = _module(found.file)
            graph.setdefault(source, set()).add(_defining_module(found.target, modules))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" <- ".join(error.args[1])]
    return []


def hidden_imports(imports: Sequence[Import], allowed: Sequence[Allowance]) -> list[str]:
    """Return the imports that stand elsewhere than at the top of a module and are not allowed."""
    return [
        f"{found.place}: import of {found.target} is hidden in {_hiding_place(found)}"
        for found in imports
        if is_hidden(found) and not any(one.covers(found) for one in allowed)
    ]


def relative_imports(imports: Sequence[Import]) -> list[str]:
    """Return the imports that are written with leading dots."""
    return [
        f"{found.place}: relative import of {found.target}" for found in imports if found.relative
    ]


def private_imports(imports: Sequence[Import], library: str, home: str) -> list[str]:
    """Return the imports of a library's private names outside the one room that may have them."""
    return [
        f"{found.place}: private name {found.target} must be imported in {home}/ only"
        for found in imports
        if found.target.split(".")[0] == library
        and any(part.startswith("_") for part in found.target.split("."))
        and not found.file.startswith(f"{home}/")
    ]


def foreign_privates(imports: Sequence[Import], rooms: Sequence[str]) -> list[str]:
    """Return the imports of a public room's private modules or names from outside that room."""
    return [
        f"{found.place}: {found.target} is private to {room}/"
        for found in imports
        for room in rooms
        if found.target.startswith(f"{PACKAGE}.{room}._") and _room(_module(found.file)) != room
    ]


def is_hidden(found: Import) -> bool:
    """Return whether an import is not a plain statement at the top of its module."""
    return found.function is not None or found.sheltered or found.dynamic


def _hiding_place(found: Import) -> str:
    if found.function is not None:
        return f"{found.function}()"
    return "a call" if found.dynamic else "a try, if or with statement"


def _imports_of(path: Path, file: str) -> Iterator[Import]:
    yield from _walk(ast.parse(path.read_text(encoding="utf-8"), str(path)), file, None, False)


def _walk(node: ast.AST, file: str, function: str | None, sheltered: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        for target, relative, dynamic in _targets(child):
            yield Import(file, child.lineno, target, function, sheltered, relative, dynamic)
        inner = getattr(child, "name", "lambda") if isinstance(child, _NESTING) else function
        yield from _walk(child, file, inner, sheltered or _shelters(child))


def _targets(node: ast.AST) -> Iterator[tuple[str, bool, bool]]:
    """Yield target, relative and dynamic of what one statement or call imports."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, False, False) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = "." * node.level + (node.module or "")
        separator = "" if start.endswith(".") else "."
        yield from ((f"{start}{separator}{a.name}", node.level > 0, False) for a in node.names)
    elif isinstance(node, ast.Call) and _called(node) in _DYNAMIC:
        first = node.args[0] if node.args else None
        yield (str(first.value) if isinstance(first, ast.Constant) else "?"), False, True


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _shelters(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return ast.unparse(node.test) != "TYPE_CHECKING"
    return isinstance(node, (ast.Try, ast.TryStar, ast.With, ast.For, ast.While, ast.Match))


def _inside(target: str) -> bool:
    return target.split(".")[0] == PACKAGE


def _module(file: str) -> str:
    parts = [PACKAGE, *file.removesuffix(".py").split("/")]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(target: str) -> str:
    """Return the room of a module or member: the first name below the package, or the face."""
    parts = target.split(".")
    return parts[1] if len(parts) > 1 else FACE


def _defining_module(target: str, modules: set[str]) -> str:
    return target if target in modules else target.rpartition(".")[0]
