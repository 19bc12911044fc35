"""A letter as plain text and as HTML. Pure.

The HTML brings its style in each element, since mail programs drop style sheets, and loads nothing
from anywhere: no picture tells when a letter was opened.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from bridge.letters.message import one_line
from bridge.mailing.content import Content, Frame, Scale

_LEFT_TO_RIGHT = "\u2066{}\u2069"
"""Unicode's isolate: a code among words that run from right to left."""
_PAGE = "margin:0;padding:0;background:#f2f3f5;color:#1d2433"
_BOX = "max-width:560px;margin:0 auto;background:#ffffff"
_FONT = "font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5"
_CODE = (
    "font-family:Consolas,Menlo,monospace;font-size:22px;font-weight:bold;text-align:center;"
    "padding:16px;margin:16px 0;border:2px dashed #667382;word-break:break-all"
)
_STEP = (
    "display:inline-block;min-width:22px;padding:8px 4px;margin:0 2px 6px 0;text-align:center;"
    "border:1px solid #667382;border-radius:4px;color:#1d2433;text-decoration:none"
)
_BUTTON = (
    "display:inline-block;padding:10px 20px;border-radius:4px;background:{};color:#ffffff;"
    "font-weight:bold;text-decoration:none"
)
_ADDRESS = re.compile(r"""https?://(?:(?![<>"'])[!-~])*(?![<>"'.,;:!?)\]])[!-~]""")
"""Without the full stop of the sentence that it stands in."""
_FOOT = "padding:16px 24px;font-size:13px;color:#4b5563;border-top:1px solid #d9dce1"


def as_text(content: Content, frame: Frame) -> str:
    first, rest = content.paragraphs[:1], content.paragraphs[1:]
    parts = [frame.greeting, *map(_plain, content.opening), *map(one_line, first)]
    if content.code:
        code = one_line(content.code)
        parts.append(f"    {_LEFT_TO_RIGHT.format(code) if frame.direction == 'rtl' else code}")
    parts += map(one_line, rest)
    if content.button:
        text, link = content.button
        parts.append(f"{one_line(text)}:\n{link}")
    parts += map(_plain, content.closing)
    parts.append(one_line(frame.programme))
    foot = [one_line(frame.why)]
    if frame.link:
        foot.append(f"{frame.stop}:\n{frame.link}")
    if frame.imprint:
        foot.append("\n".join(frame.imprint.splitlines()))
    return "\n\n".join(parts) + "\n\n-- \n" + "\n\n".join(foot) + "\n"


def as_html(content: Content, frame: Frame) -> str:
    align = "right" if frame.direction == "rtl" else "left"
    first, rest = content.paragraphs[:1], content.paragraphs[1:]
    body = [_paragraph(frame.greeting)]
    body += [_own(one, frame.colour) for one in content.opening]
    body += [_paragraph(one) for one in first]
    if content.code:
        body.append(_element("p", content.code, _CODE, dir="ltr"))
    body += [_paragraph(one) for one in rest]
    if content.scale:
        body.append(_scale(content.scale))
    if content.button:
        text, target = content.button
        body.append(_wrapped(_element("a", text, _BUTTON.format(frame.colour), href=target)))
    body += [_own(one, frame.colour) for one in content.closing]
    body.append(_paragraph(frame.programme))
    foot = [_paragraph(frame.why)]
    if frame.link:
        link = _element("a", frame.stop, f"color:{frame.colour}", href=frame.link)
        foot.append(_wrapped(link))
    if frame.imprint:
        foot.append(_wrapped(_lines(frame.imprint)))
    head = f"padding:20px 24px;background:{frame.header};color:{frame.on_header}"
    return str(
        Markup(
            '<!DOCTYPE html>\n<html lang="{language}" dir="{direction}">\n<head>'
            '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            "<title>{subject}</title></head>\n"
            '<body style="{page}">\n<div style="{box};{font};text-align:{align}">\n'
            '<div style="{head};font-size:20px;font-weight:bold">{programme}</div>\n'
            '<div style="padding:24px">\n{body}\n</div>\n'
            '<div style="{foot_style}">\n{foot}\n</div>\n</div>\n</body>\n</html>\n'
        ).format(
            language=frame.language,
            direction=frame.direction,
            subject=content.subject,
            page=_PAGE,
            box=_BOX,
            font=_FONT,
            align=align,
            head=head,
            programme=frame.programme,
            body=Markup("\n").join(body),
            foot_style=_FOOT,
            foot=Markup("\n").join(foot),
        )
    )


def _plain(paragraph: str) -> str:
    return "\n".join(one_line(line) for line in paragraph.split("\n"))


def _own(paragraph: str, colour: str) -> Markup:
    """With its line ends; addresses of pages can be clicked, and are read as they are."""
    lines = (_linked(line, colour) for line in paragraph.split("\n"))
    return _wrapped(Markup("<br>").join(lines))


def _linked(line: str, colour: str) -> Markup:
    told, end = Markup(""), 0
    for found in _ADDRESS.finditer(line):
        link = _element("a", found.group(), f"color:{colour}", href=found.group())
        told += escape(line[end : found.start()]) + link
        end = found.end()
    return told + escape(line[end:])


def _paragraph(text: str) -> Markup:
    return Markup("<p>{}</p>").format(text)


def _wrapped(inner: Markup) -> Markup:
    return Markup("<p>{}</p>").format(inner)


def _scale(scale: Scale) -> Markup:
    steps = Markup("\n").join(
        _element("a", text, _STEP, href=target) for text, target in scale.steps
    )
    (first, _to_first), (last, _to_last) = scale.steps[0], scale.steps[-1]
    told = Markup("<br>\n{} = {}<br>\n{} = {}").format(first, scale.low, last, scale.high)
    return _wrapped(steps + told)


def _element(tag: str, text: str, style: str, **attributes: str) -> Markup:
    told = Markup("").join(
        Markup(' {}="{}"').format(name, value) for name, value in attributes.items()
    )
    return Markup('<{tag}{told} style="{style}">{text}</{tag}>').format(
        tag=tag, told=told, style=style, text=text
    )


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.splitlines())
