"""Backups in their store, by name: CLUSTER.TIME.NODE.DIGEST.MARK.tar.age. DIGEST begins the SHA-256 of the file. MARK can
only be made with the cluster's own CA key, so that nobody who writes to the store makes kjerne remove, count or trust a
file that it did not write. Every control plane has the same key."""
import datetime, hashlib, hmac, os, re, subprocess

CONFIG = "/etc/kjerne/backup/rclone.conf"
AUTHORITIES = "/etc/kjerne/backup/authorities.pem"  # absent: the system's
CA_KEY = "/etc/kubernetes/pki/ca.key"
NAME = re.compile(
    r"(?P<cluster>[a-z0-9-]+)\.(?P<time>\d{8}T\d{6}Z)\.(?P<node>[a-z0-9.-]+)\.(?P<digest>[0-9a-f]{32}|partial)\.(?P<mark>[0-9a-f]{32})\.tar\.age"
)
FORMAT = "%Y%m%dT%H%M%SZ"
# A name from further ahead than this was given by a clock that was wrong.
AHEAD = datetime.timedelta(minutes=5)


# Variables of whoever is logged in (AWS_…, RCLONE_…) say nothing about this store.
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
RCLONE = ["rclone", "--config", CONFIG, "--contimeout", "15s", "--timeout", "2m", "--retries", "3"]
if os.path.exists(AUTHORITIES):
    RCLONE += ["--ca-cert", AUTHORITIES]


class Failed(Exception):
    """Why there is no backup, for people."""


def name_of(cluster, time, node, digest="partial"):
    with open(CA_KEY, "rb") as key:
        secret = hashlib.sha256(b"kjerne backup names" + key.read()).digest()
    parts = ".".join((cluster, time, node, digest))
    return f"{parts}.{hmac.new(secret, parts.encode(), 'sha256').hexdigest()[:32]}.tar.age"


def parsed(name):
    """The parts of a name of this form, whoever gave it; or None."""
    found = NAME.fullmatch(name)
    try:
        return found and {**found.groupdict(), "name": name, "at": moment(found["time"])}
    except ValueError:
        return None


def moment(time):
    return datetime.datetime.strptime(time, FORMAT).replace(tzinfo=datetime.timezone.utc)


def rclone(*arguments):
    """Runs rclone and gives its stdout. Its configuration file has the secrets: no argument and no environment does."""
    ran = subprocess.run([*RCLONE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    if ran.returncode:
        raise Failed(f"rclone {arguments[0]} in the store failed: {why(ran.stderr)}")
    return ran.stdout


def why(said):
    """Why rclone failed, with the way out where the settings have it."""
    line = last_line(said)
    if "x509: certificate signed by unknown authority" not in line:
        return line
    return f"{line}. Name a file with the certificate of the authority that signed the store's in kjerne:backup, caFile"


def last_line(text):
    """Why a program failed; age ends with where to report its errors, which is none."""
    lines = [line for line in text.decode(errors="replace").splitlines() if line.strip() and not line.startswith("age: report")]
    return (lines or ["no reason given"])[-1][:500]


def written(cluster):
    """What control planes of this cluster have written, newest first; parts of what was cut off are among it."""
    found = [parsed(name) for name in rclone("lsf", "--files-only", "store:").decode(errors="replace").splitlines()]
    ours = [one for one in found if one and one["cluster"] == cluster and is_ours(one)]
    return sorted(ours, key=lambda one: one["at"], reverse=True)


def is_ours(one):
    return hmac.compare_digest(name_of(one["cluster"], one["time"], one["node"], one["digest"]), one["name"])


def digest_of(name):
    """The SHA-256 of a file in the store, which is read whole."""
    digest = hashlib.sha256()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*RCLONE, "cat", f"store:{name}"], env=ENVIRONMENT, **pipes) as reader:
        for piece in iter(lambda: reader.stdout.read(1 << 20), b""):
            digest.update(piece)
        said = reader.stderr.read()
    if reader.returncode:
        raise Failed(f"{name} can't be read back: {why(said)}")
    return digest.hexdigest()


def superseded(backups, now, count, days):
    """Of whole backups, newest first, those that are more than `count` and older than `days`. A clock that jumped ahead
    makes every backup old; the newest `count` stay all the same."""
    old = now - datetime.timedelta(days=days)
    return [one for one in backups[count:] if one["at"] < old]


def left_over(partials, now, node):
    """What uploads left that were cut off: this control plane's, which uploads nothing now, and those of others after a day."""
    day = now - datetime.timedelta(days=1)
    return [one for one in partials if one["node"] == node or one["at"] < day]
