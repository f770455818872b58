package bank

import (
	"context"
	"database/sql"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// About is everything that the bank keeps about a learner, as a file (PIPL, art. 45).
type About struct {
	At           time.Time          `json:"at"`
	Account      string             `json:"account"`
	Person       Person             `json:"person"`
	Institution  string             `json:"institution,omitempty"`
	Programme    string             `json:"programme,omitempty"`
	Entered      calendar.Day       `json:"entered_on,omitempty"`
	Goal         string             `json:"goal,omitempty"` // INSTITUTION:PROGRAMME
	Login        AboutLogin         `json:"login"`
	Devices      []AboutDevice      `json:"devices"`
	Results      []AboutResult      `json:"results"`
	Uses         []AboutUse         `json:"uses"`
	Regional     []AboutRegional    `json:"regional"`
	Entries      []AboutEntry       `json:"entries"`
	Shares       []Share            `json:"grants"`
	Consents     []Consent          `json:"consents"`
	Corrections  []Correction       `json:"corrections"`
	Replacements []AboutReplacement `json:"replacements"`
	Requests     []AboutRequest     `json:"requests"`
	Files        []AboutFile        `json:"files"`
	Applications []AboutApplication `json:"applications"`
	Priors       []AboutPrior       `json:"prior_learning"`
	Attestations []AboutAttestation `json:"attestations"`
	Erasures     []AboutErasure     `json:"erasures"`
	Previews     []AboutPreview     `json:"previews"`
	Messages     []Message          `json:"messages"`
	Looks        []Look             `json:"looks"`
	Notes        []AboutNote        `json:"audit"`
}

// AboutLogin is a login without its secrets.
type AboutLogin struct {
	ID          string    `json:"id"`
	Name        string    `json:"name,omitempty"`
	DisplayName string    `json:"display_name,omitempty"`
	Email       string    `json:"email,omitempty"`
	Made        time.Time `json:"made,omitzero"`
	LastSeen    time.Time `json:"last_seen,omitzero"`
	Password    bool      `json:"password"`
	TOTP        bool      `json:"totp"`
	Passkeys    int       `json:"passkeys"`
}

// AboutDevice is a session that is not over.
type AboutDevice struct {
	Agent  string    `json:"agent"`
	Origin string    `json:"origin"`
	Made   time.Time `json:"made"`
	Seen   time.Time `json:"seen"`
}

// AboutResult is a result and where it stands.
type AboutResult struct {
	Institution string        `json:"institution"`
	Reference   string        `json:"reference"`
	Kind        string        `json:"kind"`
	Course      string        `json:"course"`
	Title       string        `json:"title,omitempty"`
	Grade       string        `json:"grade,omitempty"`
	Scale       string        `json:"scale,omitempty"`
	Hours       string        `json:"hours,omitempty"`
	Level       int           `json:"level,omitempty"`
	Completed   calendar.Day  `json:"completed_on"`
	Term        string        `json:"term,omitempty"`
	Place       string        `json:"place,omitempty"`
	Deposited   credit.Amount `json:"deposited"`
	Amount      credit.Amount `json:"amount"`
	Valid       calendar.Day  `json:"valid_to,omitempty"`
}

// AboutUse is a use of a result from before the bank opened.
type AboutUse struct {
	Institution     string       `json:"institution"`
	Reference       string       `json:"reference"`
	UsedInstitution string       `json:"used_institution"`
	UsedProgramme   string       `json:"used_programme"`
	UsedOn          calendar.Day `json:"used_on"`
	Note            string       `json:"note,omitempty"`
}

// AboutRegional is what a file of a regional credit bank said of a result, or of its
// conversion to a course; words stand for codes.
type AboutRegional struct {
	Institution     string            `json:"institution"`
	Reference       string            `json:"reference"`
	UsedInstitution string            `json:"used_institution,omitempty"`
	UsedCourse      string            `json:"used_course,omitempty"`
	Said            map[string]string `json:"said"`
}

// AboutEntry is an entry of the ledger. Its accounts are in the ledger's own form.
type AboutEntry struct {
	Number      int64         `json:"number"`
	Kind        string        `json:"kind"`
	Debit       string        `json:"debit"`
	Credit      string        `json:"credit"`
	Amount      credit.Amount `json:"amount"`
	Institution string        `json:"institution"`
	Reference   string        `json:"reference"`
	At          time.Time     `json:"at"`
}

// AboutReplacement is what an issuer says that a result should have said.
type AboutReplacement struct {
	Institution string        `json:"institution"`
	Reference   string        `json:"reference"`
	Says        DepositRecord `json:"says"`
}

// AboutRequest is a question whether a course counts somewhere.
type AboutRequest struct {
	ID         string    `json:"id"`
	Course     string    `json:"course"` // INSTITUTION:CODE
	To         string    `json:"to"`     // INSTITUTION:PROGRAMME
	For        string    `json:"for,omitempty"`
	Text       string    `json:"text"`
	State      string    `json:"state"`
	Made       time.Time `json:"made"`
	Evaluation string    `json:"evaluation,omitempty"`
	Answer     string    `json:"answer,omitempty"`
	Answered   time.Time `json:"answered,omitzero"`
}

// AboutFile is a file that belongs to the learner; its content is at /attachments/ID.
type AboutFile struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	Type string    `json:"type"`
	Size int       `json:"bytes"`
	Made time.Time `json:"made"`
}

// AboutPreview is what a preview of a change kept about the learner, as one of its sample.
type AboutPreview struct {
	Job                string        `json:"job"`
	Programme          string        `json:"programme"`
	AppliedBefore      credit.Amount `json:"applied_before"`
	AppliedAfter       credit.Amount `json:"applied_after"`
	TransferableBefore credit.Amount `json:"transferable_before"`
	TransferableAfter  credit.Amount `json:"transferable_after"`
}

// AboutErasure is a request for erasure.
type AboutErasure struct {
	ID      string    `json:"id"`
	State   string    `json:"state"`
	Made    time.Time `json:"made"`
	Decided time.Time `json:"decided,omitzero"`
	Answer  string    `json:"answer,omitempty"`
}

// AboutNote is a row of the audit log about the learner. From where others came is theirs.
type AboutNote struct {
	At          time.Time `json:"at"`
	Actor       string    `json:"actor"`
	Role        string    `json:"role,omitempty"`
	Institution string    `json:"institution,omitempty"`
	Action      string    `json:"action"`
	Object      string    `json:"object,omitempty"`
	Detail      string    `json:"detail,omitempty"`
	Purpose     string    `json:"purpose,omitempty"`
	Origin      string    `json:"origin,omitempty"`
}

// AboutMe gathers everything about the learner who asks, also after the consent to
// the account was taken back. It promises Denied.
func (b *Bank) AboutMe(ctx context.Context, actor Actor) (About, error) {
	account, err := actor.ownAccount()
	if err != nil {
		return About{}, err
	}
	return b.about(ctx, actor, account)
}

// TakeAboutMe is AboutMe for who takes it along, which is noted.
func (b *Bank) TakeAboutMe(ctx context.Context, actor Actor) (About, error) {
	about, err := b.AboutMe(ctx, actor)
	if err != nil {
		return About{}, err
	}
	return about, b.noteDaily(ctx, actor, note{Action: "data.export", Object: "account", Subject: about.Account})
}

// about reads all but who notes it.
func (b *Bank) about(ctx context.Context, actor Actor, account string) (About, error) {
	person, err := b.person(ctx, account)
	if err != nil {
		return About{}, err
	}
	a := About{At: b.Now().UTC(), Account: account, Person: person.Person, Institution: person.Institution, Programme: person.Programme, Entered: person.Entered}
	for _, read := range []func() error{
		func() error { return a.readLogin(ctx, b, actor) },
		func() error { return a.readGoal(ctx, b, account) },
		func() error { return a.readResults(ctx, b, account) },
		func() error { return a.readRegional(ctx, b, account) },
		func() error { return a.readEntries(ctx, b, account) },
		func() (err error) { a.Shares, err = b.sharesOf(ctx, account); return err },
		func() (err error) { a.Consents, err = b.consentsOf(ctx, account); return err },
		func() (err error) { a.Corrections, err = b.correctionsOf(ctx, account); return err },
		func() error { return a.readReplacements(ctx, b, account) },
		func() error { return a.readRequests(ctx, b, account) },
		func() error { return a.readFiles(ctx, b, account) },
		func() error { return a.readApplications(ctx, b, account) },
		func() error { return a.readPriors(ctx, b, account) },
		func() error { return a.readAttestations(ctx, b, account) },
		func() error { return a.readErasures(ctx, b, account) },
		func() error { return a.readPreviews(ctx, b, account) },
		func() (err error) { a.Messages, err = b.messagesTo(ctx, actor); return err },
		func() error { return a.readLooks(ctx, b, actor) },
		func() error { return a.readNotes(ctx, b, actor) },
	} {
		if err := read(); err != nil {
			return About{}, err
		}
	}
	return a, nil
}

func (a *About) readLogin(ctx context.Context, b *Bank, actor Actor) error {
	l, err := b.MyLogin(ctx, actor)
	if err != nil {
		return err
	}
	a.Login = AboutLogin{ID: l.ID, Name: l.Name, DisplayName: l.DisplayName, Email: l.Email, Made: l.Made, LastSeen: l.LastSeen,
		Password: l.Password, TOTP: l.TOTP, Passkeys: l.Passkeys}
	devices, err := b.Devices(ctx, actor)
	a.Devices = make([]AboutDevice, len(devices))
	for i, d := range devices {
		a.Devices[i] = AboutDevice{Agent: d.Agent, Origin: d.Origin, Made: d.Made, Seen: d.Seen}
	}
	return err
}

func (a *About) readGoal(ctx context.Context, b *Bank, account string) error {
	to, err := b.goalOf(ctx, account)
	if to.Institution != "" {
		a.Goal = to.Institution + ":" + to.Code
	}
	return err
}

func (a *About) readResults(ctx context.Context, b *Bank, account string) error {
	results, err := b.resultsSeen(ctx, account, sight{all: true})
	if err != nil {
		return err
	}
	a.Results = make([]AboutResult, len(results))
	for i, r := range results {
		a.Results[i] = AboutResult{Institution: r.Institution, Reference: r.Reference, Kind: r.Kind, Course: r.Course, Title: r.Title, Grade: r.Grade, Scale: r.Scale,
			Hours: shown(r.Hours, -1, credit.Hours.String), Level: r.Level, Completed: r.Completed, Term: r.Term, Place: r.Place, Deposited: r.Deposited, Amount: r.Amount, Valid: r.Valid}
	}
	a.Uses = []AboutUse{}
	return b.db.each(ctx, func(rows *sql.Rows) error {
		var u AboutUse
		err := rows.Scan(&u.Institution, &u.Reference, &u.UsedInstitution, &u.UsedProgramme, &u.UsedOn, &u.Note)
		a.Uses = append(a.Uses, u)
		return err
	}, `SELECT institution, reference, used_institution, used_programme, used_on, note FROM record_use WHERE learner = $1 ORDER BY institution, reference`, account)
}

func (a *About) readRegional(ctx context.Context, b *Bank, account string) error {
	a.Regional = []AboutRegional{}
	return b.db.each(ctx, func(rows *sql.Rows) error {
		k, said, err := scanSoft(rows, b.unseal)
		a.Regional = append(a.Regional, AboutRegional{Institution: k.Result.Institution, Reference: k.Result.Reference,
			UsedInstitution: k.Used.Institution, UsedCourse: k.Used.Code, Said: said})
		return err
	}, selectSoft+` WHERE learner = $1 ORDER BY institution, reference, used_institution, used_course`, account)
}

func (a *About) readEntries(ctx context.Context, b *Bank, account string) error {
	a.Entries = []AboutEntry{}
	for w := (Window{Limit: MaxLimit}); ; {
		page, err := b.Statement(ctx, account, w)
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			a.Entries = append(a.Entries, AboutEntry{Number: e.Number, Kind: e.Kind.String(), Debit: e.Debit.String(), Credit: e.Credit.String(), Amount: e.Amount,
				Institution: e.Record.Institution, Reference: e.Record.Reference, At: fromMicros(e.At)})
		}
		if w.Cursor = page.Next; w.Cursor == "" {
			return nil
		}
	}
}

func (a *About) readReplacements(ctx context.Context, b *Bank, account string) error {
	list, err := readReplacements(b.reading(ctx), `v.learner = $1 ORDER BY v.proposal`, account)
	a.Replacements = make([]AboutReplacement, len(list))
	for i, r := range list {
		a.Replacements[i] = AboutReplacement{r.of.Institution, r.of.Reference, r.says}
	}
	return err
}

func (a *About) readRequests(ctx context.Context, b *Bank, account string) error {
	list, err := b.readRequests(ctx, `r.learner = $1 ORDER BY r.made_at, r.id`, account)
	a.Requests = make([]AboutRequest, len(list))
	for i, r := range list {
		a.Requests[i] = AboutRequest{ID: r.ID, Course: r.Source.Institution + ":" + r.Source.Code, To: r.To.Institution + ":" + r.To.Code, For: r.Course, Text: r.Text,
			State: r.State, Made: r.Made, Evaluation: r.Evaluation, Answer: r.Answer, Answered: r.Answered}
	}
	return err
}

func (a *About) readFiles(ctx context.Context, b *Bank, account string) error {
	files, err := b.attachmentsOf(ctx, account)
	a.Files = make([]AboutFile, len(files))
	for i, f := range files {
		a.Files[i] = AboutFile{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Made: f.Made}
	}
	return err
}

func (a *About) readErasures(ctx context.Context, b *Bank, account string) error {
	erasures, err := b.erasuresOf(ctx, account)
	a.Erasures = make([]AboutErasure, len(erasures))
	for i, p := range erasures {
		a.Erasures[i] = AboutErasure{ID: p.ID, State: p.State, Made: p.Made, Decided: p.Decided, Answer: p.Answer}
	}
	return err
}

func (a *About) readPreviews(ctx context.Context, b *Bank, account string) error {
	a.Previews = []AboutPreview{}
	return b.db.each(ctx, func(rows *sql.Rows) error {
		var p AboutPreview
		var to transfer.ProgrammeKey
		err := rows.Scan(&p.Job, &to.Institution, &to.Code, &p.AppliedBefore, &p.AppliedAfter, &p.TransferableBefore, &p.TransferableAfter)
		p.Programme = to.Institution + ":" + to.Code
		a.Previews = append(a.Previews, p)
		return err
	}, `SELECT job, institution, programme, applied_before, applied_after, transferable_before, transferable_after FROM impact_learner WHERE learner = $1 ORDER BY job`, account)
}

func (a *About) readLooks(ctx context.Context, b *Bank, actor Actor) error {
	a.Looks = []Look{}
	for w := (Window{Limit: MaxLimit}); ; {
		page, err := b.Looks(ctx, actor, actor.Learner, w)
		if err != nil {
			return err
		}
		a.Looks = append(a.Looks, page.Items...)
		if w.Cursor = page.Next; w.Cursor == "" {
			return nil
		}
	}
}

// readNotes reads the audit log about the learner, without the looks, and what the
// login did that is about nobody else.
func (a *About) readNotes(ctx context.Context, b *Bank, actor Actor) error {
	a.Notes = []AboutNote{}
	return b.db.each(ctx, func(rows *sql.Rows) error {
		r, err := scanAudit(rows)
		n := AboutNote{At: fromMicros(r.At), Actor: r.Actor, Role: r.Role, Institution: r.Institution, Action: r.Action, Object: r.Object, Detail: r.Detail, Purpose: r.Purpose}
		if r.Actor == actor.Name {
			n.Origin = r.Origin
		}
		a.Notes = append(a.Notes, n)
		return err
	}, `SELECT `+auditColumns+` FROM audit WHERE action <> $1 AND (subject = $2 OR subject = '' AND actor = $3) ORDER BY seq`, lookAction, actor.Learner, actor.Name)
}
