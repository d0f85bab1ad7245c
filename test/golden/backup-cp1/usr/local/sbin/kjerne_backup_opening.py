"""Opens a backup: decrypts it and believes nothing in it before the cluster's CA, whose key the operator names, has vouched
for it. Names in the archive are compared with a list and never used as paths of their own choice."""
import hashlib, json, os, re, shutil, subprocess, tarfile
import kjerne_backup_archive as archive
import kjerne_backup_store as store
from kjerne_backup_store import Failed

EXPECTED = ["about.json", "about.sig", "snapshot.db", *archive.KEPT]


def fetch(source, work):
    """The encrypted file in `work`, and its name: a path of this machine, or a name in the store."""
    name, path = os.path.basename(source), f"{work}/backup.tar.age"
    if "/" in source:
        shutil.copyfile(source, path)
    else:
        store.rclone("copyto", f"store:{name}", path)
    named = store.parsed(name)
    if not named:
        raise Failed(f"{name} is not named as backups are; give it back the name that it had in the store")
    found = archive.sha256(path)
    if not found.startswith(named["digest"]):
        raise Failed(f"{name} holds something else than was written under this name (sha256 {found}): it was damaged, or somebody put another in its place; take another backup")
    return path, named


def unpack(path, work):
    """Decrypts with the identity on stdin, which no file ever holds, and writes the files that a backup has."""
    with subprocess.Popen(["age", "--decrypt", "--identity", "-", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as age:
        problem = None
        try:
            with tarfile.open(fileobj=age.stdout, mode="r|") as tar:
                for entry in tar:
                    write(tar, entry, work)
        except (tarfile.TarError, Failed) as found:
            problem = found
            age.kill()
        said = age.stderr.read()
    if isinstance(problem, Failed):
        raise problem
    if problem or age.returncode:
        raise Failed(f"age can't decrypt it with the identity on stdin: {store.last_line(said)}")
    missing = [name for name in EXPECTED if not os.path.exists(f"{work}/{name}")]
    if missing:
        raise Failed(f"{', '.join(missing)} is not in it")


def write(tar, entry, work):
    if entry.name not in EXPECTED or not entry.isfile():
        raise Failed(f"it holds {entry.name!r}, which no backup has: kjerne did not make it")
    target = f"{work}/{entry.name}"
    os.makedirs(os.path.dirname(target), exist_ok=True)
    # Once each: a second one of a name would come after what was looked at.
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        shutil.copyfileobj(tar.extractfile(entry), stream)


def vouched(work, named, pinned):
    """What about.json says, once the CA has vouched for it and every file is as it says."""
    about, ca = f"{work}/about.json", f"{work}/pki/ca.crt"
    key = openssl("x509", "-in", ca, "-noout", "-pubkey")
    found = f"sha256:{hashlib.sha256(openssl('pkey', '-pubin', '-outform', 'DER', stdin=key)).hexdigest()}"
    if found != pinned:
        raise Failed(f"it is of a cluster whose CA is {found}, and not of the one with {pinned}")
    with open(f"{work}/ca.pub", "wb") as stream:
        stream.write(key)
    openssl("dgst", "-sha256", "-verify", f"{work}/ca.pub", "-signature", f"{work}/about.sig", about)
    with open(about) as stream:
        said = json.load(stream)
    other = [part for part in ("cluster", "time", "node") if said[part] != named[part]]
    if other:
        raise Failed(f"it calls itself {said['cluster']}.{said['time']}.{said['node']}, and lies under the name {named['name']}: somebody renamed it; take another backup")
    for name in EXPECTED[2:]:
        if archive.sha256(f"{work}/{name}") != said["sha256"].get(name):
            raise Failed(f"{name} in it is not what the cluster's CA signed")
    return said


def openssl(*arguments, stdin=None):
    ran = subprocess.run(["openssl", *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if ran.returncode:
        what = "the cluster's CA did not sign it" if "-verify" in arguments else "its CA certificate can't be read"
        raise Failed(f"{what}: {store.last_line(ran.stderr or ran.stdout)}")
    return ran.stdout


def version_in(path):
    with open(path) as stream:
        found = re.search(r"^kubernetesVersion: *v?(\S+)", stream.read(), re.MULTILINE)
    return found and found[1]
