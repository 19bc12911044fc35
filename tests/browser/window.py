"""A browser's window: what a person does in it, and what must never happen in one."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from office import Office
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from bridge.users.roles import Role

_SERIOUS = frozenset({"serious", "critical"})

_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const found = [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .filter((one) => !one.closest(".table-responsive") || one.matches(".table-responsive"))
    .map((one) => one.outerHTML.slice(0, 120));
  return found.length ? found : ["something, nobody knows what"];
}"""


class Window:
    def __init__(self, office: Office | None, context: BrowserContext, url: str) -> None:
        self.office = office
        self.url = url
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.faults: list[str] = []
        """Errors in the console, scripts that failed, what was asked of other hosts."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._asked)

    def sign_in(self, role: Role = Role.OWNER, **options: Any) -> Page:
        """By a cookie: how people sign in is tested in one place."""
        assert self.office is not None
        cookie = self.office.sign_in(role, **options).client.get_cookie("bridge")
        assert cookie is not None
        self.context.add_cookies([{"name": "bridge", "value": cookie.value, "url": self.url}])
        return self.page

    def barriers(self) -> list[str]:
        """What keeps people out of the page as it is now, by axe's rules."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {node['html'][:200]}"
            for one in found
            if one["impact"] in _SERIOUS
            for node in one["nodes"]
        ]

    def too_wide(self) -> list[str]:
        """What makes the whole page wider than the window; tables may be, within themselves."""
        found: list[str] = self.page.evaluate(_TOO_WIDE)
        return found

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.faults.append(f"asked another host: {request.url}")
