"""The app as an admin uploads it: Extensions > My extensions > Upload extension."""

from __future__ import annotations

import io
import zipfile

from connectors.shopware.app.manifests import APP_NAME

_SOMETIME = (2026, 1, 1, 0, 0, 0)
"""Equal manifests make equal archives."""


def package(manifest: str) -> bytes:
    """One top folder, named like the app (PLUGIN_FACTS "Life")."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(f"{APP_NAME}/manifest.xml", _SOMETIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, manifest)
    return buffer.getvalue()
