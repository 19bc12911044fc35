"""E-mail addresses as programmes name them: see :mod:`bridge.kit.emails`."""

from __future__ import annotations

from bridge.kit.emails import folded_email, normal_domain, normal_email

__all__ = ["folded_email", "normal_domain", "normal_email"]
