package web

import (
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// clockKeys are the keys of periods, messages and the calendar that are made of a
// prefix and a code.
func clockKeys() []string {
	var keys []string
	add := func(prefix string, codes ...string) {
		for _, code := range codes {
			keys = append(keys, prefix+code)
		}
	}
	add("error.not_found.", "clock", "message", "agreement")
	add("message.", bank.MessageKinds()...)
	add("clock.", bank.ClockKinds()...)
	for day := time.Sunday; day <= time.Saturday; day++ {
		add("calendar.", "weekday."+day.String(), "short."+day.String())
	}
	add("calendar.mark.", bank.HolidayKinds()...)
	add("calendar.kind.", append(bank.HolidayKinds(), "plain")...)
	add("agreement.state.", bank.AgreementStates()...)
	add("agreement.just_", agreementDone...)
	return keys
}

// An administrator changes a day and pastes a year; what is wrong is named line by
// line and nothing is kept of it; a year that nobody entered says so.
func TestCalendarIsEdited(t *testing.T) {
	s := newSite(t)
	anna := s.staff("anna", administrator)
	wants := func(page, what string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(page, text) {
				t.Errorf("%s lacks %q", what, text)
			}
		}
	}
	wants(anna.get("/admin/calendar?year=2028").Body.String(), "an empty calendar", "2028 年的节假日还没有人录入", "2029 年：261 个工作日")
	got := anna.post("/admin/calendar/paste", "days", "日期\t类型\t名称\n2028-01-01\t休\t元旦\n2028-01-08 班 调休\n2028-02-29,off,x\n\n")
	if got.Code != 303 {
		t.Fatalf("pasted: %d %s", got.Code, got.Body)
	}
	page := anna.get("/admin/calendar?year=2028").Body.String()
	wants(page, "the year", "2028 年：260 个工作日", `class="day-off" title="x">29 <b>休</b>`, `class="day-work" title="调休">8 <b>班</b>`)
	got = anna.post("/admin/calendar/paste", "days", "2028-05-01 休 劳动节\n2028-5-2 休 x\n2028-05-03 x x\n2028-05-04 班 x")
	wants(got.Body.String(), "a pasted year with slips", "第 2 行", "第 3 行", "第 4 行：这一天是工作日", "2028-05-01 休 劳动节")
	if strings.Contains(anna.get("/admin/calendar?year=2028").Body.String(), "劳动节") {
		t.Error("something was kept of what was refused")
	}
	if got := anna.post("/admin/calendar", "day", "2028-02-29", "kind", "plain"); got.Code != 303 {
		t.Errorf("plain again: %d", got.Code)
	}
	wants(anna.get("/admin/calendar?year=2028").Body.String(), "the year", "2028 年：261 个工作日")
	for _, wrong := range [][]string{{"day", "", "kind", "off", "name", "x"}, {"day", "2028-03-04", "kind", "off"}, {"day", "2028-03-06", "kind", "work", "name", "x"}} {
		if got := anna.post("/admin/calendar", wrong...); got.Code != 422 || !strings.Contains(got.Body.String(), "wrong-text") {
			t.Errorf("%v: %d", wrong, got.Code)
		}
	}
}
