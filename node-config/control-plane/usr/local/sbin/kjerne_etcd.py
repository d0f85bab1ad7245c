"""How Secrets and ConfigMaps lie in this control plane's etcd. Read there, because the API server can't tell which key
encrypts an object, and answers no list at all that holds one which it can't decrypt."""
import base64, hmac, http.client, json, re, ssl, struct, urllib.parse
import kjerne_api_server as api_server

SECRETBOX = re.compile(rb"k8s:enc:secretbox:v1:([^:]*):")
ENCRYPTED = re.compile(rb"k8s:enc:[^:]*:[^:]*:[^:]*")


def objects(resources=("secrets", "configmaps")):
    """(key, stored value) of each of these objects, by etcd's JSON gateway: /registry/secrets/<namespace>/<name>."""
    flags = api_server.flags()
    server = urllib.parse.urlsplit(flags["etcd-servers"].split(",")[0])
    if server.scheme == "https":
        context = ssl.create_default_context(cafile=flags["etcd-cafile"])
        context.load_cert_chain(flags["etcd-certfile"], flags["etcd-keyfile"])
        etcd = http.client.HTTPSConnection(server.hostname, server.port, timeout=60, context=context)
    else:
        etcd = http.client.HTTPConnection(server.hostname, server.port, timeout=60)
    for resource in resources:
        start, end = f"/registry/{resource}/".encode(), f"/registry/{resource}0".encode()  # 0 comes after /
        more = True
        while more:
            asked = {"key": text(start), "range_end": text(end), "limit": "100"}
            etcd.request("POST", "/v3/kv/range", json.dumps(asked))
            answer = etcd.getresponse()
            page = json.load(answer)
            if answer.status != 200:
                raise OSError(f"etcd at {server.netloc} answered {answer.status}: {page}")
            for found in page.get("kvs", []):
                start = base64.b64decode(found["key"]) + b"\0"
                yield start[:-1].decode(), base64.b64decode(found["value"])
            more = page.get("more", False)


def text(value):
    return base64.b64encode(value).decode()


def key_name(value):
    """The key that a stored value names; None for one that secretbox didn't write."""
    named = SECRETBOX.match(value)
    return named and named[1].decode()


def unreadable(value, keys):
    """Why an API server with these keys (name → 32 bytes), secretbox and identity alone, can't read a value; or None."""
    named = SECRETBOX.match(value)
    if not named:
        other = ENCRYPTED.match(value)
        return other and f"is encrypted by {other[0].decode()}"
    name, box = named[1].decode(), value[named.end() :]
    if name not in keys:
        return f"is encrypted by {name}"
    if not authentic(keys[name], box):
        return f"was written with another key of the name {name}, or is damaged"
    return None


def authentic(key, box):
    """Whether a box of NaCl's secretbox (nonce, tag, ciphertext) was closed with this key. Nothing is decrypted: only
    its Poly1305 tag is compared. Debian's Python has no library for it, and openssl has no XSalsa20."""
    if len(box) < 40 or len(key) != 32:
        return False
    nonce, tag, ciphertext = box[:24], box[24:40], box[40:]
    stream = salsa20(salsa20(key, nonce[:16], derive=True), nonce[16:] + bytes(8))
    r, s = (int.from_bytes(part, "little") for part in (stream[:16], stream[16:32]))
    r &= 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for start in range(0, len(ciphertext), 16):
        total = (total + int.from_bytes(ciphertext[start : start + 16] + b"\1", "little")) * r % ((1 << 130) - 5)
    return hmac.compare_digest(((total + s) % (1 << 128)).to_bytes(16, "little"), tag)


def salsa20(key, block, derive=False):
    """A block of Salsa20's key stream, 64 bytes; with `derive` HSalsa20's key, 32 bytes."""
    k, n, c = struct.unpack("<8I", key), struct.unpack("<4I", block), struct.unpack("<4I", b"expand 32-byte k")
    before = [c[0], *k[:4], c[1], *n, c[2], *k[4:], c[3]]
    x = list(before)
    columns = [(0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)]
    rows = [(0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)]
    for _ in range(10):
        for a, b, c, d in columns + rows:
            for target, one, other, turn in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
                total = x[one] + x[other] & 0xFFFFFFFF
                x[target] ^= (total << turn | total >> (32 - turn)) & 0xFFFFFFFF
    if derive:
        return struct.pack("<8I", *(x[i] for i in (0, 5, 10, 15, 6, 7, 8, 9)))
    return struct.pack("<16I", *(one + other & 0xFFFFFFFF for one, other in zip(x, before)))
