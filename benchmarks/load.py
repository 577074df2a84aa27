"""Many readers at once, on loopback: `ALMANAC_HOME=HOME python -m benchmarks.load`.

200 connections ask 4,000 times each path of a real server; the baseline is the same server's bare
endpoint, `/healthz`, which only asks for the newest release's number.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time

import httpx

READERS, ASKED = 200, 4000
GA = "google/gemini-3.1-flash-lite"
PATHS = {
    "bare": "/healthz",
    "one figure": f"/api/v1/explain?subject={GA}&field=context_window",
    "a bill": f"/api/v1/price?model={GA}&input=1000&output=100",
    "a model page": f"/models/{GA}.html",
}


async def ask(port: int, path: str) -> tuple[list[float], int]:
    """Return the milliseconds of each answer and how many were none.

    Bare sockets: a client library would measure itself.
    """
    taken: list[float] = []
    wrong = 0
    left = ASKED

    async def reader() -> None:
        nonlocal left, wrong
        incoming, outgoing = await asyncio.open_connection("127.0.0.1", port)
        while left > 0:
            left -= 1
            started = time.perf_counter()
            outgoing.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = await incoming.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
            body = await incoming.readexactly(length)
            wrong += not (head.startswith(b"HTTP/1.1 200") and body)
            taken.append((time.perf_counter() - started) * 1e3)
        outgoing.close()

    await asyncio.gather(*(reader() for _ in range(READERS)))
    return sorted(taken), wrong


def main() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "almanac", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        httpx.get(f"{address}/models/{GA}.html", timeout=60)
        bare = 0.0
        for name, path in PATHS.items():
            started = time.perf_counter()
            taken, wrong = asyncio.run(ask(int(address.rpartition(":")[2]), path))
            p99 = taken[int(len(taken) * 0.99)]
            bare = bare or p99
            seconds = time.perf_counter() - started
            print(
                f"{name:14} {len(taken) / seconds:7,.0f} a second,"
                f" median {taken[len(taken) // 2]:7.1f} ms, p99 {p99:7.1f} ms"
                f" ({p99 / bare:.1f} × bare), {wrong} errors"
            )
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
