"""A database of one's own on the PostgreSQL of the tests."""

import contextlib
import glob
import os
import shutil
import subprocess
import urllib.parse
import uuid


def _psql():
    found = shutil.which("psql")
    if found:
        return found
    here = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))
    assert here, "psql is missing: apt-get install postgresql-client"
    return here[-1]


class Database:
    def __init__(self, url):
        self.url = url

    def run(self, sql):
        """Runs one statement; the rows as lines of text."""
        done = subprocess.run(
            [_psql(), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", sql],
            check=True, capture_output=True, text=True)
        return done.stdout.strip().splitlines()

    @classmethod
    @contextlib.contextmanager
    def create(cls):
        server = os.environ.get("CARAVAN_TEST_DATABASE_URL")
        assert server, "CARAVAN_TEST_DATABASE_URL is not set: run Tests/with-postgres pytest …"
        owner = cls(server)
        name = "interop_" + uuid.uuid4().hex
        owner.run(f"CREATE DATABASE {name}")
        parts = urllib.parse.urlsplit(server)
        # As it was written, but for the path: urlunsplit would drop the empty host.
        userinfo = parts.netloc
        url = f"{parts.scheme}://{userinfo}/{name}" + (f"?{parts.query}" if parts.query else "")
        try:
            yield cls(url)
        finally:
            owner.run(f"DROP DATABASE {name} WITH (FORCE)")
