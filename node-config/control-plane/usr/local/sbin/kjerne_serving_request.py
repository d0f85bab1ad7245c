"""What a certificate request of a kubelet must be, so that it gets a serving certificate of the cluster's CA. The request is
parsed by python3-cryptography, never read from text that a program prints: a name may hold a line break, and what follows
it then looks like another name.
"""
import base64, ipaddress, re
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

# One block and nothing around it, as kubelet writes it. Parsers differ in which block of several they take.
PEM = re.compile(
    rb"-----BEGIN CERTIFICATE REQUEST-----\n((?:[A-Za-z0-9+/]{1,76}={0,2}\n)+)-----END CERTIFICATE REQUEST-----\n?"
)
LARGEST_BYTES = 8192  # one with RSA-4096 has 2,000
LONGEST_SECONDS = 366 * 24 * 3600
USAGES = (
    ["digital signature", "server auth"],
    ["digital signature", "key encipherment", "server auth"],
)
EXTENSION_REQUEST = "1.2.840.113549.1.9.14"  # RFC 2985, 5.4.2
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


class Refused(Exception):
    """Why there is no certificate, as the end of a sentence about the request."""


def judge(spec, nodes):
    """Name of the node that may have the certificate. Raises Refused.

    spec: of the CertificateSigningRequest; the API server itself filled in who asks
    nodes: name → address of each declared node
    """
    user, groups = spec.get("username", ""), spec.get("groups") or []
    prefix, _, name = user.rpartition(":")
    if prefix != "system:node" or "system:nodes" not in groups:
        raise Refused(f"is asked for by {user!r} of the groups {groups!r}, which is no kubelet")
    if name not in nodes:
        raise Refused(f"is asked for by the kubelet of {name!r}, which is not a declared node")
    if sorted(spec.get("usages") or []) not in USAGES:
        raise Refused(f"asks for the usages {spec.get('usages')!r}; a kubelet needs {' and '.join(USAGES[0])}")
    seconds = spec.get("expirationSeconds")
    if seconds is not None and not 0 < seconds <= LONGEST_SECONDS:
        raise Refused(f"asks for {seconds} seconds; {LONGEST_SECONDS} are the most")
    try:
        request = parsed(spec.get("request", ""))
        refuse_key(request)
        refuse_subject(request, user)
        refuse_names(request, name, nodes[name])
    except Refused:
        raise
    except BaseException as problem:  # a parser that panics in Rust raises something else than an Exception
        raise Refused(f"can't be parsed: {problem!r}") from None
    return name


def parsed(text):
    """The request that is in base64 of PEM. What is in there was written by whoever asks."""
    if len(text) > LARGEST_BYTES:
        raise Refused(f"has {len(text)} bytes; {LARGEST_BYTES} are the most")
    block = PEM.fullmatch(base64.b64decode(text, validate=True))
    if not block:
        raise Refused("is not one block of PEM")
    der = base64.b64decode(block[1].replace(b"\n", b""), validate=True)
    request = x509.load_der_x509_csr(der)
    if request.public_bytes(Encoding.DER) != der or not request.is_signature_valid:
        raise Refused("is not signed with its own key")
    return request


def refuse_key(request):
    key = request.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        return
    if isinstance(key, rsa.RSAPublicKey) and 2048 <= key.key_size <= 8192 and key.public_numbers().e == 65537:
        return
    raise Refused("has a key that is neither ECDSA with P-256, P-384 or P-521 nor RSA with 2048 to 8192 bits")


def refuse_subject(request, user):
    found = [[(one.oid, one.value) for one in parts] for parts in request.subject.rdns]
    organization, common_name = [(NameOID.ORGANIZATION_NAME, "system:nodes")], [(NameOID.COMMON_NAME, user)]
    if found not in ([organization, common_name], [common_name, organization]):
        raise Refused(f"has the subject {request.subject.rfc4514_string()!r} and not O=system:nodes,CN={user}")


def refuse_names(request, name, address):
    """Its own name and address, each of them once, and no name of another kind: nobody would have looked at that."""
    attributes = [attribute.oid.dotted_string for attribute in request.attributes]
    if attributes != [EXTENSION_REQUEST]:
        raise Refused(f"has the attributes {attributes}, and not one request for extensions alone")
    extensions = [extension.oid for extension in request.extensions]
    if extensions != [ExtensionOID.SUBJECT_ALTERNATIVE_NAME]:
        raise Refused(f"asks for the extensions {[oid.dotted_string for oid in extensions]}, and not for names alone")
    names = list(request.extensions[0].value)
    wanted = {(x509.DNSName, name), (x509.IPAddress, ipaddress.ip_address(address))}
    if len(names) != 2 or {(type(one), one.value) for one in names} != wanted:
        raise Refused(f"has the names {[one.value for one in names]!r} and not {name} and {address} alone")
