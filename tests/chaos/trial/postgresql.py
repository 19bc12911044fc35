"""PostgreSQL databases that hold what a prepared home folder holds."""

from __future__ import annotations

import uuid

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

from trial import programmes
from trial.command import Command
from trial.prepared import Prepared, set_up


class PostgresqlCopies:
    """Sets a database up once for each prepared shop; every test gets a copy of it."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._templates: dict[int, str] = {}
        self._made: list[str] = []

    def of(self, prepared: Prepared) -> str:
        if id(prepared) not in self._templates:
            self._templates[id(prepared)] = self._set_up(prepared)
        return self._url(self._create(self._templates[id(prepared)]))

    def close(self) -> None:
        for name in self._made:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _set_up(self, prepared: Prepared) -> str:
        name = self._create("template_bridge")
        command = Command(prepared.home, self._url(name))
        prepared.shop.begin(prepared.foreign)
        set_up(command, prepared.shop)
        size = prepared.size
        folder = prepared.home.parent
        program = programmes.write(folder, prepared.platform, size.articles, size.rows_each)
        command.ok("program", "load", str(program))
        return name

    def _create(self, template: str) -> str:
        name = f"trial_{uuid.uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.append(name)
        return name

    def _url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()
