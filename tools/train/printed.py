"""A document as an office prints it: A4 pages with a head and a foot, justified paragraphs with hyphens, tables; so that it goes through what users' files go through."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

import matplotlib

FONT = "DejaVuSerif"  # with all letters of the generators' languages; comes with matplotlib
MARGIN, FOOT = 62, 34
LINE = ParagraphStyle("line", fontName=FONT, fontSize=10, leading=14)
TEXT = ParagraphStyle("text", parent=LINE, alignment=TA_JUSTIFY, hyphenationLang="en_GB", embeddedHyphenation=1)
PARAGRAPH = 90  # characters from which a line is one


def _flowable(block: str) -> Paragraph | Table:
    rows = [line.split("\t") for line in block.splitlines()]
    if len(rows) > 1 and all(len(row) > 1 for row in rows):
        wide = max(map(len, rows))
        return Table([[Paragraph(escape(cell), LINE) for cell in row + [""] * (wide - len(row))] for row in rows], hAlign="LEFT")
    return Paragraph("<br/>".join(escape(line.replace("\t", "    ")) for line in block.splitlines()), TEXT if len(block) > PARAGRAPH and "\n" not in block else LINE)


def print_pdf(text: str, title: str, path: Path) -> None:
    """Write a document (blocks parted by blank lines, table rows with tabs) as a PDF; `title` stands at the head of every page."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(FONT, f"{matplotlib.get_data_path()}/fonts/ttf/{FONT}.ttf"))

    def around(canvas, document) -> None:
        canvas.setFont(FONT, 8)
        canvas.drawString(MARGIN, A4[1] - FOOT, title)
        canvas.drawRightString(A4[0] - MARGIN, FOOT, f"Page {document.page}")

    story = [part for block in text.split("\n\n") if block.strip() for part in (_flowable(block), Spacer(0, 8))]
    SimpleDocTemplate(str(path), pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN, invariant=1, title=title).build(story, onFirstPage=around, onLaterPages=around)
