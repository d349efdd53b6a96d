"""A private PostgreSQL that a test may stop, kill and start again, as Tests/with-postgres has one."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

BINARIES = Path(os.environ.get("CARAVAN_TEST_PGBIN", "/usr/lib/postgresql/15/bin"))
START_SECONDS_MAX = 30


class PrivatePostgres:
    """A cluster of its own over a unix socket; gone when the `with` ends, also after a crash.

    fsync stays on: what the tests call durable is durable.
    """

    def __init__(self, settings=None):
        if not (BINARIES / "postgres").exists():
            raise RuntimeError(
                f"no PostgreSQL server in {BINARIES}: install postgresql-15, or name its bin"
                " directory in CARAVAN_TEST_PGBIN"
            )
        self.settings = settings or {}
        # A socket's path may have 107 bytes, so TMPDIR, which may be long, is not asked.
        self.home = Path(tempfile.mkdtemp(prefix="cvpg.", dir="/tmp"))
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.server = None

    @property
    def url(self):
        return f"postgresql://postgres@/postgres?host={self.home}&port=5432"

    def __enter__(self):
        try:
            self._create()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _create(self):
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.home, account.pw_uid, account.pw_gid)
        made = subprocess.run(
            [*_unprivileged(), BINARIES / "initdb", "-D", self.data, "-U", "postgres"]
            + ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            cwd=self.home, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self.home}'",
            "unix_socket_permissions": "0777",
            "max_connections": "300",
            # A restart after a crash syncs the data directory by one call, not file by file.
            "recovery_init_sync_method": "syncfs",
        } | self.settings
        with open(self.data / "postgresql.conf", "a") as file:
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())
        # The tests run as whoever called, the server as somebody else.
        self.home.chmod(0o755)

    def start(self):
        """Starts the server and waits until it takes connections."""
        with open(self.log, "a") as log:
            self.server = subprocess.Popen(
                # In a session of its own, so that Ctrl-C does not reach it first; told to stop
                # when this process dies, however it dies.
                [*_unprivileged("--pdeathsig", "INT"), "setsid", BINARIES / "postgres"]
                + ["-D", self.data],
                cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        end = time.monotonic() + START_SECONDS_MAX
        while not self._is_ready():
            if self.server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)

    def _is_ready(self):
        asked = subprocess.run(
            [BINARIES / "pg_isready", "-q", "-h", self.home, "-p", "5432", "-U", "postgres"]
        )
        return asked.returncode == 0

    def stop(self):
        """Stops it in immediate mode, as a crash would."""
        if self.server is None:
            return
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait(START_SECONDS_MAX)
        self.server = None

    def restart_immediately(self):
        """Immediate mode: every backend dies where it stands, and the log is replayed."""
        self.stop()
        self.start()

    def sql(self, statement):
        """The rows of a statement, each a list of texts."""
        asked = subprocess.run(
            [BINARIES / "psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", self.url]
            + ["-c", statement],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
        if asked.returncode != 0:
            raise RuntimeError(f"psql: {asked.stderr}")
        return [line.split("\t") for line in asked.stdout.splitlines()]


def _unprivileged(*options):
    """What to put before a command: PostgreSQL refuses to run as root."""
    identity = ["--reuid=postgres", "--regid=postgres", "--init-groups"]
    options = [*options, *(identity if os.geteuid() == 0 else [])]
    return ["setpriv", *options, "--"] if options else []
