"""Become a server that nobody waits for: a script between two forks that imports nothing of ours.

    python -I -S detached.py USER GROUP PROGRAM [ARGUMENT…]

Its caller gives it a session, a directory and a log; it forks, so that the server is nobody's
child and leaves no zombie with whoever started it, and drops root's rights where USER is not its
own. A script and not Popen's preexec_fn, which would run Python in a copy of a process with
threads.
"""

import os
import sys


def main() -> None:
    """Fork, drop rights, become the program."""
    user, group = map(int, sys.argv[1:3])
    command = sys.argv[3:]
    if os.fork():
        os._exit(0)
    if user != os.getuid():
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    os.execvp(command[0], command)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    main()
