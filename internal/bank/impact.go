package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// ImpactTrial is what might be done to the map, to see on the bank's own learners what
// would follow.
type ImpactTrial struct {
	Publish []transfer.RuleRef `json:"publish,omitempty"`  // drafts of equivalences
	Suspend []transfer.RuleRef `json:"suspend,omitempty"`  // published versions that serve nothing any more
	End     []transfer.RuleRef `json:"end,omitempty"`      // published versions that serve what was completed until LastDay
	LastDay calendar.Day       `json:"last_day,omitempty"` // of End
	Course  *CourseEdit        `json:"-"`                  // a further version of a course, as [Bank.SaveCourse] takes it
	Stamp   string             `json:"-"`                  // of that course
	Version *transfer.Course   `json:"course,omitempty"`   // what of that version the engine knows; set by [Bank.StartImpact]
	Policy  map[string]string  `json:"policy,omitempty"`   // the arguments of a proposal of the kind policy: see [ProposalArgs]
}

// Tally counts learners who are better or worse off, and the credits that they gain
// and lose: Gained and Lost of those that count towards a programme (抵毕业要求), More
// and Fewer of those that are awarded (可转).
type Tally transfer.Tally

// MarshalJSON writes the six numbers; sums of a country are beyond what an amount of
// one learner may be.
func (t Tally) MarshalJSON() ([]byte, error) {
	return json.Marshal([6]int64{int64(t.Gaining), int64(t.Losing), int64(t.Gained), int64(t.Lost), int64(t.More), int64(t.Fewer)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Tally) UnmarshalJSON(text []byte) error {
	var n [6]int64
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	*t = Tally{Gaining: int(n[0]), Losing: int(n[1]), Gained: credit.Amount(n[2]), Lost: credit.Amount(n[3]), More: credit.Amount(n[4]), Fewer: credit.Amount(n[5])}
	return nil
}

// Impact (影响) is what a trial would do to the learners of the bank, on their results
// as they were when it ran. Both sides are asked as of the same day, so that what
// expires meanwhile is no part of the difference.
type Impact struct {
	Job   string      `json:"-"`
	By    string      `json:"-"`
	Made  time.Time   `json:"-"`
	Trial ImpactTrial `json:"trial"`

	AsOf         calendar.Day `json:"as_of"` // today, or the later day on which a policy begins
	Stamp        string       `json:"stamp"` // of the map that it ran on
	Institutions []string     `json:"institutions"`
	Programmes   int          `json:"programmes"` // that the trial could concern: of the institutions that award, or ask through a standard unit

	Learners int `json:"learners"` // in the bank, without those that were merged or erased
	Looked   int `json:"looked"`   // of them, those with a result on which it could depend; the others see no difference
	Gaining  int `json:"gaining"`  // better off in some programme
	Losing   int `json:"losing"`   // worse off in some programme; may be among those who gain in another

	Before *ImpactBefore `json:"before,omitempty"` // what was decided under the same rules, and stays; nil: of an older preview, which did not ask

	Own   Tally                       `json:"own"`   // in the programmes that learners have as their goal, or else are enrolled in
	Main  Tally                       `json:"main"`  // of every learner the own programme if it moves, else the one that moves most
	Steps [len(impactSteps)*2 + 1]int `json:"steps"` // see [Impact.Groups]
	Moved int                         `json:"moved"` // programmes that move for anybody
	Most  []ProgrammeImpact           `json:"most"`  // of them those that move for most learners, impactProgrammes at most

	Sample []ImpactLearner `json:"-"` // those whom it moves most, of whom the actor may know
	Others int             `json:"-"` // further ones, of whom the actor may not
	Stale  bool            `json:"-"` // the map is another one now
}

// ProgrammeImpact is what a trial does to learners before one programme.
type ProgrammeImpact struct {
	transfer.ProgrammeKey
	Tally Tally `json:"tally"`
}

// ImpactLearner is one learner whom a trial moves. The account is masked.
type ImpactLearner struct {
	N       int // from 1: its place in the sample
	Account string
	School  string // of the learner; empty: none
	Own     bool   // it is the programme in which the learner is enrolled
	transfer.Move
}

// ImpactGroup is how many learners gain or lose so many credits towards the programme
// that matters most to them: at least Least and less than Below, a loss below 0. Below
// 0: any number more. Of the group with Least and Below 0 only the transferable
// credits are others.
type ImpactGroup struct {
	Sign         int // -1 a loss, 0 neither, 1 a gain
	Least, Below credit.Amount
	Count        int
}

// impactSteps are the bounds between the groups, in hundredths of a credit; a gain of
// the first group is above the first.
var impactSteps = [...]credit.Amount{0, 200, 500, 1000}

// Groups are the learners by what they gain or lose, from the greatest loss to the
// greatest gain.
func (in *Impact) Groups() []ImpactGroup {
	n := len(impactSteps)
	groups := make([]ImpactGroup, len(in.Steps))
	for i, count := range in.Steps {
		g := ImpactGroup{Count: count}
		if at := i - n; at != 0 {
			g.Sign = max(-1, min(at, 1))
			at *= g.Sign
			g.Least = impactSteps[at-1]
			if at < n {
				g.Below = impactSteps[at]
			}
		}
		groups[i] = g
	}
	return groups
}

// impactStep is the group of a gain, or of a loss below 0.
func impactStep(gain credit.Amount) int {
	n, at := len(impactSteps), 1
	if gain == 0 {
		return n
	}
	for at < n && max(gain, -gain) >= impactSteps[at] {
		at++
	}
	if gain < 0 {
		return n - at
	}
	return n + at
}

// impactJob is how jobs that preview a change are called.
const impactJob = "impact"

// StartImpact begins to work out what a trial would do, as a job: [Bank.Impact] has
// the answer once it is done. Those who answer for the bank may ask about everything,
// the staff of a school about rules that award or take its courses. It promises Denied; Invalid,
// naming publish, suspend, end or the columns of a policy; and the codes of
// [Bank.SaveCourse] for a course, and of [Bank.write].
func (b *Bank) StartImpact(ctx context.Context, actor Actor, trial ImpactTrial) (job string, err error) {
	if err := actor.need(IsRegistrar | IsDecider | IsExpert | IsAdministrator | IsOperator); err != nil {
		return "", err
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return "", err
	}
	if trial.Course != nil {
		if trial.Version, err = b.trialCourse(ctx, actor, trial); err != nil {
			return "", err
		}
	}
	p, err := b.planTrial(ctx, s, trial)
	if err != nil {
		return "", err
	}
	if !p.seen(actor) {
		return "", &Error{Code: Denied, Key: "error.role"}
	}
	return b.startJob(ctx, actor, jobStart{Kind: impactJob, Object: p.object}, func(ctx context.Context, progress *progress) (any, error) {
		return b.runImpact(ctx, actor, s, p, progress)
	})
}

// seen says whether a trial is the actor's to ask and know about.
func (p *plannedTrial) seen(actor Actor) bool {
	return actor.seesAll() || actor.Institution != "" && slices.Contains(p.institutions, actor.Institution)
}

// Impact is what a trial came to. The sample holds the learners of whom the actor
// may know: all for those who answer for the bank, for a school its own. It promises
// NotFound for a job that is none, is not done or is not for the actor: people see
// those of trials about their institution's rules.
func (b *Bank) Impact(ctx context.Context, actor Actor, job string) (Impact, error) {
	j, err := b.job(ctx, job)
	if CodeOf(err) == NotFound || err == nil && (j.Kind != impactJob || j.State != JobDone) {
		err = notFound("impact", job)
	}
	if err != nil {
		return Impact{}, err
	}
	in := Impact{Job: j.ID, By: j.By, Made: j.Made}
	if err := json.Unmarshal(j.Result, &in); err != nil {
		return Impact{}, err
	}
	p := plannedTrial{institutions: in.Institutions}
	if j.By != actor.Name && !p.seen(actor) || !actor.Is(IsRegistrar|IsDecider|IsExpert|IsAdministrator|IsAuditor|IsOperator) {
		return Impact{}, notFound("impact", job)
	}
	_, stamp, err := readStamp(ctx, b.db.reader)
	if err != nil {
		return Impact{}, err
	}
	in.Stale = stamp != in.Stamp
	return in, b.readSample(ctx, actor, &in)
}

// title says in codes what a trial is about: the rules, or the place of a policy.
func (t ImpactTrial) title() string {
	for _, refs := range [][]transfer.RuleRef{t.Publish, t.Suspend, t.End} {
		if len(refs) > 0 {
			title := EvaluationID(refs[0])
			if len(refs) > 1 {
				title += " +" + strconv.Itoa(len(refs)-1)
			}
			return title
		}
	}
	if t.Version != nil {
		return t.Version.Institution + ":" + t.Version.Code
	}
	return strings.TrimSpace(t.Policy["file"] + " " + t.Policy["institution"] + " " + t.Policy["programme"])
}

// keepJob keeps the result of a job for good, since something that is decided rests
// on it. It promises Invalid, naming field, for one that is not done or of another kind.
func (t *tx) keepJob(field, id, kind string) (result string, err error) {
	err = t.each(func(rows *sql.Rows) error { return rows.Scan(&result) },
		`SELECT result FROM job WHERE id = $1 AND kind = $2 AND state = 'done'`, id, kind)
	if err == nil && result == "" {
		err = invalidField(field, id, "unknown_job", nil)
	}
	if err != nil {
		return "", err
	}
	return result, t.exec(`UPDATE job SET kept = $1 WHERE id = $2`, true, id)
}

// keepPreview keeps the preview of a rule on which a decision rests, with the
// decision. It promises Invalid, naming field, for one that is not done, or that is
// not about this version.
func (t *tx) keepPreview(field, job string, ref transfer.RuleRef) error {
	if job == "" {
		return nil
	}
	in, err := t.keepImpact(field, job)
	if err == nil && !slices.Contains(slices.Concat(in.Trial.Publish, in.Trial.Suspend, in.Trial.End), ref) {
		err = invalidField(field, job, "other_preview", nil)
	}
	return err
}

// keepPolicyPreview keeps the preview that a proposal of a policy comes with.
func (t *tx) keepPolicyPreview(p *Proposal) error {
	if p.Preview == "" {
		return nil
	}
	in, err := t.keepImpact("preview", p.Preview)
	if err == nil && !maps.Equal(in.Trial.Policy, p.Args) {
		err = invalidField("preview", p.Preview, "other_preview", nil)
	}
	return err
}

func (t *tx) keepImpact(field, job string) (in Impact, err error) {
	result, err := t.keepJob(field, job, impactJob)
	if err == nil {
		err = json.Unmarshal([]byte(result), &in)
	}
	return in, err
}

// LastImpact is the number of the last preview of one version that is done, empty when
// there is none since a moment: that of its last change. Whoever may see the version
// may know that there is one; see [Bank.Impact].
func (b *Bank) LastImpact(ctx context.Context, ref transfer.RuleRef, since time.Time) (job string, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&job) },
		`SELECT id FROM job WHERE kind = $1 AND object = $2 AND state = 'done' AND made_at >= $3 ORDER BY made_at DESC, id LIMIT 1`,
		impactJob, EvaluationID(ref), micros(since))
	return job, err
}
