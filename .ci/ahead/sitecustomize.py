"""Every Python process of `make test-ahead` imports this first.

Since 3.11 `time.sleep` waits until a moment of the monotonic clock. Debian's libfaketime (0.9.10) takes that moment for one of
the clock that it moves and the call fails with EINVAL, so here `time.sleep` waits for a time span. No test says anything of it.
"""

import select
import time


def sleep(seconds: float, /) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
