"""Reads what the processors of this machine do, once a second.

Arguments: SECONDS OWN
OWN is whose share is told beside it: "cgroup" for this container, "qemu" for virtual machines, "" for nobody.
Prints a line for each second and one before the first: TIME, the first eight fields of /proc/stat's line `cpu` in ticks,
and OWN's processor time in seconds, or -1.
"""
import glob, os, sys, time

seconds, own = int(sys.argv[1]), sys.argv[2]
tick = os.sysconf("SC_CLK_TCK")
groups = ("/sys/fs/cgroup/cpuacct/cpuacct.usage", "/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage")


def of_cgroup():
    for file in groups:
        if os.path.exists(file):
            return int(read(file)) / 1e9
    fields = dict(line.split() for line in read("/sys/fs/cgroup/cpu.stat").splitlines())
    return int(fields["usage_usec"]) / 1e6


before, together = {}, 0


def of_qemu():
    """Grows by what each machine did since the last line: one that has ended takes nothing back."""
    global before, together
    now = {}
    for file in glob.glob("/proc/[0-9]*/stat"):
        try:
            command, fields = read(file).rsplit(")", 1)
        except OSError:  # it has ended
            continue
        if "(qemu" in command or "(CPU " in command:
            now[file] = sum(map(int, fields.split()[11:13]))
    together += sum(ticks - before.get(file, 0) for file, ticks in now.items())
    before = now
    return together / tick


def read(file):
    with open(file) as opened:
        return opened.read()


mine = {"cgroup": of_cgroup, "qemu": of_qemu, "": lambda: -1}[own]
begins = time.monotonic()
for second in range(seconds + 1):
    time.sleep(max(0, begins + second - time.monotonic()))
    cpu = read("/proc/stat").split("\n", 1)[0].split()[1:9]
    print(f"{time.monotonic() - begins:.3f}", *cpu, f"{mine():.3f}", flush=True)
