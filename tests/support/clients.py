"""Other projects' real clients, each in a folder of its own beside the environment.

Their pins are not ours.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[2] / ".ci/audit.py"
CLIENTS = Path(sys.prefix) / "almanac-clients"


def client(pin: str) -> Path:
    """Return the folder to put on PYTHONPATH for a pinned package, installed on first use.

    Skips where the index cannot be reached.

    Fails for a release that our own list of advisories names (`.ci/advisories`): it must not
    even be fetched.
    """
    audit = subprocess.run(
        [sys.executable, str(AUDIT), pin], capture_output=True, text=True, check=False
    )
    if audit.returncode:
        pytest.fail((audit.stdout + audit.stderr).strip())
    folder = CLIENTS / pin.replace("==", "-")
    CLIENTS.mkdir(parents=True, exist_ok=True)
    with (CLIENTS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".whole").exists():
            command = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-compile",
                "--upgrade",
                "--target",
                str(folder),
                pin,
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(
                    f"{pin} cannot be installed here:"
                    f" {(done.stderr.strip().splitlines() or ['no reason'])[-1]}"
                )
            (folder / ".whole").touch()
    return folder
