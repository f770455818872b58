package main

import (
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// meter shows how far the reading of a file is, with rate and time left: a bar
// on a terminal, plain lines elsewhere; nothing for work under a second.
type meter struct {
	a       *app
	bar     *progressbar.ProgressBar
	started time.Time
	said    time.Time
	read    int64
	size    int64
}

func (a *app) newMeter(size int64) *meter {
	m := &meter{a: a, started: time.Now(), said: time.Now(), size: size}
	if file, ok := a.stderr.(*os.File); ok && size > 0 && term.IsTerminal(int(file.Fd())) {
		m.bar = progressbar.NewOptions64(size, progressbar.OptionSetWriter(a.stderr), progressbar.OptionShowBytes(true),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return m
}

// Write counts what was read.
func (m *meter) Write(p []byte) (int, error) {
	m.read += int64(len(p))
	switch {
	case time.Since(m.started) < time.Second:
	case m.bar != nil:
		_ = m.bar.Set64(m.read)
	case time.Since(m.said) >= time.Second && m.size > 0:
		m.said = time.Now()
		rate := float64(m.read) / time.Since(m.started).Seconds()
		left := time.Duration(float64(m.size-m.read) / rate * float64(time.Second)).Round(time.Second)
		m.a.sayf("%s", m.a.say.Say("cli.progress", map[string]any{"Percent": m.read * 100 / m.size, "Rate": fmt.Sprintf("%.1f", rate/1e6), "Left": left.String()}))
	}
	return len(p), nil
}

func (m *meter) done() {
	if m.bar != nil {
		_ = m.bar.Finish()
	}
}
