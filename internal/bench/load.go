package bench

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// mostForeign is the share of the machine's CPU that others, its host included,
// may take before a measurement says nothing.
const mostForeign = 0.15

// watch sees what else the machine did while something was measured.
type watch struct {
	began        time.Time
	busy, stolen float64 // seconds of CPU since the machine started
	own          float64
	ours         func() float64 // seconds of CPU of programs that we started and that still run; nil: none
	known        bool
}

func newWatch() watch { return newWatchBeside(nil) }

func newWatchBeside(ours func() float64) watch {
	w := watch{began: time.Now(), ours: ours}
	var err error
	w.busy, w.stolen, err = machineLoad()
	w.own, w.known = w.ownLoad(), err == nil
	return w
}

// ownLoad is what we and our programs took of the processor, in seconds.
func (w watch) ownLoad() float64 {
	if w.ours == nil {
		return ownCPU()
	}
	return ownCPU() + w.ours()
}

// disturbed says by what the machine was disturbed since the watch began.
func (w watch) disturbed(by clock) string {
	busy, stolen, err := machineLoad()
	took := time.Since(w.began).Seconds() * float64(runtime.NumCPU())
	if !w.known || err != nil || took < 0.05 {
		return "" // too short for the machine's clock of ten milliseconds, or no /proc
	}
	others := (busy - w.busy - (w.ownLoad() - w.own)) / took
	if by == byCPU {
		others = 0
	}
	return judgeLoad(others, (stolen-w.stolen)/took)
}

// judgeLoad says whether the shares of the machine that others took are too much.
func judgeLoad(others, stolen float64) string {
	switch {
	case stolen > mostForeign:
		return fmt.Sprintf("the host took %.0f %% of the machine", 100*stolen)
	case others+stolen > mostForeign:
		return fmt.Sprintf("other processes took %.0f %% of the machine", 100*(others+stolen))
	}
	return ""
}

// machineLoad reads how long all CPUs have worked, and how long the host kept
// them from working, in seconds.
func machineLoad() (busy, stolen float64, err error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, err
	}
	return parseLoad(string(text))
}

// parseLoad reads the first line of /proc/stat: user, nice, system, idle, iowait,
// irq, softirq, steal, in hundredths of a second (proc_stat(5)).
func parseLoad(text string) (busy, stolen float64, err error) {
	line, _, _ := strings.Cut(text, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, 0, fmt.Errorf("bench: /proc/stat begins with %q", line)
	}
	for i, field := range fields[1:9] {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return 0, 0, err
		}
		switch i {
		case 3, 4: // idle, iowait
		case 7:
			stolen = n / 100
		default:
			busy += n / 100
		}
	}
	return busy, stolen, nil
}

// ownCPU is what this process and its children that have ended took, in seconds.
func ownCPU() float64 { return usage(syscall.RUSAGE_SELF) + usage(syscall.RUSAGE_CHILDREN) }

func usage(who int) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return 0
	}
	return seconds(u.Utime) + seconds(u.Stime)
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }

// machine names the machine for the head of a report.
func machine() string {
	name := "unknown CPU"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, after, found := strings.Cut(string(text), "model name"); found {
			line, _, _ := strings.Cut(after, "\n")
			name = strings.TrimSpace(strings.TrimLeft(line, "\t :"))
		}
	}
	return fmt.Sprintf("%d × %s, %s/%s, %s", runtime.NumCPU(), name, runtime.GOOS, runtime.GOARCH, runtime.Version())
}
