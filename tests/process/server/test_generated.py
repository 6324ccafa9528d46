"""Requests generated from the OpenAPI description, by Schemathesis, against `woxly serve`."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.process.server.running import Running, env_for
from tests.process.server.test_serve import fake as fake

WITHIN_S: Final = 300
"""Long enough for a slow machine; how much is tried is bounded by the number of examples."""

EXAMPLES: Final = "8"
"""For each of some seventy routes."""

CHECKS: Final = "not_a_server_error,response_schema_conformance"


def test_no_request_that_fits_the_description_or_does_not_fails_inside(
    tmp_path: Path, fake: dict[str, str]
) -> None:
    with Running(tmp_path, WOXLY_RATE_LIMITS="off", **fake) as server:
        token = server.register()["accessToken"]
        words = [
            *(sys.executable, "-m", "schemathesis.cli", "run"),
            f"http://127.0.0.1:{server.port}/openapi.json",
            *("--header", f"Authorization: Bearer {token}"),
            *("--exclude-path-regex", "logout"),  # it works, and everything after is 401
            *("--phases", "fuzzing", "--mode", "all", "--checks", CHECKS),
            *("--max-examples", EXAMPLES, "--seed", "1", "--no-color"),
        ]
        done = subprocess.run(
            words,
            cwd=tmp_path,
            env=env_for(tmp_path),
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        assert server.http.get("/health").status_code == 200
        assert "Traceback" not in (server.data / "server.log").read_text()
