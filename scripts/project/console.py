"""What every command prints with: steps with their time, tables, and clear endings."""

import os
import re
import signal
import sys
import time
from contextlib import contextmanager

WIDTH = 100
OK, FAILED, WRONG_USE = 0, 1, 2
INTERRUPTED = 128 + signal.SIGINT
NUMBER = re.compile(r"([+-]?[\d,.]+( %)?)?")


class Problem(Exception):
    """Something the caller can put right. Its text says what and how; no traceback."""


def guarded(command):
    """Make a command's `main` end with a sentence and an exit code, not a traceback."""

    def main(arguments):
        sys.stdout.reconfigure(errors="replace")
        end_at_once_when_interrupted()
        try:
            return command(arguments)
        except Problem as problem:
            print(f"\n{problem}", file=sys.stderr)
            return WRONG_USE
        except OSError as error:
            print(f"\n{explain_os_error(error)}", file=sys.stderr)
            return WRONG_USE

    return main


def end_at_once_when_interrupted():
    """End on Ctrl-C without waiting for queries; on a closed pipe, end quietly.

    dbt would catch KeyboardInterrupt and wait for its running queries. Leaving at once
    is safe: the database rolls back what was not committed.
    """

    def end(_signal, _frame):
        os.write(2, b"\nStopped. The next run carries on from here.\n")
        os._exit(INTERRUPTED)

    # On the way out, a helper process of Python would warn about semaphores of dbt.
    os.environ.setdefault(
        "PYTHONWARNINGS", "ignore::UserWarning:multiprocessing.resource_tracker"
    )
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def explain_os_error(error):
    """A sentence for a file that cannot be read or written."""
    where = f": {error.filename}" if error.filename else ""
    what = error.strerror or error
    return f"{what}{where}. Check the disk space and who owns the folder."


def say(text=""):
    print(text, flush=True)


@contextmanager
def step(label):
    """Announce a step, and on the same line how long it took."""
    print(label, end=" ... ", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - started:.1f} s")


def heading(text):
    say(f"\n{text}\n{'-' * len(text)}")


def table(headers, rows):
    """Lines of a plain text table: numbers to the right, never wider than WIDTH.

    The widest column gives way when a line would be too long.
    """
    if not rows:
        return []
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    gaps = 2 * (len(widths) - 1)
    while sum(widths) + gaps > WIDTH:
        widths[widths.index(max(widths))] -= 1
    adjust = [
        str.rjust if all(map(NUMBER.fullmatch, column)) else str.ljust
        for column in zip(*cells, strict=True)
    ]
    lines = [headers, ["-" * width for width in widths], *cells]
    return ["  ".join(map(fitted, line, widths, adjust)).rstrip() for line in lines]


def fitted(text, width, adjust):
    """A text in exactly this width."""
    return adjust(cut(text, width), width)


def cut(text, width):
    """A text of at most this width, with two dots for what is left out."""
    return text if len(text) <= width else text[: width - 2] + ".."


def count(number):
    """1234567 as 1,234,567; nothing for a missing number."""
    return "" if number is None else f"{number:,.0f}"


def share(part):
    """0.1234 as 12.3 %; nothing for a missing share."""
    return "" if part is None else f"{part:.1%}".replace("%", " %")


def change(number):
    """A number with its sign; nothing for a missing one."""
    return "" if number is None else f"{number:+,.0f}"


def decimal(number, places):
    """A number with so many decimals; nothing for a missing one."""
    return "" if number is None else f"{number:.{places}f}"


def counted(number, noun):
    """1 date, 2 dates."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
