package bank

import "context"

// RegionalReport is what came of it. LeftOut counts what stands in no row, by why: the
// sentence is "regional.left."+reason.
type RegionalReport struct {
	Rows    int
	LeftOut map[string]int
}

// RegionalLeftOut lists why a result stands in no row of a file.
func RegionalLeftOut() []string {
	return []string{"failed", "exempt", "attempt", "no_number", "no_course"}
}

// RegionalLeft is a result that stands in no row of a file, and why.
type RegionalLeft struct {
	Why                            string // of [RegionalLeftOut]
	Learner                        string // the account
	Institution, Course, Reference string
	Title, Grade, Completed        string // Completed is a day
}

// LookRegional says how many rows a file would have and what would stand in none,
// without giving anything out: nothing is noted, and no purpose is asked for. Its codes
// are those of [Bank.ExportRegional].
func (b *Bank) LookRegional(ctx context.Context, actor Actor, f RegionalFile) (RegionalReport, error) {
	g, err := b.mayGiveRegional(ctx, actor, f)
	if err != nil {
		return RegionalReport{}, err
	}
	g.emit = nothing
	return b.giveRegional(ctx, g)
}

// ExportRegionalLeft gives what stands in no row of a file, one by one, by learner: a
// look at results that is noted with each learner as that of [Bank.ExportRegional] is at
// numbers. Its codes are the same.
func (b *Bank) ExportRegionalLeft(ctx context.Context, actor Actor, f RegionalFile, emit func(RegionalLeft) error) (RegionalReport, error) {
	g, err := b.notedRegional(ctx, actor, f, "records", func(o *regionalOut, r *regionalResult, why string) error {
		return emit(RegionalLeft{Why: why, Learner: o.learner.account, Institution: r.key.Institution, Course: r.value.Course, Reference: r.key.Reference,
			Title: r.name, Grade: r.value.Grade, Completed: r.value.Completed.String()})
	})
	if err != nil {
		return RegionalReport{}, err
	}
	g.emit = nothing
	return b.giveRegional(ctx, g)
}

// leaveOut counts a result that stands in no row, and hands it over where somebody wants
// to know. sealed is the person, where they are not open yet.
func (o *regionalOut) leaveOut(r *regionalResult, sealed []byte, why string) error {
	o.report.LeftOut[why]++
	if o.leave == nil {
		return nil
	}
	if sealed != nil {
		if err := o.open(sealed); err != nil {
			return err
		}
	}
	return o.leave(o, r, why)
}
