"""A PostgreSQL server of one's own: on loopback and a free port, gone when the block ends."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

__all__ = ["find_programs", "postgres_server"]

_USER = "custvalue"
_SECONDS_TO_START = 30
_SETTINGS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "TimeZone=UTC")


def find_programs() -> Path | None:
    """Return the folder of initdb and postgres, the newest where there are several, or None."""
    places = [Path(found).parent for found in [shutil.which("initdb")] if found]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    complete = [one for one in places if (one / "initdb").exists() and (one / "postgres").exists()]
    return complete[0] if complete else None


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server in a temporary folder and give the URL of its database.

    As root it runs as an unprivileged user: PostgreSQL refuses to run as root.

    Yields
    ------
    str
        ``postgresql://user:password@127.0.0.1:port/postgres``.
    """
    programs = find_programs()
    if programs is None:
        raise FileNotFoundError("PostgreSQL is not installed: no initdb in PATH or /usr/lib")
    with tempfile.TemporaryDirectory(prefix="custvalue-postgres-") as folder:
        password = secrets.token_urlsafe(24)
        who = _owner(folder)
        _make_cluster(programs, Path(folder), password, who)
        port = _free_port()
        settings = [part for one in _SETTINGS for part in ("-c", one)]
        command = [programs / "postgres", "-D", f"{folder}/data", "-p", str(port), *settings]
        with (Path(folder) / "log").open("w") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **who)
        try:
            url = f"postgresql://{_USER}:{password}@127.0.0.1:{port}/postgres"
            _wait(server, url, Path(folder) / "log")
            yield url
        finally:
            _end(server)


def _make_cluster(programs: Path, folder: Path, password: str, who: dict[str, Any]) -> None:
    secret = folder / "password"
    secret.write_text(password)
    command = [programs / "initdb", "-D", folder / "data", "-U", _USER, "--pwfile", secret]
    options = ["-A", "scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C"]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, cwd=folder, **who
    )
    secret.unlink()
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def _owner(folder: str) -> dict[str, Any]:
    """Return who runs the server, and give them the folder."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end and server.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """Stop the server without waiting for clients that are still there."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
