"""VAT ids in the one form in which they are compared. Pure."""

from __future__ import annotations


def normal_vat_id(text: str) -> str:
    """Upper case, letters and digits only (``de 123.456-789`` -> ``DE123456789``)."""
    return "".join(sign for sign in text.upper() if sign.isalnum())
