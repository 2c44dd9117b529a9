"""What the Python scripts of groups check with."""
import sys
import time


def expect(what, wanted, got):
    if wanted != got:
        sys.exit(f"FAILED: {what}\n  wanted: {wanted!r:.500}\n  got:    {got!r:.500}")


def eventually(what, wanted, ask, seconds=20):
    end = time.monotonic() + seconds
    while (got := ask()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    expect(what, wanted, got)
