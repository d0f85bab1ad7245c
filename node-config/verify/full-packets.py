"""Asks other machines for an ICMP echo with packets of full size that nobody may fragment, and with small ones.

Arguments: MTU ADDRESS...
Prints a line for each address, `ADDRESS ANSWER`: "full" when a packet of MTU bytes came back, "small" when only small
ones did, "none" when nothing did. Needs root. Nodes have python3 and no ping.
"""
import os, select, socket, struct, sys, time

IP_MTU_DISCOVER, IP_PMTUDISC_PROBE = 10, 3  # ip(7): sets Don't Fragment and ignores what was learned of the path
ECHO_REQUEST, ECHO_REPLY, HEADERS = 8, 0, 28
ROUNDS, ROUND_SECONDS = 5, 1.0

mtu, addresses = int(sys.argv[1]), sys.argv[2:]
identifier = os.getpid() & 0xFFFF
seen = {address: set() for address in addresses}
echo = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
echo.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def request(length):
    """An echo request that carries `length` bytes; its sequence number says how many."""
    body = b"\0" * length
    head = lambda check: struct.pack("!BBHHH", ECHO_REQUEST, 0, check, identifier, length)
    return head(checksum(head(0) + body + b"\0" * (length % 2))) + body


def ask(address, length):
    try:
        echo.sendto(request(length), (address, 0))
    except OSError:
        pass  # larger than this machine's own MTU, or no route: no answer comes


def listen(until):
    while (left := until - time.monotonic()) > 0 and select.select([echo], [], [], left)[0]:
        packet, (sender, _) = echo.recvfrom(65535)
        icmp = packet[(packet[0] & 15) * 4 :]
        kind, _, _, its, length = struct.unpack("!BBHHH", icmp[:8])
        if kind == ECHO_REPLY and its == identifier and len(icmp) - 8 == length and sender in seen:
            seen[sender].add(length)
        if all(full in lengths for lengths in seen.values()):
            return


full, small = mtu - HEADERS, 56
for _ in range(ROUNDS):
    waiting = [address for address, lengths in seen.items() if full not in lengths]
    if not waiting:
        break
    for address in waiting:
        ask(address, full)
        ask(address, small)
    listen(time.monotonic() + ROUND_SECONDS)

for address, lengths in seen.items():
    print(address, "full" if full in lengths else "small" if small in lengths else "none")
