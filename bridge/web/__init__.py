"""What is reached over HTTP: webhooks and the registration of apps."""

from bridge.web.app import create_app
from bridge.web.serving import Serving, serve

__all__ = ["Serving", "create_app", "serve"]
