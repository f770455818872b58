package bank_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/seeds"
)

// at stops the clock of a town at a time of Beijing, 2006-01-02 15:04:05.
func (w *town) at(beijing string) {
	w.t.Helper()
	at, err := time.ParseInLocation(time.DateTime, beijing, time.FixedZone("", 8*60*60))
	if err != nil {
		w.t.Fatal(err)
	}
	w.now.Store(at.UTC().UnixNano())
}

// inTownAt is inTown with a clock that begins at a time of Beijing; it only goes on.
func inTownAt(t *testing.T, beijing string, test func(w *town)) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := &town{t: t}
		w.at(beijing)
		b.Now = func() time.Time { return time.Unix(0, w.now.Load()).UTC() }
		test(newTown(t, b))
	})
}

// holidays loads those of the seeds: 2025 and 2026 as the State Council arranged them.
func (w *town) holidays() {
	w.t.Helper()
	data, err := seeds.FS.ReadFile("holidays.csv")
	if err != nil {
		w.t.Fatal(err)
	}
	if r := take(w.t, w.Bank, "holidays", parseTable(w.t, data)); r.Refused > 0 || r.New == 0 {
		w.t.Fatalf("%+v", r)
	}
}

func (w *town) clock(kind, object, institution, learner string) string {
	w.t.Helper()
	due, err := w.StartClock(ctx, kind, object, institution, learner)
	if err != nil {
		w.t.Fatal(err)
	}
	return due.String()
}

func (w *town) due() {
	w.t.Helper()
	if err := w.RunDue(ctx); err != nil {
		w.t.Fatal(err)
	}
}

// told is what an actor was told and has not read: kind, object and the days left, sorted.
func (w *town) told(actor bank.Actor) string {
	w.t.Helper()
	page, err := w.Messages(ctx, actor, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, m := range page.Items {
		if m.Read.IsZero() {
			all = append(all, strings.TrimSpace(m.Kind+" "+m.Object+" "+m.Args["Count"]))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// forget marks all as read.
func (w *town) forget(actor bank.Actor) {
	w.t.Helper()
	if err := w.ReadMessages(ctx, actor); err != nil {
		w.t.Fatal(err)
	}
}

func TestPeriodsEndOnWorkingDays(t *testing.T) {
	inTownAt(t, "2025-09-01 09:00:00", func(w *town) {
		w.holidays()
		for _, c := range []struct{ now, kind, want string }{
			{"2025-09-30 12:00:00", "application.whole", "2026-01-30"},    // to the same day of another month
			{"2025-10-20 12:00:00", "application.whole", "2026-02-24"},    // to a holiday
			{"2026-02-13 23:59:59", "application.school", "2026-03-12"},   // over the Spring Festival
			{"2026-02-14 00:00:00", "application.school", "2026-03-13"},   // a second later it is a day later
			{"2026-09-18 09:00:00", "evaluation.bank", "2026-10-09"},      // a worked Sunday, two holidays
			{"2026-09-18 09:00:00", "evaluation.sending", "2026-10-15"},   // and a worked Saturday
			{"2026-12-30 12:00:00", "evaluation.receiving", "2027-01-20"}, // into a year that nobody has entered
			{"2027-10-29 12:00:00", "application.whole", "2028-02-29"},    // to the leap day
			{"2028-02-21 12:00:00", "evaluation.bank", "2028-03-06"},      // over the leap day
		} {
			w.at(c.now)
			if got := w.clock(c.kind, "X", schoolA, ""); got != c.want {
				t.Errorf("%s from %s ends on %s, want %s", c.kind, c.now, got, c.want)
			}
		}
		_, err := w.StartClock(ctx, "coffee", "X", schoolA, "")
		wantCode(t, "a period of no kind", err, bank.NotFound)
	})
}

// Reminders come 3 and 1 working days before the end, once each; after midnight,
// Beijing time, of the last day it goes up, once. Who is told: those who have to act,
// then those above them and whose matter it is.
func TestRemindersAndEscalation(t *testing.T) {
	inTownAt(t, "2026-09-18 09:00:00", func(w *town) {
		w.holidays()
		registrar, other, admin := w.registrar("reg", schoolA), w.registrar("other", schoolB), w.administrator("adm")
		expert := w.actor(w.staff("exp", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA}), schoolA)
		decider := w.actor(w.protected(w.staff("dec", bank.RoleGrant{Role: bank.IsDecider, Institution: schoolA})), schoolA)
		learner := bank.Actor{Name: "u:x", Login: "nobody-yet", Learner: pupilA, Roles: bank.IsLearner}
		w.clock("evaluation.sending", "E/1@2", schoolA, "") // both end on 15 October
		w.clock("application.school", "P1", schoolA, pupilA)
		soon := func(left string) string {
			return "clock_soon /evaluations/E%2F1@2 " + left + "; clock_soon /school/applications/P1 " + left
		}
		const late = "clock_late /evaluations/E%2F1@2; clock_late /school/applications/P1"
		for _, step := range []struct{ now, registrar, decider, admin, learner string }{
			{now: "2026-10-11 23:59:59"}, // a Sunday; the Saturday before it was worked
			{now: "2026-10-12 00:00:00", registrar: soon("3"), decider: soon("3")},
			{now: "2026-10-13 12:00:00"},
			{now: "2026-10-14 08:00:00", registrar: soon("1"), decider: soon("1")},
			{now: "2026-10-15 23:59:59"},
			{now: "2026-10-16 00:00:00", decider: late, admin: "clock_late /admin/applications/P1; clock_late /evaluations/E%2F1@2", learner: "clock_late_mine /my/applications/P1"},
			{now: "2026-12-16 00:00:00"},
		} {
			w.at(step.now)
			w.due()
			w.due()
			for _, got := range []struct {
				actor bank.Actor
				want  string
			}{{registrar, step.registrar}, {decider, step.decider}, {admin, step.admin}, {learner, step.learner}, {expert, ""}, {other, ""}} {
				said := w.told(got.actor)
				if said != got.want {
					t.Errorf("at %s %s was told %q, want %q", step.now, got.actor.Name, said, got.want)
				}
				w.forget(got.actor)
			}
		}
	})
}

// Whoever does it in time is left in peace; who begins anew has the whole time again;
// what ran over stays late, though it begins anew.
func TestPeriodsStopAndBeginAnew(t *testing.T) {
	inTownAt(t, "2026-11-02 09:00:00", func(w *town) {
		registrar, admin := w.registrar("reg", schoolA), w.administrator("adm")
		w.clock("evaluation.sending", "E1@1", schoolA, "")
		w.at("2026-11-09 09:00:00")
		if due := w.clock("evaluation.sending", "E1@1", schoolA, ""); due != "2026-11-30" {
			t.Errorf("begun anew it ends on %s", due)
		}
		w.at("2026-11-25 09:00:00")
		if err := w.StopClock(ctx, "evaluation.sending", "E1@1"); err != nil {
			t.Fatal(err)
		}
		w.at("2026-12-31 09:00:00")
		w.due()
		if said := w.told(registrar) + w.told(admin); said != "" {
			t.Errorf("told %s of what was done in time", said)
		}
		w.clock("evaluation.bank", "E1@1", "", "")
		w.at("2027-02-01 09:00:00")
		w.clock("evaluation.bank", "E1@1", "", "")
		list, err := w.Clocks(ctx, admin, "E1@1")
		if err != nil || len(list) != 3 {
			t.Fatalf("%+v, %v", list, err)
		}
		for i, want := range []struct{ late, running bool }{{false, false}, {true, false}, {false, true}} {
			if list[i].Late(w.Today()) != want.late || list[i].Stopped.IsZero() != want.running {
				t.Errorf("period %d: %+v, want %+v", i, list[i], want)
			}
		}
	})
}

// Of a learner's matter those see the periods whom it concerns.
func TestClocksAreSeenByWhomTheyConcern(t *testing.T) {
	inTown(t, func(w *town) {
		w.clock("application.school", "P1", schoolA, pupilA)
		w.clock("evaluation.sending", "E1@1", schoolA, "")
		me := bank.Actor{Name: "u:a", Login: "a", Learner: pupilA, Roles: bank.IsLearner}
		you := bank.Actor{Name: "u:b", Login: "b", Learner: pupilB, Roles: bank.IsLearner}
		for _, c := range []struct {
			actor  bank.Actor
			object string
			want   int
		}{
			{me, "P1", 1}, {you, "P1", 0}, {registrarOf(schoolA), "P1", 1}, {registrarOf(schoolB), "P1", 0}, {administrator, "P1", 1}, {bank.Visitor, "P1", 0},
			{me, "E1@1", 0}, {registrarOf(schoolB), "E1@1", 1}, {bank.Visitor, "E1@1", 0},
		} {
			if list, err := w.Clocks(ctx, c.actor, c.object); err != nil || len(list) != c.want {
				t.Errorf("%s sees %d of %s, %v, want %d", c.actor.Name, len(list), c.object, err, c.want)
			}
		}
		if _, err := w.Merge(ctx, operator, pupilA, pupilX, bank.Why{Reason: "one person"}); err != nil {
			t.Fatal(err)
		}
		me.Learner = pupilX
		if list, err := w.Clocks(ctx, me, "P1"); err != nil || len(list) != 1 {
			t.Errorf("after the merge the learner sees %+v, %v", list, err)
		}
	})
}

// A new day off lengthens what runs; a day that is worked after all shortens nothing.
func TestCalendarMovesPeriods(t *testing.T) {
	inTown(t, func(w *town) {
		w.at("2026-12-28 09:00:00")
		w.clock("evaluation.bank", "E1@1", "", "")
		end := func() string {
			list, err := w.Clocks(ctx, administrator, "E1@1")
			if err != nil || len(list) != 1 {
				t.Fatalf("%+v, %v", list, err)
			}
			return list[0].Due.String()
		}
		for _, step := range []struct{ file, want string }{
			{"", "2027-01-11"}, {"2027-01-01,off,元旦\n", "2027-01-12"}, {"2027-01-03,work,元旦调休\n", "2027-01-12"},
		} {
			if step.file != "" {
				if r := text(t, w.Bank, "holidays", "day,kind,name\n"+step.file); !r.Written {
					t.Fatalf("%+v", r)
				}
			}
			if got := end(); got != step.want {
				t.Errorf("after %q it ends on %s, want %s", step.file, got, step.want)
			}
		}
	})
}

// One process at a time does what is due; a lease that ran out is taken over.
func TestDueTasksHaveOneDoer(t *testing.T) {
	inTown(t, func(w *town) {
		registrar := w.registrar("reg", schoolA)
		w.clock("evaluation.sending", "E1@1", schoolA, "")
		w.pass(17 * 24 * time.Hour)
		w.HoldLease(t, "due", "another process")
		w.due()
		if said := w.told(registrar); said != "" {
			t.Errorf("told %s while another process has the lease", said)
		}
		w.pass(time.Hour)
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() { w.due() })
		}
		wait.Wait()
		if said := w.told(registrar); said != "clock_soon /evaluations/E1@1 2" {
			t.Errorf("told %q", said)
		}
	})
}

func TestHolidaysOfFiles(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		r := text(t, b, "holidays", "day,kind,name\n2026-10-01,off,国庆节\n2026-10-10,work,调休\n2026-10-12,work,a Monday\n2026-10-13,,x\n2026-10-14,party,x\n2026-10-15,off,\n,off,x\n")
		if r.New != 2 || r.Written || r.Refused != 5 {
			t.Errorf("%+v", r)
		}
		for i, want := range []string{"kind holiday_weekday", "kind required", "kind choice", "name required", "day required"} {
			if got := r.Errors[i].Column + " " + r.Errors[i].Code; got != want {
				t.Errorf("row %d: %s, want %s", r.Errors[i].Row, got, want)
			}
		}
		text(t, b, "holidays", "day,kind,name\n2026-10-01,off,国庆节\n2026-10-10,work,调休\n")
		if r := text(t, b, "holidays", "day,kind,name\n2026-10-01,off,国庆\n2026-10-10,work,调休\n"); r.Updated != 1 || r.Unchanged != 1 {
			t.Errorf("%+v", r)
		}
		if got := export(t, b, "holidays"); got != "day,kind,name\n2026-10-01,off,国庆\n2026-10-10,work,调休\n" && !strings.Contains(got, "2026-10-01,off,国庆") {
			t.Errorf("exported as %q", got)
		}
	})
}

// The figures: what was due by now, what of it was done in time, how long it took in
// working days, what runs and is over. Who may see them.
func TestOnTimeFigures(t *testing.T) {
	inTownAt(t, "2026-09-18 09:00:00", func(w *town) {
		w.holidays()
		admin := w.administrator("adm")
		for _, c := range []struct{ object, school string }{{"E1@1", schoolA}, {"E2@1", schoolA}, {"E3@1", schoolA}, {"E4@1", schoolB}, {"E5@1", schoolB}} {
			w.clock("evaluation.sending", c.object, c.school, "") // all end on 15 October
		}
		stop := func(beijing, object string) {
			w.at(beijing)
			if err := w.StopClock(ctx, "evaluation.sending", object); err != nil {
				t.Fatal(err)
			}
		}
		stop("2026-09-21 09:00:00", "E1@1") // the second working day: the Sunday before is worked
		stop("2026-10-15 23:59:59", "E2@1") // the fifteenth
		stop("2026-10-16 00:00:00", "E3@1") // late
		stop("2026-10-16 00:00:00", "E4@1") // late
		w.clock("evaluation.bank", "E1@1", "", "")
		figures, err := w.OnTimeFigures(ctx, admin)
		want := []bank.OnTime{{Median: -1, Open: 1}, {Institution: schoolA, Done: 3, InTime: 2, Median: 15}, {Institution: schoolB, Done: 1, Median: 16, Open: 1, Overdue: 1}}
		if err != nil || !slices.Equal(figures, want) {
			t.Errorf("%+v, %v, want %+v", figures, err, want)
		}
		for i, share := range []int{-1, 66, 0} {
			if figures[i].Share() != share {
				t.Errorf("%+v has a share of %d", figures[i], figures[i].Share())
			}
		}
		overdue, err := w.OverdueClocks(ctx, admin, bank.Window{})
		if err != nil || overdue.Total != 1 || overdue.Items[0].Page() != "/evaluations/E5@1" {
			t.Errorf("%+v, %v", overdue, err)
		}
		_, err = w.OverdueClocks(ctx, registrarOf(schoolA), bank.Window{})
		wantCode(t, "overdue, to a school", err, bank.Denied)
		_, err = w.OnTimeFigures(ctx, bank.Visitor)
		wantCode(t, "the figures, to a visitor", err, bank.Denied)
		wantCode(t, "a school publishes them", w.SetPublicDeadlines(ctx, registrarOf(schoolA), true), bank.Denied)
		for _, public := range []bool{true, true, false} {
			if err := w.SetPublicDeadlines(ctx, admin, public); err != nil {
				t.Fatal(err)
			}
			if _, err := w.OnTimeFigures(ctx, bank.Visitor); (err == nil) != public {
				t.Errorf("public %v: %v", public, err)
			}
		}
	})
}

// Whoever asked for an evaluation hears when the answer is late, at their own page.
func TestLateRequestIsTold(t *testing.T) {
	inTown(t, func(w *town) {
		w.clock("request.school", "Q1", schoolA, pupilA)
		w.pass(40 * 24 * time.Hour)
		w.due()
		me := bank.Actor{Name: "u:a", Login: "nobody-yet", Learner: pupilA, Roles: bank.IsLearner}
		if said := w.told(me); said != "clock_late_mine /my/requests" {
			t.Errorf("told %q", said)
		}
	})
}
