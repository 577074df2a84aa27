"""Write constraints.txt and constraints-dev.txt anew from pyproject.toml: `make lock`.

Every package that is installed from an index is named with one version and the SHA-256 of each file
it may come as. Versions that fit stay as they are; with `--upgrade` the newest that fit are taken.
`constraints.txt` is what a user installs (with PostgreSQL and Dask, and what builds the package);
`constraints-dev.txt` adds what the tests and linters need.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
USER, DEV = ROOT / "constraints.txt", ROOT / "constraints-dev.txt"
USER_HEAD = """\
# What a user installs: one version of each package, and the SHA-256 of every file it may come \
as; pip refuses any other.
#   python -m pip install --no-deps -r constraints.txt && \
python -m pip install --no-deps --no-build-isolation .
# These are requirements (-r): before 26.1, pip takes no hash from a constraints file (-c). \
Written by `make lock`.
--require-hashes
--only-binary :all:
"""
DEV_HEAD = """\
# What the tests and linters need on top. Written by `make lock`.
-r constraints.txt
"""
RESOLVE = (
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--generate-hashes",
    "--no-strip-extras",
    "--no-annotate",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-package",
    "pip",
)


def main(uv: str, *flags: str) -> None:
    """Write both files. Raises CalledProcessError where no set of versions fits."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    oldest_python = project["project"]["requires-python"].removeprefix(">=")
    kept = entries(USER.read_text(encoding="utf-8")) + entries(
        DEV.read_text(encoding="utf-8") if DEV.exists() else ""
    )
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder) / "build.in"
        build.write_text("\n".join(project["build-system"]["requires"]), encoding="utf-8")

        def resolved(*extras: str) -> list[str]:
            out = Path(folder) / "resolved.txt"
            out.write_text("\n".join(kept), encoding="utf-8")  # the versions to stay with
            subprocess.run(
                [
                    uv,
                    *RESOLVE,
                    "--python-version",
                    oldest_python,
                    *extras,
                    *flags,
                    "-o",
                    out,
                    "pyproject.toml",
                    build,
                ],
                cwd=ROOT,
                check=True,
            )
            return with_and_without_extras(entries(out.read_text(encoding="utf-8")))

        user = resolved("--extra", "postgres", "--extra", "dask")
        dev = [entry for entry in resolved("--all-extras") if entry not in user]
    USER.write_text(USER_HEAD + "\n".join(user) + "\n", encoding="utf-8")
    DEV.write_text(DEV_HEAD + "\n".join(dev) + "\n", encoding="utf-8")


def entries(text: str) -> list[str]:
    """Return each pinned requirement with its hashes, as it is printed."""
    return re.findall(r"^[A-Za-z0-9][^\n]*==[^\n]*(?:\n +--hash=[^\n]*)*", text, re.M)


def with_and_without_extras(listed: list[str]) -> list[str]:
    """Return the entries, and each that has extras also without them.

    Before 23.3, pip looks for `a` and `a[b]` apart.
    """
    close = [re.sub(r", (?=[^\[\]]*\]==)", ",", entry) for entry in listed]
    return sorted({*close, *(re.sub(r"^([^\[;=]+)\[[^\]]*\]", r"\1", entry) for entry in close)})


if __name__ == "__main__":
    main(*sys.argv[1:])
