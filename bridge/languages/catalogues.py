"""Texts by language, read from gettext catalogues (``catalogues/<language>/<domain>.po``).

The English text is the key. Reading ``.po`` files as they are saves a build step.
"""

from __future__ import annotations

from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

FOLDER: Final = Path(__file__).parent / "catalogues"
SOURCE: Final = "en"
PSEUDO: Final = "xx"
"""Every text as nobody writes it: what is not translated stands out. For tests."""
NAMES: Final = {"en": "English", "de": "Deutsch"}
"""Languages of the staff's pages, as their speakers call them."""
MEMBER_NAMES: Final = {
    **NAMES,
    "it": "Italiano",
    "pl": "Polski",
    "ja": "日本語",
    "th": "ไทย",
    "fa": "فارسی",
}
"""Languages of members' pages and letters."""
_ACCENTS = str.maketrans("aceinorsuyAEIOU", "áćéíñóŕśúýÁÉÍÓÚ")


class Pseudo(NullTranslations):
    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)


def pseudo(text: str) -> str:
    """``Members`` as ``[Méḿ…]``: longer, accented, in brackets; what is filled in stays."""
    pieces = text.split("%(")
    told = [pieces[0].translate(_ACCENTS)]
    for piece in pieces[1:]:
        name, bracket, rest = piece.partition(")")
        told.append(f"{name}{bracket}{rest[:1]}{rest[1:].translate(_ACCENTS)}")
    return f"[{'%('.join(told)}]"


@lru_cache(maxsize=64)
def translations(language: str, domain: str) -> NullTranslations:
    """The English texts where there is no such catalogue."""
    if language == PSEUDO:
        return Pseudo()
    path = FOLDER / language / f"{domain}.po"
    if language == SOURCE or not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language, domain=domain)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain=domain)
