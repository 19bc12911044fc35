"""Terms as HTML that both platforms' editors leave alone, and as plain text. Pure.

No script, no style, no HTML5 elements (Shopware's storefront filters them out of texts): headings,
paragraphs, lists and links. Magento fills in ``{{…}}`` in a page, so a brace is never one; and
characters beyond the basic plane do not fit into its columns, so they are written as numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from bridge.terms.blocks import Block, Break, Link, Paragraph, Piece, Section, TermsText

CLASS = "loyalty-terms"
_BRACES = {ord("{"): "&#123;", ord("}"): "&#125;"}
_BASIC = 0xFFFF


def as_html(terms: TermsText, *, with_date: bool = True) -> str:
    """A fragment without the title, which the page around it shows."""
    lines = [f'<div class="{CLASS}" lang="{terms.language}" dir="{terms.direction}">']
    for section in terms.sections:
        lines += [f"<h2>{_text(section.title)}</h2>"] if section.title else []
        lines += [_block(block) for block in section.blocks]
    if with_date and terms.as_of:
        lines.append(f"<p>{_text(terms.as_of)}</p>")
    return "\n".join([*lines, "</div>"])


def as_text(terms: TermsText) -> str:
    parts = [f"{terms.title}\n{'=' * len(terms.title)}"]
    for section in terms.sections:
        parts += _plain_section(section)
    parts += [terms.as_of] if terms.as_of else []
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{_pieces(block.pieces)}</p>"
    items = "\n".join(f"<li>{_pieces(item)}</li>" for item in block.items)
    return f"<ul>\n{items}\n</ul>"


def _pieces(pieces: Iterable[Piece]) -> str:
    return "".join(map(_piece, pieces))


def _piece(piece: Piece) -> str:
    if isinstance(piece, Link):
        return f'<a href="{_text(piece.address)}">{_text(piece.text)}</a>'
    return "<br>" if isinstance(piece, Break) else _text(piece)


def _text(text: str) -> str:
    safe = escape(text).translate(_BRACES)
    return "".join(one if ord(one) <= _BASIC else f"&#{ord(one)};" for one in safe)


def _plain_section(section: Section) -> list[str]:
    title = [f"{section.title}\n{'-' * len(section.title)}"] if section.title else []
    return [*title, *map(_plain_block, section.blocks)]


def _plain_block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return "".join(map(_plain_piece, block.pieces))
    return "\n".join(f"- {''.join(map(_plain_piece, item))}" for item in block.items)


def _plain_piece(piece: Piece) -> str:
    if not isinstance(piece, Link):
        return str(piece)
    return piece.text if piece.text == piece.address else f"{piece.text} ({piece.address})"
