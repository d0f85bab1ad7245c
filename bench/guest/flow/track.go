package main

import (
	"fmt"
	"log"
	"syscall"
	"time"
)

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
