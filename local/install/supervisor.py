"""supervisor.py [--alive SOCKET] COMMAND...: runs a command of which nothing may be left: the engine, an installer, a container without namespaces.

Forwards signals as dumb-init does (DUMB_INIT_SETSID=0: to the command only, else to its process group), ends with the command's exit code
as Docker reports it, and leaves no process of it behind, however far it has detached itself.
Descriptor 3 is a pipe that only the one who started it holds open: when it closes, because he wants it or is gone, everything is killed.
As long as anything is left, the Unix socket SOCKET takes connections: the kernel closes it, so it never tells of processes that are gone.
"""
import ctypes
import os
import select
import signal
import socket
import sys

LIFELINE = 3
FORWARDED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LINUX = sys.platform == 'linux'


def prctl(option, value):
    if LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def start(command):
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.close(LIFELINE)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            print(f'{command[0]}: {error.strerror}', file=sys.stderr, flush=True)
            os._exit(127)
    return pid


def kill_all(pid):
    """Orphans become children of the subreaper, so the tree empties from the top."""
    while True:
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        if LINUX:
            with open(f'/proc/self/task/{os.getpid()}/children') as children:
                for child in children.read().split():
                    os.kill(int(child), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def main(command):
    if command[0] == '--alive':
        alive = socket.socket(socket.AF_UNIX)
        alive.bind(command[1])
        alive.listen()
        command = command[2:]
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    for number in (*FORWARDED, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    pid = start(command)
    group = os.environ.get('DUMB_INIT_SETSID') != '0'
    while True:
        readable = select.select([wake, LIFELINE], [], [])[0]
        if LIFELINE in readable:
            kill_all(pid)
            return 128 + signal.SIGKILL
        for number in os.read(wake, 64):
            if number != signal.SIGCHLD:
                (os.killpg if group else os.kill)(pid, number)
                continue
            while True:
                try:
                    ended, status = os.waitpid(-1, os.WNOHANG)
                except ChildProcessError:
                    break
                if ended == 0:
                    break
                if ended == pid:
                    kill_all(pid)
                    code = os.waitstatus_to_exitcode(status)
                    return code if code >= 0 else 128 - code


sys.exit(main(sys.argv[1:]))
