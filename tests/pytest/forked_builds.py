"""Builds in processes of their own, which can be stopped, killed or run out of disk.

dbt takes seconds to start and to parse. So one process, the nursery, does that once and
forks a child for each build. It is not the process of pytest, because that one may have
DuckDB open, whose threads do not survive a fork.

    nursery = Nursery(project.folder)
    build = nursery.start(folder, stop_at=Moment("stg_users", "begins statement", 2))
    build.reach()        # it waits there
    build.kill(delay=0.01)
    build.end()          # None: it was killed

A build works in a folder with `raw/` and `warehouse.duckdb`, by relative paths, so that
builds in different folders say the same of where a row came from.
"""

import ctypes
import gc
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from table_comparison import relations_of

START_SECONDS = 120
BUILD_SECONDS = 120


@dataclass(frozen=True)
class Moment:
    """Something that a build comes to, as dbt tells it."""

    node: str
    """A model, seed, test, hook or connection; `dbt` for the command as a whole."""
    what: str
    """starts, begins statement, ends statement, finishes, completes."""
    number: int = 1
    """Which statement of the node."""

    def __str__(self):
        number = f" {self.number}" if "statement" in self.what else ""
        return f"{self.node} {self.what}{number}"


@dataclass
class Outcome:
    succeeded: bool
    error: str


@dataclass(frozen=True)
class Order:
    """What a build is to do, and what is to hinder it."""

    folder: str
    options: tuple[str, ...]
    warehouse: str = "warehouse.duckdb"
    raw: str = "raw"
    stop_at: Moment | None = None
    """Where the build waits until it is told to go on."""
    largest_file: int | None = None
    """Size in bytes beyond which no file can be written."""
    disk: int | None = None
    """Size in bytes of a file system of its own on which the warehouse is."""


# In the process of pytest


class Nursery:
    """The process that forks builds of a project, in a folder, from its manifest."""

    def __init__(self, folder):
        self.folder = folder
        self.control, theirs = socket.socketpair()
        command = [sys.executable, __file__, str(folder), str(theirs.fileno())]
        self.log = Path(folder) / "nursery.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdout=log, stderr=log
            )
        theirs.close()
        self.lock = threading.Lock()
        first = self._connect()
        try:
            assert first.poll(START_SECONDS), "dbt did not parse the project in time"
            self.relations = first.recv()
        except EOFError:
            raise AssertionError(self.log.read_text()) from None

    def _connect(self):
        ours, theirs = socket.socketpair()
        with self.lock:
            socket.send_fds(self.control, [b"!"], [theirs.fileno()])
        theirs.close()
        return Connection(ours.detach())

    def start(self, folder, *options, **hindrances):
        """Start a build in a folder; hindrances are fields of an order."""
        order = Order(str(folder), options, **hindrances)
        return Build(self._connect(), order)

    def close(self):
        self.control.close()
        self.process.wait(timeout=START_SECONDS)


@dataclass
class Build:
    connection: Connection
    order: Order
    told: list[tuple[float, Moment]] = field(default_factory=list)
    """The moments that the build has told of, with their seconds."""
    outcome: Outcome | None = None

    def __post_init__(self):
        self.connection.send(asdict(self.order))
        self.process_id = self._receive()

    def _receive(self):
        assert self.connection.poll(BUILD_SECONDS), f"no word after {self.told[-1:]}"
        return self.connection.recv()

    def reach(self):
        """Wait until the build is where it stops; false if it ended before."""
        return self._follow() == "stopped"

    def _follow(self):
        """Read what the build tells until it stops ("stopped") or is over ("over")."""
        while True:
            try:
                message = self._receive()
            except (EOFError, ConnectionResetError):
                return "over"
            if message is None:
                return "stopped"
            if isinstance(message, dict):
                self.outcome = Outcome(**message)
            else:
                seconds, *moment = message
                self.told.append((seconds, Moment(*moment)))

    def go_on(self):
        self.connection.send("go on")

    def kill(self, delay=None):
        """Kill the build where it stands, or some seconds after it goes on."""
        if delay is not None:
            self.go_on()
            time.sleep(delay)
        with suppress(ProcessLookupError):
            os.kill(self.process_id, signal.SIGKILL)

    def end(self):
        """Wait for the end of the process; the outcome, or None if it was killed."""
        assert self._follow() == "over", "the build waits for being told to go on"
        # Its sockets may be closed before its files are.
        while _is_alive(self.process_id):
            time.sleep(0.001)
        return self.outcome

    @property
    def place(self):
        """Where a killed build was, in words."""
        moments = [moment for _, moment in self.told]
        last_of_nodes = {moment.node: moment for moment in moments}
        for moment in last_of_nodes.values():
            if moment.what == "begins statement":
                return f"in statement {moment.number} of {moment.node}"
        return f"after {moments[-1]}" if moments else "before the first node"


def _is_alive(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


# In the nursery and its children


def serve(folder, control):
    """Fork a child for every connection that comes, until nobody is there to ask."""
    # Here, because only the nursery needs dbt.
    from dbt_common.clients.jinja import template_cache

    from dbt_project import DbtProject

    project = DbtProject(Path(folder)).parse()
    # dbt compiles macros when they are first called, which would be in each child.
    for macro in project.manifest.macros.values():
        template_cache.get_node_template(macro)
    # What is there now is never garbage, and is not looked through in each child.
    gc.freeze()
    # The system forgets children that end, without being asked for their ends.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    is_first = True
    while True:
        _, files, _, _ = socket.recv_fds(control, 1, 1)
        if not files:
            # Past all that dbt would do at its end.
            os._exit(0)
        connection = Connection(files[0])
        if is_first:
            connection.send(relations_of(project.manifest))
            is_first = False
        elif os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                _build(project, connection)
            finally:
                # Not by way of what the nursery would do at its end.
                os._exit(0)
        connection.close()


def _build(project, connection):
    order = connection.recv()
    connection.send(os.getpid())
    os.chdir(order["folder"])
    if order["disk"]:
        _move_warehouse_to_disk(order)
    if order["largest_file"]:
        limits = (order["largest_file"],) * 2
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    project = project.on(Path())
    project.warehouse, project.raw = order["warehouse"], order["raw"]
    stop_at = order["stop_at"] and Moment(**order["stop_at"])
    places = ("--target-path", str(Path.cwd() / "target"), "--no-write-json")
    teller = Teller(connection, stop_at)
    answer = project.dbt("build", *places, *order["options"], callbacks=[teller])
    if order["disk"]:
        _move_warehouse_back(order)
    connection.send(asdict(Outcome(answer.succeeded, answer.error)))


class Teller:
    """Gets the events of dbt and tells the other side of the moments among them."""

    def __init__(self, connection, stop_at):
        self.connection = connection
        self.stop_at = stop_at
        self.statements = Counter()
        self.running = {}
        """The statement in each thread: node and number."""
        # dbt calls back from each of its threads.
        self.lock = threading.Lock()

    def __call__(self, event):
        with self.lock:
            moment = self._moment(event.info.name, event.data)
            if moment:
                self._tell(moment)

    def _moment(self, name, data):
        if name == "NodeStart":
            return Moment(data.node_info.node_name, "starts")
        if name == "NodeFinished":
            return Moment(data.node_info.node_name, "finishes")
        if name == "SQLQuery":
            node = data.node_info.node_name or data.conn_name
            self.statements[node] += 1
            self.running[threading.get_ident()] = (node, self.statements[node])
            return Moment(node, "begins statement", self.statements[node])
        if name == "SQLQueryStatus":
            node, number = self.running[threading.get_ident()]
            return Moment(node, "ends statement", number)
        # dbt tells it last of all; the warehouse is closed and written after it.
        return Moment("dbt", "completes") if name == "CommandCompleted" else None

    def _tell(self, moment):
        try:
            told = (time.monotonic(), moment.node, moment.what, moment.number)
            self.connection.send(told)
            if moment == self.stop_at:
                self.connection.send(None)
                self.connection.recv()
        except (EOFError, OSError):
            # Nobody is there any more who wants this build.
            os._exit(1)


DISK = "disk"
NEW_MOUNTS = 0x00020000


def can_have_own_disk():
    """Whether a process here may mount a file system that it alone sees."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    program = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    try:
        return subprocess.run(program, capture_output=True).returncode == 0
    except OSError:
        return False


def _move_warehouse_to_disk(order):
    """Put the warehouse on a file system that is gone with this process."""
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "no mounts of its own")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    os.mkdir(DISK)
    size = f"size={order['disk']}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", DISK], check=True)
    for file in Path().glob(f"{order['warehouse']}*"):
        (Path(DISK) / file.name).write_bytes(file.read_bytes())
    order["warehouse"] = f"{DISK}/{order['warehouse']}"


def _move_warehouse_back(order):
    for file in Path().glob(f"{order['warehouse']}*"):
        Path(file.name).write_bytes(file.read_bytes())


if __name__ == "__main__":
    serve(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
