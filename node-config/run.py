# Runs one program of kjerne's on this machine; components/machine/runner.ts sends it ahead of what it runs.
#
# One program at a time holds the machine's lock; the next one waits, and says for what. When the ssh connection goes, the
# program goes on: half a `kubeadm init` or half a disk is worse than a whole one, and whoever runs it again waits for its
# end. At its deadline it is ended with everything in its process group, since nobody else ends it. What shall outlive a
# program is a service of systemd.
#
# The environment is the same whoever logs in. The input is read to its end first, so that a program that goes on without its
# connection has all of it.
#
# Lines that are comments are not sent.
import fcntl, os, subprocess, sys, threading, time


def take_lock(minutes):
    lock = os.open("/run/kjerne.lock", os.O_RDWR | os.O_CREAT, 0o644)
    holder, deadline = None, 0
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            seen = os.pread(lock, 999, 0).decode()
        if holder is None:
            print(f"waits for {seen}", file=sys.stderr, flush=True)
        # Each program ends at its own deadline, so a queue moves.
        if seen != holder:
            holder, deadline = seen, time.monotonic() + 60 * minutes
        if time.monotonic() > deadline:
            sys.exit(f"for {minutes:g} minutes this machine has been busy with {holder}; let it end, or end it: kill -- -PROCESS; then run again")
        time.sleep(0.2)


def carry(source, sink):
    for piece in iter(lambda: source.read1(65536), b""):
        try:
            sink.write(piece)
            sink.flush()
        except OSError:  # the connection is gone
            pass


def run(*texts, interpreter=["bash"]):
    *programs, data = texts
    name, action, minutes, exclusive, *origin = sys.argv[1:]
    minutes = float(minutes)
    os.umask(0o022)
    locks = [take_lock(minutes)] if exclusive == "exclusive" else []
    begun = time.monotonic()
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    stdin = open(os.memfd_create("stdin"), "w+b")
    stdin.write(data)
    stdin.seek(0)
    # `timeout` has the lock too, which then lasts as long as the program even when this process is killed. The program
    # itself closes it: a daemon among its children would keep it.
    without_lock = 'exec "$@"' + "".join(f" {lock}>&-" for lock in locks)
    program = [*interpreter, "-c", programs[-1 if action == "delete" else 0], name, action]
    child = subprocess.Popen(
        ["timeout", "--kill-after=10", f"{minutes}m", "bash", "-c", without_lock, "bash", *program],
        stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=locks, start_new_session=True,
        env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": os.path.expanduser("~")},
    )
    for lock in locks:
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{name} {action}, process {child.pid}, since {since}, from {' '.join(origin) or 'this machine'}".encode(), 0)
    err = sys.stderr.buffer
    for streams in (child.stdout, sys.stdout.buffer), (child.stderr, err):
        threading.Thread(target=carry, args=streams, daemon=True).start()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    os.killpg(child.pid, 9)
    code = child.wait()
    for thread in threading.enumerate()[1:]:
        thread.join(5)  # a daemon that left the group may keep the output open
    if code and time.monotonic() - begun >= 60 * minutes:
        err.write(f"{name} did not end within {minutes:g} minutes and was ended\n".encode())
    err.flush()
    # 255 is what ssh ends with where it lost the connection.
    os._exit(min(code if code >= 0 else 128 - code, 254))
