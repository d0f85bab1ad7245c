"""Sends packets as a cluster would to other machines, or tells which of theirs came. Nothing on the machine is changed.

stdin: {"do": "send" or "listen", "address", "others": [ADDRESS...], "timed": [ADDRESS...], "pods", "sizes": [BYTES...],
        "token", "needed": {"near": [KIND...], "far": [KIND...]}, "seconds"}. "pods" is an address of the pod network,
        "token" the trial's own number. Round trips to "timed" are taken. Listening ends once what is needed came from
        each of "others", "far" from those behind a router, or after "seconds".
stdout: of "listen": {"came": {ADDRESS: [KIND...]}, "gaveUpAfterSeconds"}, what came from each, and for how long was listened
        where what is needed did not all come; of "send": {ADDRESS: {"through": ROUTER, "tooLong":
        [BYTES...], "unresolved": true, "roundTripMilliseconds"}}, each where it is so.

Kinds: "pod" has addresses of pods and no other, "ipip" and "vxlan" carry such a one, "bgp" opens a connection to port 179,
and a number is a packet of so many bytes that nobody may fragment.

Packets are written to the card as they are and read from it as they come, so that no firewall of these two machines and
no route to pods decides: what is tried is the network between them. Needs root.
"""
import ctypes, errno, json, select, socket, struct, subprocess, sys, time

IPV4, ICMP, IPIP, TCP, UDP = 0x0800, 1, 4, 6, 17
DISCARD, BGP, VXLAN = 9, 179, 4789
SO_ATTACH_FILTER = 26
DONT_FRAGMENT = 0x4000

asked = json.load(sys.stdin)
own, others, pods, token = asked["address"], asked["others"], asked["pods"], asked["token"]
identification = token & 0xFFFF or 1


def iproute(*words):
    return json.loads(subprocess.run(["ip", "-json", *words], check=True, capture_output=True, text=True).stdout)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data + b'x') // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(source, destination, protocol, body):
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    head = lambda check: struct.pack(
        "!BBHHHBBH", 0x45, 0, 20 + len(body), identification, DONT_FRAGMENT, 64, protocol, check
    )
    return head(checksum(head(0) + ends)) + ends + body


def datagram(port, body):
    """Without a checksum, which UDP over IPv4 allows."""
    return struct.pack("!HHHH", 49152 + token % 16384, port, 8 + len(body), 0) + body


def opening(source, destination):
    """A SYN whose sequence number is the trial's."""
    head = lambda check: struct.pack("!HHIIBBHHH", 49152 + token % 16384, BGP, token, 0, 0x50, 0x02, 1024, check, 0)
    ends = socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack("!BBH", 0, TCP, 20)
    return head(checksum(ends + head(0)))


def mark(kind):
    return f"kjerne {token} {own} {kind} ".encode()


def packets_to(other):
    """Kind → packet. The last bytes of an Ethernet address and of a network's number mean nothing here."""
    inside = lambda kind: packet(pods, pods, UDP, datagram(DISCARD, mark(kind)))
    ethernet = bytes.fromhex("02000000000102000000000a0800")
    yield "pod", inside("pod")
    yield "ipip", packet(own, other, IPIP, inside("ipip"))
    yield "vxlan", packet(own, other, UDP, datagram(VXLAN, b"\x08\0\0\0\0\x10\0\0" + ethernet + inside("vxlan")))
    yield "bgp", packet(own, other, TCP, opening(own, other))
    for size in asked["sizes"]:
        yield size, packet(own, other, UDP, datagram(DISCARD, mark(size).ljust(size - 28)))


def neighbours(wanted):
    """Gives next hops of `wanted`, pairs of address and card, with their Ethernet address, each as soon as it is known.

    The kernel asks for one when something is to be sent there.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_port:
        for next_hop, _ in wanted:
            any_port.sendto(b"", (next_hop, DISCARD))
    deadline = time.monotonic() + 1
    while wanted and time.monotonic() < deadline:
        for line in open("/proc/net/arp").readlines()[1:]:
            address, _, flags, hardware, _, device = line.split()
            if (address, device) in wanted and int(flags, 16) & 2:
                wanted = wanted - {(address, device)}
                yield address, device, bytes.fromhex(hardware.replace(":", ""))
        time.sleep(0.05)


def round_trip(other):
    """Of the fastest of three echoes, in milliseconds; None where one is not answered within a second."""
    times = []
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, ICMP) as echo:
        for number in range(3):
            head = lambda check: struct.pack("!BBHHH", 8, 0, check, identification, number)
            began = time.monotonic()
            echo.sendto(head(checksum(head(0))), (other, 0))
            while True:
                left = began + 1 - time.monotonic()
                if left <= 0 or not select.select([echo], [], [], left)[0]:
                    return None
                answer, (sender, _) = echo.recvfrom(65535)
                if sender == other and (answer[20], answer[24:28]) == (0, struct.pack("!HH", identification, number)):
                    times.append((time.monotonic() - began) * 1000)
                    break
    return round(min(times), 3)


def send():
    routes = {other: iproute("route", "get", other)[0] for other in others}
    by = lambda route, other: (route.get("gateway", other), route["dev"])
    found = {other: {"unresolved": True} for other in others}
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0) as wire:
        for next_hop, card, hardware in neighbours({by(route, other) for other, route in routes.items()}):
            for other in [other for other, route in routes.items() if by(route, other) == (next_hop, card)]:
                found[other] = {"tooLong": send_to(wire, other, (card, IPV4, 0, 0, hardware))}
    for other, said in found.items():
        if "gateway" in routes[other]:
            said["through"] = routes[other]["gateway"]
        trip = None if "unresolved" in said or other not in asked["timed"] else round_trip(other)
        if trip is not None:
            said["roundTripMilliseconds"] = trip
    return found


def send_to(wire, other, next_hop):
    """Gives the kinds that are too long for the card."""
    too_long = []
    for kind, bytes_of_it in packets_to(other):
        try:
            wire.sendto(bytes_of_it, next_hop)
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            too_long.append(kind)
    return too_long


def tap():
    """Sees packets to this machine's card that bear the trial's number, and no other: a card may have much to do."""
    cards = [one for one in iproute("address") if any(a.get("local") == own for a in one["addr_info"])]
    if not cards:
        sys.exit(f"no network card of this machine has {own}")
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    steps = [(0x28, 0, 0, 4), (0x15, 0, 1, identification), (0x06, 0, 0, 0xFFFF), (0x06, 0, 0, 0)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    wire.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(steps), ctypes.addressof(code)))
    wire.bind((cards[0]["ifname"], IPV4))
    return wire


def kind_of(data):
    """Whose packet it is and of which kind, or None."""
    if data[9] == TCP and data[22:24] == struct.pack("!H", BGP) and data[24:28] == struct.pack("!I", token):
        return socket.inet_ntoa(data[12:16]), "bgp"
    _, found, rest = data.partition(f"kjerne {token} ".encode())
    if not found:
        return None
    sender, kind = rest.decode("ascii", "replace").split(" ")[:2]
    return sender, int(kind) if kind.isdigit() else kind


def listen():
    with tap() as wire:
        began = time.monotonic()
        deadline = began + asked["seconds"]
        is_far = lambda other: "gateway" in iproute("route", "get", other)[0]
        needed = {other: set(asked["needed"]["far" if is_far(other) else "near"]) for other in others}
        came = {other: [] for other in others}
        complete = lambda: all(needed[other] <= set(kinds) for other, kinds in came.items())
        while not complete() and (left := deadline - time.monotonic()) > 0 and select.select([wire], [], [], left)[0]:
            data, (_, _, direction, *_) = wire.recvfrom(65535)
            seen = None if direction == socket.PACKET_OUTGOING else kind_of(data)
            if seen and seen[1] not in came.get(seen[0], [seen[1]]):
                came[seen[0]].append(seen[1])
        return {"came": came} if complete() else {"came": came, "gaveUpAfterSeconds": time.monotonic() - began}


print(json.dumps({"send": send, "listen": listen}[asked["do"]]()))
