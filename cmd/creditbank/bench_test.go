package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// A run on the smallest data gives one valid document, and its status fits it.
func TestBenchPrintsItsFigures(t *testing.T) {
	for group, want := range map[string]struct {
		rows     []string
		progress string
	}{
		"engine": {[]string{"E1", "E2 dense", "E2 sparse", "E3", "E4", "E5", "E6", "G1", "G2", "G3", "P1", "P2", "P3", "P4", "P5", "P6"}, "E4: memory"},
		"ledger": {[]string{"D1", "D2", "D3", "D4", "D5", "D6", "D7"}, "D7: verification"},
		"import": {[]string{"B1", "B2", "B3", "B4", "B4 XLSX"}, "B2: PostgreSQL"},
	} {
		t.Run(group, func(t *testing.T) { benchPrints(t, group, want.rows, want.progress) })
	}
}

func benchPrints(t *testing.T, group string, rows []string, progress string) {
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), []string{"--json", "bench", group, "--scale", "tiny"}, &stdout, &stderr)
	var document struct {
		Reports []struct {
			Group, Scale, Machine string
			Rows                  []struct {
				ID, What, Verdict string
				Value             *float64
				Faults, Notes     []string
			}
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &document); err != nil || len(document.Reports) != 1 {
		t.Fatalf("%v: %s%s", err, stdout.String(), stderr.String())
	}
	report := document.Reports[0]
	ids, failed := map[string]bool{}, false
	for _, row := range report.Rows {
		ids[row.ID] = true
		failed = failed || row.Verdict == "missed" || row.Verdict == "wrong"
		if len(row.Faults) > 0 || row.Value == nil || row.What == "" || row.Verdict == "" {
			t.Errorf("got %+v", row)
		}
	}
	for _, id := range rows {
		if !ids[id] {
			t.Errorf("there is no row %s", id)
		}
	}
	if want := map[bool]int{true: exitRefused, false: exitDone}[failed]; status != want {
		t.Errorf("status %d, want %d: %s", status, want, stderr.String())
	}
	if !strings.Contains(stderr.String(), progress) {
		t.Errorf("no progress: %s", stderr.String())
	}
}

func TestBenchRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, args := range [][]string{{"bench", "weather"}, {"bench", "--scale", "huge"}} {
		var stdout, stderr bytes.Buffer
		if status := run(t.Context(), args, &stdout, &stderr); status != exitUsage {
			t.Errorf("%v: status %d, want %d: %s", args, status, exitUsage, stderr.String())
		}
	}
}
