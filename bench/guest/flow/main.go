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
