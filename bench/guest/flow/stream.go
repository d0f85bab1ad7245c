package main

import (
	"syscall"
	"time"
)

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
