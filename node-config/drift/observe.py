# Compares this node with what kjerne wrote to it and installed on it: files, kernel settings, packages, services, and on
# a control plane kube-proxy's objects and the certificates of kubeadm. It changes nothing. What is wanted lies on the node
# itself: the writer's records (write-files.py), what adopt.sh installed, what kube-proxy.sh applied.
#
# stdin: {"sets": {NAME OF A SET: SHA-256 OF ITS FILES}, "container": whether settings outside net.* are its host's}
# stdout: {WHAT: {"wanted", "found"}}, only what differs
import hashlib, json, os, stat, subprocess, sys

STATE = "/var/lib/kjerne"
# kubeadm's certificates, and who signs each. https://kubernetes.io/docs/setup/best-practices/certificates/
SIGNED_BY = {
    **{name: "ca" for name in ("apiserver", "apiserver-kubelet-client")},
    **{name: "etcd/ca" for name in ("apiserver-etcd-client", "etcd/server", "etcd/peer", "etcd/healthcheck-client")},
    "front-proxy-client": "front-proxy-ca",
}
drift = {}


def differs(what, wanted, found):
    drift[what] = {"wanted": wanted, "found": found}


def output(*command):
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return ran.returncode, (ran.stdout or ran.stderr).decode(errors="replace").strip()


def records(wanted):
    """The sets as the writer recorded them, without those that it did not write."""
    for name, digest in wanted.items():
        try:
            with open(f"{STATE}/files/{name}.json", encoding="utf-8") as stream:
                record = json.load(stream)
        except (OSError, ValueError):
            differs(f"set {name}", "the writer's record", "none that can be read")
            continue
        text = json.dumps(record.get("files"), ensure_ascii=False, separators=(",", ":"))
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            differs(f"set {name}", "the files of the settings", "a record of others")
            continue
        yield record


def look_at_file(path, mode, content):
    try:
        found = os.lstat(path)
    except OSError:
        return differs(path, "the file", "nothing")
    if not stat.S_ISREG(found.st_mode):
        return differs(path, "a file", "something else of that name")
    now = (format(stat.S_IMODE(found.st_mode), "04o"), found.st_uid)
    if now != (mode, 0):
        return differs(path, f"mode {mode}, of root", f"mode {now[0]}, of user {now[1]}")
    with open(path, encoding="utf-8", errors="replace") as stream:
        lines = stream.read().split("\n")
    if lines == content:
        return
    at = next((at for at, (one, other) in enumerate(zip(content, lines)) if one != other), min(len(content), len(lines)))
    line = lambda text: f"line {at + 1}: {text[at][:200]}" if at < len(text) else f"no line {at + 1}"
    # Who may not read the file does not read it here.
    shown = int(mode, 8) & 0o004
    differs(path, line(content) if shown else "its content", line(lines) if shown else "another content")


def look_at_setting(key, wanted, floor):
    try:
        with open("/proc/sys/" + key.replace(".", "/"), encoding="utf-8") as stream:
            found = stream.read().split()
    except OSError:
        return
    good = all(int(a) >= int(b) for a, b in zip(found, wanted.split())) if floor else found == wanted.split()
    if not good:
        differs(f"setting {key}", ("at least " if floor else "") + wanted, " ".join(found))


def look_at_settings(files, container):
    for path, file in files.items():
        floor = path.startswith("/etc/kjerne/sysctl-floors.d/")
        if not floor and not path.startswith("/etc/sysctl.d/"):
            continue
        for line in file["lines"]:
            key, equals, value = line.partition(" = ")
            if equals and not line.startswith("#") and (not container or key.startswith("net.")):
                look_at_setting(key, value.strip(), floor)


def look_at_packages():
    try:
        with open(f"{STATE}/machine/software", encoding="utf-8") as stream:
            wanted = dict(one.split("=") for one in json.load(stream)["packages"] if "=" in one)
    except OSError:
        return  # kjerne's image has them, and is replaced whole
    _, printed = output("dpkg-query", "--show", "--showformat=${db:Status-Abbrev}\t${Package}\t${Version}\n")
    rows = [row.split("\t") for row in printed.split("\n")]
    installed = {name: version for status, name, version in rows if status[1] == "i"}
    for name, version in wanted.items():
        if installed.get(name) != version:
            differs(f"package {name}", version, installed.get(name, "not installed"))


def look_at_services(paths):
    in_cluster = any(os.path.exists(f"{STATE}/{mark}") for mark in ("joined", "control-plane"))
    units = ["containerd.service", "kubelet.service"] if in_cluster else []
    if "/etc/keepalived/kjerne.conf" in paths:
        units.append("keepalived.service")
    own = [os.path.basename(path) for path in paths if path.startswith("/etc/systemd/system/")]
    units += [unit for unit in own if unit.endswith((".timer", ".path")) or unit == "kjerne-endpoint.service"]
    for unit in units:
        enabled, active = (output("systemctl", question, unit)[1] for question in ("is-enabled", "is-active"))
        if enabled not in ("enabled", "static") or active != "active":
            differs(f"service {unit}", "enabled, active", f"{enabled}, {active}")


def look_at_proxy():
    manifest = f"{STATE}/kube-proxy.json"
    if not os.path.exists(manifest):
        return
    code, found = output(
        "kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "diff", "--server-side", "--force-conflicts",
        "--field-manager", "kjerne", "--filename", manifest,
    )
    if code == 1 and found.startswith("diff "):
        lines = [line for line in found.split("\n") if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        # What is there has a minus, what would be applied a plus; the number of the change says nothing.
        said = lambda sign: "; ".join(line[1:].strip() for line in lines if line[0] == sign and "generation:" not in line)[:500]
        differs("kube-proxy", said("+") or "without that", said("-") or "without that")


def look_at_certificates():
    for name, authority in SIGNED_BY.items():
        path, by = (f"/etc/kubernetes/pki/{one}.crt" for one in (name, authority))
        code, said = output("openssl", "verify", "-CAfile", by, path)
        if code:
            differs(f"certificate {name}", f"valid, signed by {by}", said.split("\n")[-1])
            continue
        keys = [
            output("openssl", "x509", "-noout", "-pubkey", "-in", path),
            output("openssl", "pkey", "-pubout", "-in", f"/etc/kubernetes/pki/{name}.key"),
        ]
        if keys[0] != keys[1]:
            differs(f"certificate {name}", "that of the key beside it", "that of another key")


wanted = json.load(sys.stdin)
paths = []
for record in records(wanted["sets"]):
    mine = {path: file for path, file in record["files"].items() if path in record["paths"]}
    paths += mine
    for path, file in mine.items():
        look_at_file(path, file["mode"], file["lines"])
    look_at_settings(mine, wanted["container"])
look_at_packages()
look_at_services(paths)
look_at_proxy()
if os.path.exists(f"{STATE}/control-plane"):
    look_at_certificates()
print(json.dumps(drift))
