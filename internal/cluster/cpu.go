package cluster

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// CPU is what the server took of the processor since it started, its sessions
// that have ended included, in seconds; 0 where there is no /proc.
func (c *Cluster) CPU() float64 {
	text, _ := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	server, _, _ := strings.Cut(string(text), "\n")
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	var ticks int64
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		parent, own, ended := parseStat(string(text))
		switch server {
		case parent:
			ticks += own
		case filepath.Base(filepath.Dir(file)):
			ticks += own + ended
		}
	}
	const perSecond = 100 // proc_stat(5)
	return float64(ticks) / perSecond
}

// parseStat reads whose child a process is, and what it and those of its children
// took that have ended, in hundredths of a second (proc_pid_stat(5)).
func parseStat(text string) (parent string, own, ended int64) {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:]) // the name may hold anything
	if len(fields) < 15 {
		return "", 0, 0
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return n
	}
	return fields[1], number(11) + number(12), number(13) + number(14)
}
