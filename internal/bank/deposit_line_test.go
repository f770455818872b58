package bank

import "testing"

// Where booking panics while nothing of it is waited for, whoever hands results over
// panics too, and does not wait for ever.
func TestDepositLinePanics(t *testing.T) {
	l := &depositLine{parts: make(chan linePart, 1)}
	l.rows = running(func(func(bookedRows) bool) { panic("booking") })
	defer func() {
		if caught := recover(); caught != "booking" {
			t.Errorf("it panics with %v", caught)
		}
	}()
	for range 3 {
		l.ask(nil, 0)
	}
	t.Error("three parts are taken though nobody books them")
}
