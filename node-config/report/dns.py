"""Asks a DNS server for a name, again and again, and tells how long each answer took.

Arguments: ADDRESS NAME TIMES SECONDS
Each question goes out from a port of its own, as those of programs do, so it is a new flow. Ends after TIMES, or SECONDS.
Prints JSON: {"asked", "microseconds": [ANSWER...]}; what is not answered within a second is only in `asked`.
"""
import json, os, socket, struct, sys, time

PATIENCE_SECONDS = 1.0

address, name, times, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
question = labels + struct.pack("!BHH", 0, 1, 1)  # A, IN


def ask():
    identifier = os.urandom(2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE_SECONDS)
        client.connect((address, 53))
        asked = time.perf_counter_ns()
        try:
            client.send(identifier + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + question)
            answer = client.recv(4096)
        except OSError:  # no answer in time, or refused
            return None
        took = (time.perf_counter_ns() - asked) // 1000
    answers = struct.unpack("!H", answer[6:8])[0]
    return took if answer[:2] == identifier and answers > 0 else None


ends = time.monotonic() + seconds
asked, microseconds = 0, []
while asked < times and time.monotonic() < ends:
    asked += 1
    took = ask()
    if took is not None:
        microseconds.append(took)
print(json.dumps({"asked": asked, "microseconds": microseconds}))
