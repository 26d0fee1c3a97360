"""Self-check of printed documents. Run: python -m pytest -q"""

from __future__ import annotations

from pathlib import Path

from printed import print_pdf

TEXT = "Smith & Sons <Ltd>\n1 High Street\n\n" + "Item\tPrice\nOak door\t£1,240.50\nLock\n\n" + "\n\n".join(["The old mill was bought by Łukasz Müller, who let it stand empty for years and years on end. " * 6] * 12)


def test_a_document_fills_pages_the_same_way_each_time(tmp_path: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        print_pdf(TEXT, "A letter", tmp_path / name)
    made = (tmp_path / "one.pdf").read_bytes()
    assert made == (tmp_path / "two.pdf").read_bytes()
    assert made.count(b"/Type /Page\n") == 2
