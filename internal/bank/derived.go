package bank

import (
	"sync"

	"creditbank/internal/calendar"
)

// derived is something that is worked out from the whole map: it is kept until the
// map or the day is another one. Who asks while it is worked out waits for it.
type derived[T any] struct {
	working sync.Mutex
	stamp   string
	day     calendar.Day
	value   T
}

// of is the value for a map on a day.
func (d *derived[T]) of(s *Snapshot, day calendar.Day, work func() T) T {
	value, _ := d.tried(s, day, func() (T, error) { return work(), nil }) // such work does not fail
	return value
}

// tried is of for work that can fail; then nothing is kept.
func (d *derived[T]) tried(s *Snapshot, day calendar.Day, work func() (T, error)) (T, error) {
	d.working.Lock()
	defer d.working.Unlock()
	if d.stamp != "" && d.stamp == s.Stamp && d.day == day {
		return d.value, nil
	}
	value, err := work()
	if err == nil {
		d.value, d.stamp, d.day = value, s.Stamp, day
	}
	return value, err
}
