"""Become PostgreSQL: a script that is run between fork and exec, and imports nothing of ours.

    python -I -S embedded_child.py PARENT SIGNAL USER GROUP PROGRAM [ARGUMENT…]

It drops root's rights where USER is not its own, asks the kernel to be sent SIGNAL when its parent
dies, and replaces itself by PROGRAM. A script and not Popen's preexec_fn, because that would run
Python in a forked copy of a process with threads, where a lock that another thread held stays held
for ever. The order matters: a change of user clears the parent-death signal.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Drop rights, follow the parent into death, become the program."""
    parent, number, user, group = map(int, sys.argv[1:5])
    command = sys.argv[5:]
    if user != os.getuid():
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    follow_parent(parent, number)
    os.execv(command[0], command)  # noqa: S606  # no shell is wanted


def follow_parent(parent: int, number: int) -> None:
    """Have the kernel send signal `number` when the parent dies; only Linux can."""
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:  # it died before the kernel was asked
        sys.exit(1)


if __name__ == "__main__":
    main()
