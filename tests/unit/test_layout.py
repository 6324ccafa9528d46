"""The house rules that no linter knows: sizes, state, excuses, and where tests live."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "woxly_tui"

MAX_FILE_LINES: Final = 400
MAX_FUNCTION_LINES: Final = 50
MAX_PUBLIC_METHODS: Final = 15

FRAMEWORK_METHODS: Final = re.compile(r"(_|on_|action_|watch_|validate_|compose|render)")
"""Names Textual calls; they are not the public face of a class."""

MUTATORS: Final = (
    *("add", "append", "appendleft", "clear", "discard", "extend", "insert"),
    *("pop", "popitem", "remove", "setdefault", "update"),
)


def python_files(*folders: Path) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*.py")
        if not {"__pycache__", ".venv"} & set(path.parts)
    )


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


SOURCES: Final = python_files(PACKAGE)
EVERYTHING: Final = python_files(PACKAGE, ROOT / "tests", ROOT / "bench")


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_files_functions_and_classes_stay_small(path: Path) -> None:
    text = path.read_text("utf-8")
    too_big = []
    if (lines := text.count("\n")) > MAX_FILE_LINES:
        too_big.append(f"{name_of(path)} has {lines} lines")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                too_big.append(f"{node.name} has {lines} lines")
        if isinstance(node, ast.ClassDef) and PACKAGE in path.parents:
            methods = [method for method in node.body if is_public_method(method)]
            if len(methods) > MAX_PUBLIC_METHODS:
                too_big.append(f"{node.name} has {len(methods)} public methods")
    assert too_big == []


def is_public_method(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return not FRAMEWORK_METHODS.match(node.name)


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_every_excuse_to_a_tool_names_its_rule(path: Path) -> None:
    excuses = re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!: [A-Z]+\d+)|ruff: noqa|mypy: )")
    bare = [line for line in path.read_text("utf-8").splitlines() if excuses.search(line)]
    assert [line for line in bare if "re.compile" not in line] == []


def module_level_names(tree: ast.Module) -> set[str]:
    """Names bound at the top of a module, other than functions, classes and imports."""
    names = set()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def changes(tree: ast.Module, names: set[str]) -> Iterator[str]:
    """Where a module-level value is rebound, changed in place, or filled."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"line {node.lineno}: global {', '.join(node.names)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in names and node.func.attr in MUTATORS:
                yield f"line {node.lineno}: {owner.id}.{node.func.attr}()"
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            owner = node.value
            if isinstance(owner, ast.Name) and owner.id in names:
                yield f"line {node.lineno}: {owner.id}[…] is changed"


def unfrozen(tree: ast.Module) -> Iterator[str]:
    """Module-level containers that do not even promise to stay as they are."""
    containers = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, containers):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if names != ["__all__"]:
                yield f"line {node.lineno}: {', '.join(names)} is not Final"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_state_lives_in_a_module(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    local = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    found = [*changes(tree, module_level_names(tree) - local), *unfrozen(tree)]
    assert found == []


def test_the_rule_about_state_can_fail() -> None:
    tree = ast.parse("SEEN = {}\ndef f(x):\n    global N\n    SEEN[x] = 1\n    SEEN.update(x)\n")
    assert len([*changes(tree, module_level_names(tree)), *unfrozen(tree)]) == 4


def test_unit_tests_mirror_the_package() -> None:
    strays = []
    for test in python_files(ROOT / "tests" / "unit"):
        folder = test.parent.relative_to(ROOT / "tests" / "unit")
        if not test.name.startswith("test_") or folder == Path():
            continue
        source = test.stem.removeprefix("test_")
        room = PACKAGE / folder
        if not ((room / source).is_dir() or any(room.rglob(f"{source}.py"))):
            strays.append(name_of(test))
    assert strays == [], "no source file has the name these tests claim to test"


def test_each_room_says_what_it_is_for() -> None:
    silent = [
        name_of(path)
        for path in SOURCES
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []
