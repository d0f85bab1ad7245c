"""This control plane's own API server: behind the endpoint another one may answer."""
import base64, functools, http.client, json, os, re, ssl, subprocess, yaml

MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml"


def flags():
    """Its arguments; none before kubeadm has made it."""
    try:
        with open(MANIFEST, encoding="utf-8") as stream:
            [container] = yaml.safe_load(stream)["spec"]["containers"]
        return dict(argument.removeprefix("--").partition("=")[::2] for argument in container["command"][1:])
    except FileNotFoundError:
        return {}


@functools.cache
def administrator():
    """TLS as the administrator of /etc/kubernetes/admin.conf. The key goes by memory: Python takes it from a file alone."""
    view = ["kubectl", "config", "view", "--raw", "--output", "json", "--kubeconfig", "/etc/kubernetes/admin.conf"]
    config = json.loads(subprocess.run(view, check=True, stdout=subprocess.PIPE).stdout)
    user, cluster = config["users"][0]["user"], config["clusters"][0]["cluster"]
    context = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
    with open(os.memfd_create("admin.conf"), "wb") as memory:
        for part in ("client-certificate-data", "client-key-data"):
            memory.write(base64.b64decode(user[part]))
        memory.flush()
        context.load_cert_chain(f"/proc/self/fd/{memory.fileno()}")
    return context


def request(method, path, body=None, accept="application/json"):
    """Status and body of its answer. Raises OSError or HTTPException where there is none."""
    address = flags()["advertise-address"], int(flags()["secure-port"])
    api = http.client.HTTPSConnection(*address, timeout=120, context=administrator())
    try:
        api.request(method, path, body, {"Accept": accept, "Content-Type": "application/json"})
        answer = api.getresponse()
        return answer.status, answer.read()
    finally:
        api.close()


def encryption_hash():
    """SHA-256 of the EncryptionConfiguration that it has read; None while it doesn't say."""
    try:
        _, metrics = request("GET", "/metrics", accept="text/plain")
    except (OSError, http.client.HTTPException):
        return None
    found = re.search(rb'encryption_config_controller_last_config_info\{[^}]*[{,]hash="sha256:([0-9a-f]+)"', metrics)
    return found and found[1].decode()


def serves():
    """Ready, and its schema put together, for which clients wait: see kjerne-configure-control-plane."""
    schema = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    try:
        return request("GET", "/readyz")[0] == 200 and request("GET", "/openapi/v2", accept=schema)[0] == 200
    except (OSError, http.client.HTTPException):
        return False
