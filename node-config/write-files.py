"""Writes the files of one set, given as JSON on stdin, and runs the commands of those that changed.

Argument: create, update or delete.
stdin: {"set": NAME, "owner": CLUSTER or absent, "before": {"script": NAME, "lines": [...], "stdin": TEXT} or absent,
        "files": {PATH: {"mode": "0644", "lines": [...]}}, "onChange": [{"paths": [...], "command": COMMAND}]}

Each file appears whole or not at all. What an earlier run of the same set wrote and this one no longer names is
removed; with `delete` that is all of them, and no command runs. A run that was cut off is finished by the next: the
commands of what it changed run until they succeeded once.
"""
import json, os, subprocess, sys

STATE = "/var/lib/kjerne/files"


def write(path, mode, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = path + ".kjerne-new"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
        stream.write(content)
        stream.flush()
        os.fchmod(stream.fileno(), mode)
        os.fsync(stream.fileno())
    os.rename(temporary, path)


def differs(path, mode, content):
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            return stream.read() != content or os.stat(path).st_mode & 0o7777 != mode
    except (FileNotFoundError, UnicodeDecodeError):
        return True


def record_of(*names):
    return os.path.join(STATE, ".".join([*filter(None, names), "json"]))


def remembered(path):
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except FileNotFoundError:
        return {"paths": [], "onChange": [], "pending": []}
    # Older releases kept a digest of what was applied, which is empty while commands are owed.
    pending = found["paths"] if found.get("applied") == "" else []
    return {"onChange": [], "pending": pending, **found}


def covers(use, path):
    return any(path == one or one.endswith("/") and path.startswith(one) for one in use["paths"])


action = sys.argv[1]
wanted = json.load(sys.stdin)
memory = record_of(wanted.get("owner"), wanted["set"])
recorded_by_older_release = record_of(wanted["set"])
if action == "update" and not os.path.exists(memory) and os.path.exists(recorded_by_older_release):
    os.rename(recorded_by_older_release, memory)

before = wanted.get("before")
if before and action != "delete":
    script = ["/bin/bash", "-c", "\n".join(before["lines"]), before["script"], action]
    refused = subprocess.run(script, input=before["stdin"].encode()).returncode
    if refused:
        sys.exit(refused)

earlier = remembered(memory)
files = {path: (int(f["mode"], 8), "\n".join(f["lines"])) for path, f in wanted["files"].items()}
if action == "delete":
    files = {}
changed = [path for path, (mode, content) in files.items() if differs(path, mode, content)]
removed = [path for path in earlier["paths"] if path not in files and os.path.exists(path)]
pending = sorted({*earlier["pending"], *changed, *removed})
# A file may be the last one that needs its command.
uses = wanted["onChange"] + [
    use for use in earlier["onChange"] if not any(covers(one, path) for path in use["paths"] for one in wanted["onChange"])
]

# Remembered before the first write: a run that is cut off still knows what it owns and what it has to make used.
record = {"paths": sorted({*earlier["paths"], *files}), "onChange": uses, "pending": pending}
write(memory, 0o600, json.dumps(record))
for path in changed:
    write(path, *files[path])
for path in removed:
    os.remove(path)
for verb, paths in (("wrote", changed), ("removed", removed)):
    for path in paths:
        print(verb, path, flush=True)

if action == "delete":
    os.remove(memory)
    sys.exit()
for use in uses:
    if any(covers(use, path) for path in pending):
        subprocess.run(["/bin/bash", "--norc", "-euo", "pipefail", "-c", use["command"]], check=True, stdin=subprocess.DEVNULL)
write(memory, 0o600, json.dumps({"paths": sorted(files), "onChange": wanted["onChange"], "pending": []}))
