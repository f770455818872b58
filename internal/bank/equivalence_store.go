package bank

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"
	"strings"

	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// contentCode names a rule that came without a code.
func contentCode(fingerprint string) string {
	sum := sha256.Sum256([]byte(fingerprint))
	return "auto-" + hex.EncodeToString(sum[:8])
}

// storedVersion is a version of an equivalence as it is stored.
type storedVersion struct {
	transfer.RuleRef
	published bool
	judged    string // state of its evaluation
	created   int64  // UTC microseconds
	at        int64  // when it was published, UTC microseconds
	Equivalence
}

// readEquivalences reads all versions, or those that are named, in the order of code
// and version.
func readEquivalences(each reading, only []transfer.RuleRef) ([]*storedVersion, error) {
	var list []*storedVersion
	at := map[transfer.RuleRef]*storedVersion{}
	head, part, args := "", "", []any(nil)
	if only != nil {
		head, args = refsWhere("e.code", "e.version", only)
		part, _ = refsWhere("equivalence", "version", only)
		head, part = " WHERE "+head, " WHERE "+part
	}
	err := each(func(rows *sql.Rows) error {
		v := &storedVersion{}
		var reasons, state string
		err := rows.Scan(&v.Code, &v.Version, &v.Institution, &v.Programme, &v.From, &v.To, &v.Validity, &v.Priority, &v.Outcome,
			&reasons, &v.Note, &state, &v.created, &v.at, &v.judged)
		v.Reasons = strings.FieldsFunc(reasons, func(r rune) bool { return r == '|' })
		v.published = state == "published"
		list = append(list, v)
		at[v.RuleRef] = v
		return err
	}, `SELECT e.code, e.version, e.institution, coalesce(e.programme, ''), coalesce(e.valid_from, -2147483648), coalesce(e.valid_to, -2147483648),
		coalesce(e.validity_years, 0), e.priority, e.outcome, e.reasons, e.note, e.state, e.created_at, coalesce(e.published_at, 0), coalesce(v.state, '')
		FROM equivalence e LEFT JOIN evaluation v ON v.equivalence = e.code AND v.version = e.version`+head+` ORDER BY e.code, e.version`, args...)
	if err != nil {
		return nil, err
	}
	err = each(func(rows *sql.Rows) error {
		var ref transfer.RuleRef
		var s transfer.Source
		if err := rows.Scan(&ref.Code, &ref.Version, &s.Institution, &s.Code, &s.Min, &s.Max); err != nil {
			return err
		}
		at[ref].Sources = append(at[ref].Sources, s)
		return nil
	}, `SELECT equivalence, version, institution, course, coalesce(min_grade, -1), coalesce(max_grade, -1) FROM equivalence_source`+part, args...)
	if err != nil {
		return nil, err
	}
	err = each(func(rows *sql.Rows) error {
		var ref transfer.RuleRef
		var t transfer.Target
		if err := rows.Scan(&ref.Code, &ref.Version, &t.Course, &t.Group, &t.Mode, &t.Credits, &t.Exemption); err != nil {
			return err
		}
		at[ref].Targets = append(at[ref].Targets, t)
		return nil
	}, `SELECT equivalence, version, coalesce(course, ''), coalesce(grp, ''), credit_mode, coalesce(credits, 0), exemption FROM equivalence_target`+part, args...)
	for _, v := range list {
		v.settle()
	}
	return list, err
}

// storedRules are the versions of each code, oldest first.
type storedRules map[string][]*storedVersion

func (r *importRun) storedEquivalences() (storedRules, error) {
	list, err := readEquivalences(r.each, nil)
	byCode := storedRules{}
	for _, v := range list {
		byCode[v.Code] = append(byCode[v.Code], v)
	}
	return byCode, err
}

// ruleWriter books the rules of an import: new versions are written together at the end.
type ruleWriter struct {
	*importRun
	stored                  storedRules
	heads, sources, targets [][]any
	publish                 []transfer.RuleRef
	undo                    ruleUndo
}

// put decides what becomes of a rule. A version that says the same as any known
// one changes nothing; a draft takes the new content; a published version is
// never edited, so other content is a new version.
func (w *ruleWriter) put(d *draftRule) error {
	versions := w.stored[d.code]
	print := d.fingerprint()
	for _, v := range versions {
		if v.fingerprint() != print || closedUnpublished(v.judged) {
			continue
		}
		if w.in.Publish && !v.published {
			w.publish = append(w.publish, v.RuleRef)
			w.count(isUpdated, len(d.rows))
			return nil
		}
		w.count(isUnchanged, len(d.rows))
		return nil
	}
	ref, was := transfer.RuleRef{Code: d.code, Version: len(versions) + 1}, (*Equivalence)(nil)
	if n := len(versions); n > 0 && !versions[n-1].published && !closedUnpublished(versions[n-1].judged) {
		if versions[n-1].judged != EvaluationDrafted {
			d.rows[0].fault("equivalence", d.code, "under_evaluation", map[string]any{"ID": EvaluationID(versions[n-1].RuleRef)})
			d.refuse(w.importRun)
			return nil
		}
		ref.Version, was = n, &versions[n-1].Equivalence
		if err := w.dropDraft(ref); err != nil {
			return err
		}
	}
	if len(versions) > 0 {
		w.count(isUpdated, len(d.rows))
	} else {
		w.count(isNew, len(d.rows))
	}
	w.add(ref, &d.Equivalence)
	w.undo.Rules = append(w.undo.Rules, ruleUndone{ref, print, was})
	return nil
}

// dropDraft removes the content of a draft.
func (t *tx) dropDraft(ref transfer.RuleRef) error {
	for _, query := range []string{
		`DELETE FROM equivalence_source WHERE equivalence = $1 AND version = $2`,
		`DELETE FROM equivalence_target WHERE equivalence = $1 AND version = $2`,
		`DELETE FROM equivalence WHERE code = $1 AND version = $2`,
	} {
		if err := t.exec(query, ref.Code, ref.Version); err != nil {
			return err
		}
	}
	return nil
}

func (w *ruleWriter) add(ref transfer.RuleRef, e *Equivalence) {
	w.heads = append(w.heads, []any{ref.Code, ref.Version, e.Institution, textOrNil(e.Programme), dayOrNil(e.From), dayOrNil(e.To),
		orNil(e.Validity, 0), e.Priority, string(e.Outcome), strings.Join(e.Reasons, "|"), e.Note, "draft", micros(w.now)})
	for _, s := range e.Sources {
		w.sources = append(w.sources, []any{ref.Code, ref.Version, s.Institution, s.CourseKey.Code,
			orNil(s.Min, transfer.NoScore), orNil(s.Max, transfer.NoScore)})
	}
	for i, t := range e.Targets {
		var credits any
		if t.Mode == transfer.Fixed {
			credits = t.Credits
		}
		w.targets = append(w.targets, []any{ref.Code, ref.Version, i + 1, e.Institution, textOrNil(t.Course), textOrNil(t.Group),
			string(t.Mode), credits, t.Exemption})
	}
	if w.in.Publish {
		w.publish = append(w.publish, ref)
	}
}

// flush writes what was put, then publishes.
func (w *ruleWriter) flush() error {
	if err := w.flushVersions(); err != nil {
		return err
	}
	return w.publishAll()
}

// flushVersions writes the versions that were put.
func (w *ruleWriter) flushVersions() error {
	if err := w.insert("equivalence", []string{"code", "version", "institution", "programme", "valid_from", "valid_to", "validity_years",
		"priority", "outcome", "reasons", "note", "state", "created_at"}, w.heads); err != nil {
		return err
	}
	if err := w.insert("equivalence_source", []string{"equivalence", "version", "institution", "course", "min_grade", "max_grade"}, w.sources); err != nil {
		return err
	}
	return w.insert("equivalence_target", []string{"equivalence", "version", "seq", "institution", "course", "grp", "credit_mode", "credits",
		"exemption"}, w.targets)
}

// publishAll publishes, and has every version evaluated: those that were published
// without are so by whoever imports.
func (w *ruleWriter) publishAll() error {
	if err := w.publishVersions(); err != nil {
		return err
	}
	return w.evaluateImported()
}

func (w *ruleWriter) publishVersions() error {
	statement, err := w.PrepareContext(w.ctx, w.db.bind(
		`UPDATE equivalence SET state = 'published', published_at = $1 WHERE code = $2 AND version = $3 AND state = 'draft'`))
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	for _, ref := range w.publish {
		if _, err := statement.ExecContext(w.ctx, micros(w.now), ref.Code, ref.Version); err != nil {
			return err
		}
	}
	return nil
}

// giveEquivalences exports the latest version of every rule, one row for each
// source and target side by side.
func giveEquivalences(ctx context.Context, b *Bank, emit func(...string) error) error {
	list, err := readEquivalences(b.reading(ctx), nil)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(v *storedVersion) bool { return closedUnpublished(v.judged) })
	for i, v := range list {
		if i+1 < len(list) && list[i+1].Code == v.Code {
			continue
		}
		for n := range max(len(v.Sources), len(v.Targets)) {
			if err := emit(v.cells(v.Code, n)...); err != nil {
				return err
			}
		}
	}
	return nil
}

// cells is the n-th row of the rule.
func (v *Equivalence) cells(code string, n int) []string {
	row := make([]string, 6, 19)
	row[0] = code
	if n < len(v.Sources) {
		s := v.Sources[n]
		row[1], row[2] = s.Institution, s.CourseKey.Code
		row[3], row[4] = shown(s.Min, transfer.NoScore, credit.Score.String), shown(s.Max, transfer.NoScore, credit.Score.String)
	}
	if n < len(v.Targets) || n == 0 {
		row[5] = v.Institution
	}
	row = append(row, v.targetCells(n)...)
	if n > 0 {
		return append(row, make([]string, len(termColumns))...)
	}
	return append(row, v.From.String(), v.To.String(), shownNumber(v.Validity, 0), v.Programme, shownNumber(v.Priority, 0),
		string(v.Outcome), strings.Join(v.Reasons, "|"), v.Note)
}

func (v *Equivalence) targetCells(n int) []string {
	if n >= len(v.Targets) {
		return make([]string, 5)
	}
	t := v.Targets[n]
	mode, credits := string(t.Mode), ""
	if t.Mode == transfer.Fixed {
		credits = t.Credits.String()
	}
	if t.Exemption {
		mode = ""
	}
	return []string{t.Course, t.Group, credits, mode, shownFlag(t.Exemption)}
}
