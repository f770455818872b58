package transfer

import "creditbank/internal/calendar"

// Helps is Help with all that was found.
func (m *Map) Helps(to ProgrammeKey, records []Record, asOf calendar.Day) ([]Help, bool) {
	return m.helps(to, records, asOf)
}
