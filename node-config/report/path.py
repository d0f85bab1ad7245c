"""Measures a TCP path to another machine, or is its other end. Nodes have python3; iperf3 has no request and response.

Arguments:
  serve ADDRESS PORT CLIENT SECONDS  answers CLIENT until it says that it has done, or for SECONDS
  send ADDRESS PORT SECONDS          sends for SECONDS as fast as the path takes it
  ask ADDRESS PORT TIMES SECONDS     small requests, each after the answer to the last one; at most for SECONDS
  end ADDRESS PORT                   ends the other end
`send` and `ask` print JSON: {"bytes" that were acknowledged, "seconds", "microseconds": [ROUND TRIP...], "segments" with
data that were sent, "retransmits"}. The first connection waits 20 s for the other end to listen.
"""
import json, socket, struct, sys, threading, time

MESSAGE, CHUNK = 64, 1 << 20
SINK, ECHO, DONE = b"S", b"E", b"D"


def serve(address, port, client, seconds):
    done, ends = threading.Event(), time.monotonic() + float(seconds)
    with socket.create_server((address, int(port))) as server:
        server.settimeout(1)
        while not done.is_set() and time.monotonic() < ends:
            try:
                connection, (peer, _) = server.accept()
            except TimeoutError:
                continue
            if peer == client:
                threading.Thread(target=answer, args=(connection, done), daemon=True).start()
            else:
                connection.close()


def answer(connection, done):
    buffer = bytearray(CHUNK)
    with connection:
        connection.settimeout(30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            kind = connection.recv(1)
            if kind == DONE:
                done.set()
            while kind in (SINK, ECHO) and (length := connection.recv_into(buffer)):
                if kind == ECHO:
                    connection.sendall(buffer[:length])
        except OSError:
            pass  # the client has given up


def connect(address, port, kind, patience=20):
    gives_up = time.monotonic() + patience
    while True:
        try:
            connection = socket.create_connection((address, int(port)), timeout=5)
            break
        except OSError:
            if time.monotonic() > gives_up:
                raise
            time.sleep(0.1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # What a path has swallowed must not keep this end waiting.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.sendall(kind)
    return connection


def told(connection, began, microseconds=()):
    # struct tcp_info of linux/tcp.h: 8 bytes, 24 words, then 64-bit counters and more words.
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
    (retransmits,) = struct.unpack_from("=I", info, 100)
    (acknowledged,) = struct.unpack_from("=Q", info, 120)
    (segments,) = struct.unpack_from("=I", info, 156)
    print(json.dumps({
        "bytes": acknowledged, "seconds": time.monotonic() - began, "microseconds": list(microseconds),
        "segments": segments, "retransmits": retransmits,
    }))


def send(address, port, seconds):
    chunk = bytes(CHUNK)
    with connect(address, port, SINK) as connection:
        began = time.monotonic()
        while (left := began + float(seconds) - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                connection.send(chunk)
            except TimeoutError:
                break
        told(connection, began)


def ask(address, port, times, seconds):
    request, microseconds = bytes(MESSAGE), []
    with connect(address, port, ECHO) as connection:
        began = time.monotonic()
        while len(microseconds) < int(times) and (left := began + float(seconds) - time.monotonic()) > 0:
            connection.settimeout(left)
            asked = time.perf_counter_ns()
            try:
                connection.sendall(request)
                length = 0
                while length < MESSAGE:
                    piece = connection.recv(MESSAGE - length)
                    if not piece:
                        raise ConnectionError(f"{address} closed the connection")
                    length += len(piece)
            except TimeoutError:
                break
            microseconds.append((time.perf_counter_ns() - asked) // 1000)
        told(connection, began, microseconds)


def end(address, port):
    with connect(address, port, DONE) as connection:
        connection.recv(1)  # it closes when it has read this


role, *arguments = sys.argv[1:]
{"serve": serve, "send": send, "ask": ask, "end": end}[role](*arguments)
