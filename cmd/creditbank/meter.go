package main

import (
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// meter shows how far a piece of work is, with rate and time left: a bar
// on a terminal, plain lines elsewhere; nothing for work under a second.
type meter struct {
	a       *app
	bar     *progressbar.ProgressBar
	started time.Time
	said    time.Time
	read    int64
	size    int64
	words   string  // the sentence of a plain line
	unit    float64 // what its rate counts in
}

// newMeter is for the reading of a file of a size in bytes.
func (a *app) newMeter(size int64) *meter {
	return a.newMeterOf(size, "cli.progress", 1e6, progressbar.OptionShowBytes(true))
}

// newEntryMeter is for a number of entries of the ledger.
func (a *app) newEntryMeter(entries int64) *meter {
	return a.newMeterOf(entries, "cli.verify_progress", 1, progressbar.OptionShowCount(), progressbar.OptionShowIts())
}

func (a *app) newMeterOf(size int64, words string, unit float64, options ...progressbar.Option) *meter {
	m := &meter{a: a, started: time.Now(), said: time.Now(), size: size, words: words, unit: unit}
	if file, ok := a.stderr.(*os.File); ok && size > 0 && term.IsTerminal(int(file.Fd())) {
		m.bar = progressbar.NewOptions64(size, append(options, progressbar.OptionSetWriter(a.stderr),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish())...)
	}
	return m
}

// Write counts what was read.
func (m *meter) Write(p []byte) (int, error) {
	m.at(m.read + int64(len(p)))
	return len(p), nil
}

// at says how much is done.
func (m *meter) at(done int64) {
	m.read = done
	switch {
	case time.Since(m.started) < time.Second:
	case m.bar != nil:
		_ = m.bar.Set64(m.read)
	case time.Since(m.said) >= time.Second && m.size > 0:
		m.said = time.Now()
		rate := float64(m.read) / time.Since(m.started).Seconds()
		left := time.Duration(float64(m.size-m.read) / rate * float64(time.Second)).Round(time.Second)
		m.a.sayf("%s", m.a.say.Say(m.words, map[string]any{"Percent": m.read * 100 / m.size, "Rate": fmt.Sprintf("%.1f", rate/m.unit), "Left": left.String()}))
	}
}

func (m *meter) done() {
	if m.bar != nil {
		_ = m.bar.Finish()
	}
}
