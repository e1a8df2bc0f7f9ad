package main

import "syscall"

// ownGroup keeps a terminal's Ctrl-C from a child, which is stopped in its turn, and ends the child
// with this program.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
