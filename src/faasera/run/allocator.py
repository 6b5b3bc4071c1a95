"""The C library's allocator, told to keep the memory of one chunk for the next.

Generating makes and drops arrays of half a megabyte. glibc gives such memory back to the system each time and gets it
again page by page, zeroed, which costs a third of the run time with two threads.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT = 256 << 20


def keep_memory() -> None:
    """Keep freed memory for reuse, where the C library is glibc; elsewhere nothing happens."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    mallopt(_TRIM_THRESHOLD, _KEPT)
    mallopt(_MMAP_THRESHOLD, _KEPT)
