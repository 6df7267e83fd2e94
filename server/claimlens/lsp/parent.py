"""Whether the process that started the server is still alive.

LSP 3.17, ``initialize``: "If the parent process is not alive then the server should exit". A client that was killed may
leave our standard input open in another of its children, so the end of the stream is not enough.
"""

from __future__ import annotations

import os
import sys

_SYNCHRONIZE = 0x0010_0000
_WAIT_TIMEOUT = 0x102
_ACCESS_DENIED = 5


def alive(process_id: int) -> bool:
    """Tell whether a process with this id runs; True where that cannot be known."""
    if process_id <= 0:
        return True
    return _alive_windows(process_id) if sys.platform == "win32" else _alive_posix(process_id)


def _alive_posix(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _alive_windows(process_id: int) -> bool:
    """``os.kill`` would end the process there; a handle that can be waited for says the same without harm."""
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(_SYNCHRONIZE, False, process_id)
    if not handle:
        return bool(kernel.GetLastError() == _ACCESS_DENIED)
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == _WAIT_TIMEOUT)
    finally:
        kernel.CloseHandle(handle)
