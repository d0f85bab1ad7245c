"""Writes the files of one set, given as JSON on stdin, and runs a command when any of them changed.

{"set": NAME, "files": {PATH: {"mode": "0644", "lines": [...]}}, "onChange": COMMAND or ""}

Each file appears whole or not at all. What an earlier run of the same set wrote and this one no longer names is
removed; with the argument `remove` that is all of them. A run that was cut off is finished by the next: the command runs until it succeeded once for this content.
"""
import hashlib, json, os, subprocess, sys

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


def remembered(path):
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except FileNotFoundError:
        return {"paths": [], "applied": ""}


wanted = json.load(sys.stdin)
removing = sys.argv[1:] == ["remove"]
if removing:
    wanted.update(files={}, onChange="")
memory = os.path.join(STATE, wanted["set"] + ".json")
before = remembered(memory)
files = {path: (int(f["mode"], 8), "\n".join(f["lines"])) for path, f in wanted["files"].items()}
digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()

changed = [path for path, (mode, content) in files.items() if differs(path, mode, content)]
removed = [path for path in before["paths"] if path not in files and os.path.exists(path)]
# The paths are remembered before the first write, so a run that is cut off still knows what it owns.
owned = sorted(set(before["paths"]) | set(files))
write(memory, 0o600, json.dumps({"paths": owned, "applied": "" if changed or removed else before["applied"]}))
for path in changed:
    write(path, *files[path])
for path in removed:
    os.remove(path)
for verb, paths in (("wrote", changed), ("removed", removed)):
    for path in paths:
        print(verb, path)

if wanted["onChange"] and (changed or removed or before["applied"] != digest):
    subprocess.run(["/bin/bash", "--norc", "-euo", "pipefail", "-c", wanted["onChange"]], check=True)
if removing:
    os.remove(memory)
else:
    write(memory, 0o600, json.dumps({"paths": sorted(files), "applied": digest}))
