"""The script `hv`."""

import signal
import sys


def main() -> int:
    """Runs the program, which signals end as if it were not in Python."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from ._hv import run_program

    return run_program(sys.argv)
