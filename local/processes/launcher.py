"""Becomes another program after it has tied itself to the daemon; started as a script, `python -I -S launcher.py ...`.

Arguments: parent's pid, signal at the parent's death, uid, gid (`-` for "as it is"), working directory, then the
command. A script of its own and not `preexec_fn`, because code between fork and exec can deadlock in a daemon that has
threads.
"""

import ctypes
import os
import sys
import warnings  # noqa: F401  # pyright: ignore[reportUnusedImport]  # for `os.execvpe`, as its user may not read it

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Drop privileges, ask the kernel for a signal when the daemon dies, and exec."""
    parent, signal, uid, gid, directory, *command = sys.argv[1:]
    # What the parent gave: Python may have added LC_CTYPE to os.environ, which the program shall not see.
    with open("/proc/self/environ", "rb") as file:  # noqa: PTH123  # pathlib takes longer to import than all of this
        block = file.read().split(b"\0")
    environment = dict(entry.split(b"=", 1) for entry in block if b"=" in entry)
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    # After setuid, which clears it.
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal), 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != int(parent):
        sys.exit("the daemon died meanwhile")
    try:
        os.chdir(directory)
        os.execvpe(command[0], command, environment)  # noqa: S606  # this is what a launcher is for
    except OSError as error:
        # The codes a shell would give: 127 not found, 126 not executable.
        print(f"cannot run {command[0]} in {directory}: {error.strerror}", file=sys.stderr)
        sys.exit(127 if isinstance(error, FileNotFoundError) else 126)


main()
