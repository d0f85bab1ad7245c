// Makes the flows that benchmarks count inside a guest, by plain system calls, and prints JSON.
//
//	flow echo udp|tcp ADDRESS PORT     answers each byte
//	flow cost udp|tcp ADDRESS PORT N   nanoseconds of N new flows: from the first packet to the answer
//	flow sink ADDRESS PORT             reads one TCP connection to its end
//	flow send ADDRESS PORT BYTES       nanoseconds in which a peer that sinks gets so many bytes
//	flow accept ADDRESS PORT PORTS     accepts TCP connections on so many ports and forgets each at once
//	flow open ADDRESS PORT PORTS N     opens N connections there, no two alike, and forgets each: {"opened", "failed"}
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	runtime.GOMAXPROCS(1)
	runtime.LockOSThread()
	debug.SetGCPercent(-1) // a collection in the middle of a flow would be counted with it
	arguments := os.Args[2:]
	verbs := map[string]func([]string) error{
		"echo": echo, "cost": cost, "sink": sink, "send": send, "accept": accept, "open": open,
	}
	if err := verbs[os.Args[1]](arguments); err != nil {
		log.Fatalf("flow %v: %v", os.Args[1:], err)
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func address(host, port string) *syscall.SockaddrInet4 {
	at := syscall.SockaddrInet4{Port: number(port)}
	copy(at.Addr[:], net.ParseIP(host).To4())
	return &at
}

func report(value any) error {
	return json.NewEncoder(os.Stdout).Encode(value)
}

func bound(kind int, at *syscall.SockaddrInet4) (int, error) {
	socket, err := syscall.Socket(syscall.AF_INET, kind, 0)
	if err != nil {
		return 0, err
	}
	if err := syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, err
	}
	if err := syscall.Bind(socket, at); err != nil {
		return 0, fmt.Errorf("bind: %w", err)
	}
	if kind == syscall.SOCK_STREAM {
		return socket, syscall.Listen(socket, 4096)
	}
	return socket, nil
}

// echo is one thread for one protocol: beside another one the runtime would pass its processor on, which is counted too.
func echo(arguments []string) error {
	at := address(arguments[1], arguments[2])
	buffer := make([]byte, 1)
	if arguments[0] == "udp" {
		datagrams, err := bound(syscall.SOCK_DGRAM, at)
		if err != nil {
			return err
		}
		for {
			if n, from, err := syscall.Recvfrom(datagrams, buffer, 0); err == nil {
				syscall.Sendto(datagrams, buffer[:n], 0, from)
			}
		}
	}
	connections, err := bound(syscall.SOCK_STREAM, at)
	if err != nil {
		return err
	}
	for {
		connection, _, err := syscall.Accept(connections)
		if err != nil {
			continue
		}
		if n, _ := syscall.Read(connection, buffer); n == 1 {
			syscall.Write(connection, buffer)
		}
		syscall.Read(connection, buffer) // until the client closes, so that the port is not left in TIME_WAIT here
		syscall.Close(connection)
	}
}

func cost(arguments []string) error {
	kind := map[string]int{"udp": syscall.SOCK_DGRAM, "tcp": syscall.SOCK_STREAM}[arguments[0]]
	at := address(arguments[1], arguments[2])
	taken := make([]int64, number(arguments[3]))
	buffer := []byte{1}
	for i := range taken {
		socket, err := limited(kind, 2*time.Second)
		if err != nil {
			return err
		}
		begun := time.Now()
		if err := syscall.Connect(socket, at); err != nil {
			return fmt.Errorf("flow %d: connect: %w", i, err)
		}
		if _, err := syscall.Write(socket, buffer); err != nil {
			return fmt.Errorf("flow %d: write: %w", i, err)
		}
		if _, err := syscall.Read(socket, buffer); err != nil {
			return fmt.Errorf("flow %d: no answer: %w", i, err)
		}
		taken[i] = time.Since(begun).Nanoseconds()
		syscall.Close(socket)
	}
	return report(taken)
}

// limited gives a socket whose calls end after a time.
func limited(kind int, after time.Duration) (int, error) {
	socket, err := syscall.Socket(syscall.AF_INET, kind, 0)
	if err != nil {
		return 0, err
	}
	limit := syscall.NsecToTimeval(after.Nanoseconds())
	for _, option := range []int{syscall.SO_RCVTIMEO, syscall.SO_SNDTIMEO} {
		if err := syscall.SetsockoptTimeval(socket, syscall.SOL_SOCKET, option, &limit); err != nil {
			return 0, err
		}
	}
	return socket, nil
}

func sink(arguments []string) error {
	listening, err := bound(syscall.SOCK_STREAM, address(arguments[0], arguments[1]))
	if err != nil {
		return err
	}
	connection, _, err := syscall.Accept(listening)
	if err != nil {
		return err
	}
	buffer := make([]byte, 1<<17)
	for {
		n, err := syscall.Read(connection, buffer)
		if err != nil {
			return err
		}
		if n == 0 {
			return syscall.Close(connection)
		}
	}
}

func send(arguments []string) error {
	socket, err := limited(syscall.SOCK_STREAM, 10*time.Second)
	if err != nil {
		return err
	}
	if err := syscall.Connect(socket, address(arguments[0], arguments[1])); err != nil {
		return err
	}
	block := make([]byte, 1<<17)
	begun := time.Now()
	for left := number(arguments[2]); left > 0; {
		n, err := syscall.Write(socket, block[:min(left, len(block))])
		if err != nil {
			return err
		}
		left -= n
	}
	if err := syscall.Shutdown(socket, syscall.SHUT_WR); err != nil {
		return err
	}
	if _, err := syscall.Read(socket, block); err != nil { // 0 bytes: the peer has read all and closed
		return err
	}
	return report(time.Since(begun).Nanoseconds())
}

// forget closes a connection without a packet, as a machine does that lost its power: whoever tracks it keeps it.
func forget(connection int) {
	const tcpRepair = 19 // TCP_REPAIR of linux/tcp.h
	if err := syscall.SetsockoptInt(connection, syscall.IPPROTO_TCP, tcpRepair, 1); err != nil {
		log.Fatal(err)
	}
	syscall.Close(connection)
}

func accept(arguments []string) error {
	at := address(arguments[0], arguments[1])
	for range number(arguments[2]) {
		listening, err := bound(syscall.SOCK_STREAM, at)
		if err != nil {
			return err
		}
		go func() {
			for {
				if connection, _, err := syscall.Accept(listening); err == nil {
					forget(connection)
				}
			}
		}()
		at.Port++
	}
	select {}
}

func open(arguments []string) error {
	at := address(arguments[0], arguments[1])
	first, ports, wanted := at.Port, number(arguments[2]), number(arguments[3])
	opened := 0
	for i := range wanted {
		at.Port = first + i%ports
		socket, err := limited(syscall.SOCK_STREAM, 50*time.Millisecond)
		if err != nil {
			return err
		}
		// The kernel would choose the port of a forgotten connection again.
		if err := syscall.Bind(socket, &syscall.SockaddrInet4{Port: 1024 + i/ports}); err != nil {
			return fmt.Errorf("bind: %w", err)
		}
		if err := syscall.Connect(socket, at); err == nil {
			opened++
			forget(socket)
		} else {
			syscall.Close(socket)
		}
	}
	return report(map[string]int{"opened": opened, "failed": wanted - opened})
}
