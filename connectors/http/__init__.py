"""How connectors speak HTTP: the only place in the project that imports ``requests``.

:class:`HttpClient` sends; :class:`Policy` says how patiently; :class:`Authentication` signs.
Errors are those of :mod:`connectors.errors`; a platform adds the reading of its own error
bodies with a ``classify`` callback.
"""

from connectors.http.answers import Answer, default_error
from connectors.http.auth import NO_AUTH, Authentication, Token, TokenAuth
from connectors.http.client import HttpClient
from connectors.http.concurrency import AdaptiveLimit, Concurrency
from connectors.http.json import dumps, loads
from connectors.http.parallel import in_parallel
from connectors.http.policy import Policy
from connectors.http.redaction import Redactor, redact

__all__ = [
    "NO_AUTH",
    "AdaptiveLimit",
    "Answer",
    "Authentication",
    "Concurrency",
    "HttpClient",
    "Policy",
    "Redactor",
    "Token",
    "TokenAuth",
    "default_error",
    "dumps",
    "in_parallel",
    "loads",
    "redact",
]
