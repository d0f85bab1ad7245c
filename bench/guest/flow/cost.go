package main

import (
	"fmt"
	"syscall"
	"time"
	"unsafe"
)

// call is a system call that the runtime doesn't know of. From one that waits it would take the processor away and give it
// to another thread, and that is counted with the flow.
func call(number uintptr, arguments ...uintptr) (int, error) {
	var six [6]uintptr
	copy(six[:], arguments)
	result, _, errno := syscall.RawSyscall6(number, six[0], six[1], six[2], six[3], six[4], six[5])
	if errno != 0 {
		return 0, errno
	}
	return int(result), nil
}

// What the kernel reads and writes. Not on a stack, which the runtime may move.
var (
	octet  [1]byte
	peer   = syscall.RawSockaddrInet4{Family: syscall.AF_INET}
	length = uint32(unsafe.Sizeof(peer))

	octetAt  = uintptr(unsafe.Pointer(&octet))
	peerAt   = uintptr(unsafe.Pointer(&peer))
	lengthAt = uintptr(unsafe.Pointer(&length))
)

// echo serves one protocol: another thread beside it would be counted too.
func echo(arguments []string) error {
	kind := map[string]int{"udp": syscall.SOCK_DGRAM, "tcp": syscall.SOCK_STREAM}[arguments[0]]
	socket, err := bound(kind, address(arguments[1], arguments[2]))
	if err != nil {
		return err
	}
	for {
		if kind == syscall.SOCK_DGRAM {
			if _, err := call(syscall.SYS_RECVFROM, uintptr(socket), octetAt, 1, 0, peerAt, lengthAt); err == nil {
				call(syscall.SYS_SENDTO, uintptr(socket), octetAt, 1, 0, peerAt, uintptr(length))
			}
			continue
		}
		connection, err := call(syscall.SYS_ACCEPT4, uintptr(socket), 0, 0, 0)
		if err != nil {
			continue
		}
		if n, _ := call(syscall.SYS_READ, uintptr(connection), octetAt, 1); n == 1 {
			call(syscall.SYS_WRITE, uintptr(connection), octetAt, 1)
		}
		call(syscall.SYS_READ, uintptr(connection), octetAt, 1) // until the client closes, so that the port is not left in TIME_WAIT here
		call(syscall.SYS_CLOSE, uintptr(connection))
	}
}

func cost(arguments []string) error {
	kind := map[string]int{"udp": syscall.SOCK_DGRAM, "tcp": syscall.SOCK_STREAM}[arguments[0]]
	to := address(arguments[1], arguments[2])
	peer.Addr, peer.Port = to.Addr, uint16(to.Port)<<8|uint16(to.Port)>>8
	taken := make([]int64, number(arguments[3]))
	for i := range taken {
		opened, err := limited(kind, 2*time.Second)
		if err != nil {
			return err
		}
		socket := uintptr(opened)
		begun := time.Now()
		if _, err := call(syscall.SYS_CONNECT, socket, peerAt, uintptr(length)); err != nil {
			return fmt.Errorf("flow %d: connect: %w", i, err)
		}
		if _, err := call(syscall.SYS_WRITE, socket, octetAt, 1); err != nil {
			return fmt.Errorf("flow %d: write: %w", i, err)
		}
		if _, err := call(syscall.SYS_READ, socket, octetAt, 1); err != nil {
			return fmt.Errorf("flow %d: no answer: %w", i, err)
		}
		taken[i] = time.Since(begun).Nanoseconds()
		syscall.Close(opened)
	}
	return report(taken)
}
