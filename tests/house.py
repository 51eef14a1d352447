"""How the engine is housed: circles of imports, arrows against the layers, flat modules, sizes. `make house` prints it.

Imports for types count as any other. `tests/test_architecture.py` holds what this measures.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

PACKAGE = "imagefit"
ROOT = Path(__file__).parents[1]
LONGEST = 350

Graph = Mapping[str, Set[str]]


def modules_of(folder: Path) -> dict[str, Path]:
    """Return the modules below the folder of a package, by name; a package is its ``__init__``."""
    found = {}
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports_of(modules: Mapping[str, Path]) -> dict[str, set[str]]:
    """Return which modules each module imports, wherever in its text."""
    return {name: set(_imported(file, modules)) - {name} for name, file in modules.items()}


def _imported(file: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules else node.module


def unlisted(modules: Mapping[str, Path]) -> list[str]:
    """Return the names that a module takes from one whose ``__all__`` does not list them."""
    trees = {name: ast.parse(file.read_text("utf-8")) for name, file in modules.items()}
    listed = {name: each for name, tree in trees.items() if (each := _listed(tree)) is not None}
    taken = (node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return sorted(
        f"{node.module}.{alias.name}"
        for node in taken
        for alias in node.names
        if node.module in listed
        and alias.name not in listed[node.module]
        and f"{node.module}.{alias.name}" not in modules
    )


def _listed(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


def circles(graph: Graph) -> list[list[str]]:
    """Return the groups of modules that import each other, directly or through others."""
    reached = {name: _reached(graph, name) for name in graph}
    groups = {tuple(sorted(m for m in reached[n] if n in reached[m])) for n in graph if n in reached[n]}
    return [list(group) for group in sorted(groups)]


def _reached(graph: Graph, start: str) -> set[str]:
    found: set[str] = set()
    coming = list(graph[start])
    while coming:
        if (name := coming.pop()) not in found:
            found.add(name)
            coming += graph[name]
    return found


def layers(root: Path) -> dict[str, int]:
    """Return the number of each room's layer, the lowest 0, as the contract in ``pyproject.toml`` has them."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    rows = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return {
        room.strip(" ()"): number
        for number, row in enumerate(reversed(rows))
        for room in row.replace(":", "|").split("|")
    }


def running_back(graph: Graph, order: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the imports that do not point down: up, or to a room beside."""
    arrows = [(name, other) for name, others in graph.items() for other in sorted(others)]
    rooms = [(arrow, room_of(arrow[0]), room_of(arrow[1])) for arrow in arrows]
    return [a for a, of, to in rooms if of != to and of in order and to in order and order[of] <= order[to]]


def room_of(name: str) -> str:
    """Return the package or flat module at the top that a module belongs to."""
    return name.split(".")[1] if "." in name else ""


def main(root: Path = ROOT) -> int:
    folder = root / "engine" / PACKAGE
    modules = modules_of(folder)
    graph, order = imports_of(modules), layers(root)
    lines = {name: len(file.read_text("utf-8").splitlines()) for name, file in modules.items()}
    flat = sorted(file.stem for file in folder.glob("*.py"))
    unhoused = sorted(name for name in modules if room_of(name) not in {*order, "", "__main__"})
    found, back = circles(graph), running_back(graph, order)
    rooms = Counter[str]()
    for name, count in lines.items():
        rooms[room_of(name) if (folder / room_of(name)).is_dir() else ""] += count
    print(f"modules outside the layer contract   {len(unhoused):6}", *unhoused)
    print(f"circles of imports                   {len(found):6}", *("/".join(group) for group in found))
    print(f"arrows that run back                 {len(back):6}", *(f"{a} -> {b}" for a, b in back), sep="\n  ")
    print(f"flat modules at the package's top    {len(flat):6}", *flat)
    print(f"modules above {LONGEST} lines            {sum(n > LONGEST for n in lines.values()):6}")
    print(f"modules                              {len(lines):6}")
    print(f"lines of the engine                  {sum(lines.values()):6}")
    for room, count in sorted(rooms.items(), key=lambda item: -item[1]):
        print(f"  {room or '(flat)':34} {count:6}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT))
