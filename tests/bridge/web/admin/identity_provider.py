"""A sign-in service as OpenID Connect Core 1.0 has it: over real HTTP, with real signatures."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.serving import BaseWSGIServer, make_server

CLIENT = "bridge"
SECRET = "a secret of the client"


@dataclass
class IdentityProvider:
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "ada-1",
            "email": "ada@example.com",
            "email_verified": True,
            "name": "Ada",
        }
    )
    """Who is in front of its own sign-in page."""
    changes: dict[str, Any] = field(default_factory=dict)
    """What a forged token says instead."""
    key: Any = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))
    signing_key: Any = None
    """Another one than it publishes."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    server: BaseWSGIServer = field(init=False)

    def __enter__(self) -> IdentityProvider:
        self.server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def _app(self) -> Flask:
        app = Flask("identity-provider")

        @app.get("/.well-known/openid-configuration")
        def configuration() -> dict[str, Any]:
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
            }

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize() -> Any:
            assert request.args["client_id"] == CLIENT
            assert request.args["code_challenge_method"] == "S256"
            code = f"code-{len(self.codes)}"
            self.codes[code] = dict(request.args)
            return redirect(
                f"{request.args['redirect_uri']}?code={code}&state={request.args['state']}"
            )

        @app.post("/token")
        def token() -> Any:
            asked = self.codes.pop(request.form["code"], None)
            digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            authorization = request.authorization
            assert authorization is not None
            if (
                asked is None
                or challenge != asked["code_challenge"]
                or authorization.password != SECRET
            ):
                return {"error": "invalid_grant"}, 400
            now = int(time.time())
            claims = {
                "iss": self.url,
                "aud": CLIENT,
                "exp": now + 60,
                "iat": now,
                "nonce": asked["nonce"],
                **self.person,
                **self.changes,
            }
            signed = jwt.encode({"alg": "ES256", "kid": "1"}, claims, self.signing_key or self.key)
            return {"access_token": "x", "token_type": "Bearer", "id_token": signed}

        return app
