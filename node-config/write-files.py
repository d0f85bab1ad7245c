# Writes the files of one set, given as JSON on stdin, and runs the commands of those that changed.
#
# Argument: create, update or delete.
# stdin: {"set": NAME, "owner": CLUSTER or absent, "before": {"script": NAME, "lines": [...], "stdin": TEXT} or absent,
#         "files": {PATH: {"mode": "0644", "lines": [...]}}, "onChange": [{"paths": [...], "command": COMMAND}]}
#
# Each file appears whole or not at all. What an earlier run of the same set wrote and this one no longer names is
# removed, unless another set names it now; with `delete` that is all of them, and no command runs. A run that was cut off
# is finished by the next: the commands of what it changed run until they succeeded once.
#
# Lines that are comments are not sent: another comment writes no set again.
import glob, json, os, stat, subprocess, sys

STATE = "/var/lib/kjerne/files"


def write(path, mode, content):
    directory, temporary = os.path.dirname(path), path + ".kjerne-new"
    os.makedirs(directory, exist_ok=True)
    if os.path.lexists(temporary):
        os.remove(temporary)
    # Whoever may write to the directory cannot lead this elsewhere by a link.
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        os.fchmod(stream.fileno(), mode)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(temporary, path)
    descriptor = os.open(directory, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def is_directory(path):
    return os.path.isdir(path) and not os.path.islink(path)


def differs(path, mode, content):
    if not os.path.lexists(path):
        return True
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode) or (stat.S_IMODE(found.st_mode), found.st_uid) != (mode, os.geteuid()):
        return True
    with open(path, "rb") as stream:
        return stream.read() != content


def record_of(*names):
    return os.path.join(STATE, ".".join([*filter(None, names), "json"]))


def recorded(path):
    try:
        with open(path, "rb") as stream:
            found = {"owner": None, "files": {}, "onChange": [], "pending": [], **json.load(stream)}
        # Older releases kept a digest of what was applied, which is empty while commands are owed.
        if found.get("applied") == "":
            found["pending"] = found["paths"]
        for path in found["paths"] + found["pending"] + [path for use in found["onChange"] for path in use["paths"]]:
            if not path.startswith("/"):
                return None
        return found
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def remember(path, record):
    write(path, 0o600, json.dumps({key: record[key] for key in ("owner", "paths", "files", "onChange", "pending")}).encode())


def covers(use, path):
    return any(path == one or one.endswith("/") and path.startswith(one) for one in use["paths"])


def mistakes():
    for name in filter(None, (owner, wanted["set"])):
        if "/" in name:
            yield f"{name}: the name of a file set or its owner has no slash"
    for path, (mode, content) in files.items():
        if not path.startswith("/") or path != os.path.normpath("/" + path.lstrip("/")):
            yield f"{path}: not an absolute path without . and .."
            continue
        parent = os.path.dirname(path)
        while not os.path.lexists(parent):
            parent = os.path.dirname(parent)
        if not os.path.isdir(parent):
            yield f"{path}: {parent} is no directory; move it away"
        elif is_directory(path):
            yield f"{path}: a directory is there; move it away"
        for name, other in others.items():
            if other and owner and other["owner"] not in (None, owner) and path in other["paths"] and differs(path, mode, content):
                yield f"{path}: {other['owner']} wants other content ({name}); leave the file to one of them"


action = sys.argv[-1]
wanted = json.load(sys.stdin.buffer)
owner = wanted.get("owner")
files = {path: (int(f["mode"], 8), "\n".join(f["lines"]).encode()) for path, f in wanted["files"].items()}
memory = found_at = record_of(owner, wanted["set"])
if action == "update" and not os.path.exists(memory):
    found_at = record_of(wanted["set"])
others = {path: recorded(path) for path in glob.glob(os.path.join(glob.escape(STATE), "*.json")) if path not in (memory, found_at)}

if action == "delete":
    wanted.update(files={}, onChange=[])
else:
    refused = list(mistakes())
    if refused:
        sys.exit("nothing was written:\n  " + "\n  ".join(refused))
    before = wanted.get("before")
    if before:
        script = ["/bin/bash", "-c", "\n".join(before["lines"]), before["script"], action]
        status = subprocess.run(script, input=before["stdin"].encode()).returncode
        if status:
            sys.exit(status)

mine = {"owner": owner, "paths": [], "files": {}, "onChange": [], "pending": []}
if os.path.exists(found_at):
    earlier = recorded(found_at)
    if not earlier:
        print(f"mended {found_at}, which was not whole: the set owns what it names now", flush=True)
        earlier = {"paths": list(files), "pending": list(files)}
    mine.update(earlier, owner=owner)
if action == "delete":
    files = {}
changed = [path for path, content in files.items() if differs(path, *content)]
left = [path for path in mine["paths"] if path not in files and os.path.lexists(path) and not is_directory(path)]
# Another set whose record cannot be read may name it too.
kept = [path for path in left if any(other is None or path in other["paths"] for other in others.values())]
removed = [path for path in left if path not in kept]
# A file that is removed may have been the last one to need its command.
uses = wanted["onChange"] + [
    use for use in mine["onChange"] if not all(any(covers(one, path) for one in wanted["onChange"]) for path in use["paths"])
]

# Remembered before the first write: a run that is cut off still knows what it owns and what it has to make used.
mine.update(paths=sorted({*mine["paths"], *files}), onChange=uses, pending=sorted({*mine["pending"], *changed, *removed}))
remember(memory, mine)
if found_at != memory and os.path.exists(found_at):
    os.remove(found_at)
# What moves here from another set of the same owner is no longer that one's to remove.
for name, other in others.items():
    if other and other["owner"] in (None, owner) and not files.keys().isdisjoint(other["paths"]):
        other["paths"] = [path for path in other["paths"] if path not in files]
        remember(name, other)
for path in changed:
    write(path, *files[path])
for path in removed:
    os.remove(path)
for verb, paths in (("wrote", changed), ("removed", removed), ("left to another set", kept)):
    for path in paths:
        print(verb, path, flush=True)

if action == "delete":
    os.remove(memory)
    sys.exit()
for use in uses:
    if any(covers(use, path) for path in mine["pending"]):
        status = subprocess.run(["/bin/bash", "-euo", "pipefail", "-c", use["command"]], stdin=subprocess.DEVNULL).returncode
        if status:
            sys.exit(f"the files are written, but the machine does not use them yet: {use['command']} failed ({status}); it runs again next time")
# With what they hold, which drift/observe.py compares with and drift/put-back.sh writes again.
remember(memory, {**mine, "paths": sorted(files), "files": wanted["files"], "onChange": wanted["onChange"], "pending": []})
