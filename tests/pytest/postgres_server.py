"""A PostgreSQL server for tests: made in a folder, stopped and gone with it.

It listens on a free port of the loopback address and on a socket in that folder. The
server refuses to run as root, so root runs it as the user `postgres` of the package.
"""

import getpass
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

SERVER_USER = "postgres"
DATABASE = "segmentation"
# Nothing has to survive a crash of the machine, and two processors are all there is.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "128MB",
    "jit": "off",
    # A zone that is not UTC: a result must not depend on that of the server.
    "timezone": "America/Los_Angeles",
}


@dataclass(frozen=True)
class Server:
    port: int
    user: str
    database: str
    host: str = "127.0.0.1"

    def connect(self):
        connection = psycopg2.connect(
            host=self.host, port=self.port, user=self.user, dbname=self.database
        )
        connection.autocommit = True
        return connection


def programs():
    """The folder of the newest server's programs, or None where there is none."""
    found = [
        folder
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if (folder / "initdb").exists()
    ]
    if found:
        return max(found, key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def why_not():
    """Why no server can be started here, or None."""
    if programs() is None:
        return "PostgreSQL's server is not installed (Debian: package postgresql)"
    if os.geteuid() == 0 and not has_user(SERVER_USER):
        return f"PostgreSQL does not run as root, and there is no user {SERVER_USER}"
    return None


def has_user(name):
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@contextmanager
def postgres_server():
    """A running server with an empty database; nothing of it is left afterwards."""
    # Not in the folder of pytest, which is closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="postgres_"))
    try:
        yield from running_server(folder)
    finally:
        shutil.rmtree(folder)


def running_server(folder):
    owner = SERVER_USER if os.geteuid() == 0 else getpass.getuser()
    shutil.chown(folder, owner)
    data, port = folder / "data", free_port()
    # Texts are ordered by their bytes, and have small letters beyond ASCII.
    run(
        *("initdb", "--pgdata", data, "--username", owner, "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C.UTF-8", "--lc-collate", "C"),
        "--no-sync",
    )
    settings = SETTINGS | {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    log = ("--log", folder / "log")
    run("pg_ctl", "start", "--pgdata", data, *log, "--options", options, "--wait")
    try:
        with closing(Server(port, owner, "postgres").connect()) as connection:
            connection.cursor().execute(f"create database {DATABASE}")
        yield Server(port, owner, DATABASE)
    finally:
        run("pg_ctl", "stop", "--pgdata", data, "--mode", "immediate", "--wait")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(program, *arguments):
    """Run one of the server's programs, as a user that may."""
    command = [str(programs() / program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", SERVER_USER, "--", *command]
    # A file and no pipe: a server that is started keeps the outputs open. Its own
    # folder, since that of the caller may be closed to the user.
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        done = subprocess.run(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=120,
        )
        output.seek(0)
        if done.returncode:
            raise RuntimeError(f"{shlex.join(command)}:\n{output.read()}")
