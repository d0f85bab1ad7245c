"""Finds how large a packet gets to another machine and back when nobody may fragment it.

Arguments: MTU ADDRESS
Prints the largest ICMP echo up to MTU that came back, in bytes; 0 where none did. Needs root. Sizes between are tried in
steps of 10 bytes, which tells what takes room apart: IPIP takes 20 bytes, VXLAN 50.
"""
import os, select, socket, struct, sys, time

IP_MTU_DISCOVER, IP_PMTUDISC_PROBE = 10, 3  # ip(7): sets Don't Fragment and ignores what was learned of the path
ECHO_REQUEST, ECHO_REPLY, HEADERS = 8, 0, 28
ROUNDS, ROUND_SECONDS = 4, 1.0

mtu, address = int(sys.argv[1]), sys.argv[2]
sizes = sorted({576, *range(1280, mtu, 10), mtu}, reverse=True)
identifier = os.getpid() & 0xFFFF
largest = 0
echo = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
echo.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def request(size):
    """An echo request that is a packet of `size` bytes; its sequence number says how many."""
    body = bytes(size - HEADERS)
    head = lambda check: struct.pack("!BBHHH", ECHO_REQUEST, 0, check, identifier, size)
    return head(checksum(head(0) + body + bytes(size % 2))) + body


for _ in range(ROUNDS):
    for size in sizes:
        if size > largest:
            try:
                echo.sendto(request(size), (address, 0))
            except OSError:
                pass  # larger than this machine's own MTU, or no route: no answer comes
    until = time.monotonic() + ROUND_SECONDS
    while largest < mtu and (left := until - time.monotonic()) > 0 and select.select([echo], [], [], left)[0]:
        packet, (sender, _) = echo.recvfrom(65535)
        icmp = packet[(packet[0] & 15) * 4 :]
        kind, _, _, its, size = struct.unpack("!BBHHH", icmp[:8])
        if kind == ECHO_REPLY and its == identifier and len(packet) == size and sender == address:
            largest = max(largest, size)
print(largest)
