"""What is in a backup, and how it leaves the machine: a tar with about.json, which names everything else with its SHA-256,
and about.sig, the cluster CA's signature of it. age encrypts and does not say who did: anybody may encrypt to a public
key, and only the signature tells the cluster's own backups from others'."""
import hashlib, json, os, subprocess, tarfile, threading
import kjerne_backup_store as store
from kjerne_backup_store import Failed

KUBERNETES = "/etc/kubernetes"
CAS = ["ca", "front-proxy-ca", "etcd/ca"]
# What kubeadm can't make again so that it is the same cluster. All other certificates are a machine's own, made from these.
KEPT = [
    *(f"pki/{ca}.{part}" for ca in CAS for part in ("crt", "key")),
    *("pki/sa.key", "pki/sa.pub", "kjerne/encryption.yaml", "kjerne/kubeadm.yaml"),
]


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for piece in iter(lambda: stream.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def describe(about, snapshot, work):
    """Writes about.json and about.sig; gives path in the archive → path here, in the order in which a restore reads."""
    contents = {"snapshot.db": snapshot, **{path: f"{KUBERNETES}/{path}" for path in KEPT}}
    with open(f"{work}/about.json", "w") as stream:
        json.dump({**about, "sha256": {name: sha256(path) for name, path in contents.items()}}, stream)
    sign = ["openssl", "dgst", "-sha256", "-sign", store.CA_KEY, "-out", f"{work}/about.sig", f"{work}/about.json"]
    signed = subprocess.run(sign, stderr=subprocess.PIPE)
    if signed.returncode:
        raise Failed(f"the cluster's CA could not sign: {store.last_line(signed.stderr)}")
    return {"about.json": f"{work}/about.json", "about.sig": f"{work}/about.sig", **contents}


def send(about, snapshot, work, recipients, name):
    """Sends it to the store under a name, encrypted; nothing of it lies on a disk in between. Gives its SHA-256."""
    contents = describe(about, snapshot, work)
    encrypt = ["age", "--encrypt", *(part for one in recipients for part in ("--recipient", one))]
    upload = [*store.RCLONE, "rcat", f"store:{name}"]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    digest, broken = hashlib.sha256(), []
    with subprocess.Popen(encrypt, stdout=subprocess.PIPE, **pipes) as age, subprocess.Popen(upload, env=store.ENVIRONMENT, **pipes) as rclone:

        def pack():
            try:
                with age.stdin as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
                    for inside, path in contents.items():
                        tar.add(path, inside, recursive=False, filter=anonymous)
            except OSError as problem:
                broken.append(problem)
                age.kill()

        packer = threading.Thread(target=pack)
        packer.start()
        try:
            for piece in iter(lambda: age.stdout.read(1 << 20), b""):
                digest.update(piece)
                rclone.stdin.write(piece)
        except OSError as problem:
            broken.append(problem)
            age.kill()
        packer.join()
        if age.wait() or broken:
            rclone.kill()  # an end of its input would make half a backup look whole
            raise Failed(f"age or the store ended early: {store.why(age.stderr.read() + rclone.stderr.read())}")
        rclone.stdin.close()
        said = rclone.stderr.read()
    if rclone.returncode:
        raise Failed(f"the store did not take it: {store.why(said)}")
    return digest.hexdigest()


def anonymous(entry):
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry
