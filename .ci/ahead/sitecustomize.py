"""Make whole what Debian's libfaketime (0.9.10) breaks.

Every Python process of `make test-ahead` imports this first. No test says anything of it.
"""

import os
import select
import subprocess
import time

READ_BY_OTHERS = ("TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")


def sleep(seconds: float, /) -> None:
    """Wait for a time span.

    Since 3.11 `time.sleep` waits until a moment of the monotonic clock, which libfaketime takes for
    one of the clock that it moves: the call fails with EINVAL.
    """
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


def unless_python_reads_it(change):
    """Return a change of the process's environment that changes only what others than Python read.

    libfaketime asks the environment whenever a thread waits for another, and the process dies if a
    variable is just being added. So what is set stands in `os.environ` alone, and children are
    given that.
    """
    return lambda name, *value: (
        change(name, *value) if os.fsdecode(name) in READ_BY_OTHERS else None
    )


class Popen(subprocess.Popen):
    def __init__(self, *args, env=None, **words):
        super().__init__(*args, env=os.environ if env is None else env, **words)


time.sleep = sleep
os.putenv, os.unsetenv = unless_python_reads_it(os.putenv), unless_python_reads_it(os.unsetenv)
subprocess.Popen = Popen
