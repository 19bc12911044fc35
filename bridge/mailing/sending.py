"""Everything due of letters to members: noticed, written, sent."""

from __future__ import annotations

from bridge.application import Application
from bridge.letters import sending
from bridge.letters.sending import Sent
from bridge.mailing.composing import composer
from bridge.mailing.noticing import notice
from bridge.vouchers.codes import workspace_secret


def send_letters(app: Application, owner: str) -> Sent:
    """``owner`` names the worker, for its leases. Raises UnreadableSecret."""
    notice(app)
    if not sending.has_due(app):
        return Sent()
    with app.database.writing() as session:
        secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
    return sending.send_letters(app, owner, composer(secret, app.settings.public_url, app.now))
