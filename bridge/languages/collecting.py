"""Brings the catalogues up to date with the texts in the code: `make texts`.

What is new stands there with an empty translation, what is gone is dropped. A test runs the same
and fails while anything is missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_dir
from babel.messages.pofile import read_po, write_po

from bridge.languages.catalogues import FOLDER, MEMBER_NAMES, SOURCE

ROOT = FOLDER.parents[1]
"""The package ``bridge``."""
SOURCES = {
    "staff": ("web",),
    "letters": ("mailing",),
    "terms": ("terms",),
    "surveys": ("surveys",),
    "member": ("web/member", "web/templates/member"),
}
"""The folders below it whose texts each domain holds; what another domain names is its own."""
_SENTENCES = "sentences"
"""The domain of what services and connectors say: texts in ``sentence("…")``, wherever they are."""
_OF_MEMBERS = tuple(name for name in MEMBER_NAMES if name != SOURCE)
LANGUAGES = {
    "staff": ("de",),
    "letters": _OF_MEMBERS,
    "terms": _OF_MEMBERS,
    "surveys": _OF_MEMBERS,
    "member": _OF_MEMBERS,
    _SENTENCES: ("de",),
}
_METHODS = [("**.py", "python"), ("**.html", "jinja2")]
_KEYWORDS = {
    "_": None,
    "lazy": None,
    "ngettext": (1, 2),
}


def template(domain: str) -> Catalog:
    """Every text of a domain, with the files that say it."""
    catalogue = Catalog(domain=domain)
    if domain == _SENTENCES:
        return _sentences(catalogue)
    for folder in SOURCES[domain]:
        found = extract_from_dir(
            ROOT / folder,
            _METHODS,
            keywords=_KEYWORDS,
            comment_tags=(),
            strip_comment_tags=True,
            directory_filter=partial(_is_of, domain),
        )
        for name, _line, message, _comments, _context in found:
            catalogue.add(message, locations=[(f"{folder}/{name}", 0)])
    return catalogue


def _sentences(catalogue: Catalog) -> Catalog:
    for package in (ROOT, ROOT.parent / "connectors"):
        for path in sorted(package.rglob("*.py")):
            content = path.read_bytes()
            if b"sentence(" in content:
                for _line, message, _comments, _context in extract(
                    "python", BytesIO(content), keywords={"sentence": None}
                ):
                    catalogue.add(message, locations=[(f"{package.name}/{path.name}", 0)])
    return catalogue


def _is_of(domain: str, path: str | os.PathLike[str]) -> bool:
    """Whether a folder's texts belong to this domain, and not to another that names it."""
    others = {
        ROOT / named for other, every in SOURCES.items() if other != domain for named in every
    }
    return not Path(path).name.startswith((".", "_")) and Path(path).resolve() not in others


def path_of(domain: str, language: str) -> Path:
    return FOLDER / language / f"{domain}.po"


def read(domain: str, language: str) -> Catalog:
    """Empty where there is no file yet."""
    path = path_of(domain, language)
    if not path.exists():
        return Catalog(locale=language, domain=domain)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def renewed(domain: str, language: str) -> Catalog:
    catalogue = read(domain, language)
    catalogue.update(template(domain), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def collect() -> Iterator[tuple[Path, int]]:
    """Each file that was written, and how many of its texts lack a translation."""
    for domain, languages in LANGUAGES.items():
        for language in languages:
            catalogue = renewed(domain, language)
            path = path_of(domain, language)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(as_file(catalogue))
            yield path, len(missing(catalogue))


def as_file(catalogue: Catalog) -> bytes:
    """The same texts give the same file: without times and places."""
    file = BytesIO()
    write_po(file, catalogue, width=100, sort_output=True, no_location=True, omit_header=True)
    return file.getvalue()


def missing(catalogue: Catalog) -> list[str]:
    """Texts without a translation, or with one of its plurals lacking."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and not _is_said(message.string)
    ]


def _is_said(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    for _path, _missing in collect():
        print(f"{_path.relative_to(ROOT)}: {_missing} to translate")  # noqa: T201
