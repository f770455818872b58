package bank

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RegionalSettings are the codes of the files of a regional credit bank as they hold.
type RegionalSettings struct {
	Chosen  map[string]string         // the set of each kind of file
	Codes   map[string][]RegionalCode // of each set
	Schools []RegionalSchool          // those that the regional bank calls otherwise than by their code
	Changes []RegionalChange          // the last first
}

// RegionalSchool is a school and what the regional bank calls it.
type RegionalSchool struct{ Institution, Code string }

// RegionalChange is one version of a setting.
type RegionalChange struct {
	Setting string // set.KIND, code.SET.LIST.WORD or school.INSTITUTION
	Version int
	Value   string
	By      string // Actor.Name
	At      time.Time
}

// shownChanges is how many changes are listed.
const shownChanges = 50

// RegionalSettings tells which codes hold, and who changed them last. It promises Denied.
func (b *Bank) RegionalSettings(ctx context.Context, actor Actor) (s RegionalSettings, err error) {
	if err := actor.need(IsRegistrar | IsAdministrator | IsAuditor | IsOperator); err != nil {
		return s, err
	}
	read := b.reading(ctx)
	codes, err := readRegionalCodes(read)
	if err != nil {
		return s, err
	}
	s.Chosen, s.Codes = codes.chosen, codes.sets
	for institution, code := range codes.schools {
		if code != "" {
			s.Schools = append(s.Schools, RegionalSchool{institution, code})
		}
	}
	slices.SortFunc(s.Schools, func(a, b RegionalSchool) int { return strings.Compare(a.Institution, b.Institution) })
	return s, read(func(rows *sql.Rows) error {
		var c RegionalChange
		var at int64
		err := rows.Scan(&c.Setting, &c.Version, &c.Value, &c.By, &at)
		c.At = fromMicros(at)
		s.Changes = append(s.Changes, c)
		return err
	}, `SELECT setting, version, value, set_by, set_at FROM regional_setting ORDER BY set_at DESC, setting, version DESC LIMIT $1`, shownChanges)
}

// SetRegional changes the codes of the files of a regional credit bank, for
// administrators and the operator: set.KIND chooses the set of a kind of file,
// code.SET.LIST.WORD is the code for a word of a list, blank for none, and
// school.INSTITUTION what the regional bank calls a school, blank for its code here.
// Every change is a version that stays, and is in the audit log; what is so already is
// unchanged. It promises Denied; Invalid, naming setting or value, also for a code that
// another word of the list, or another school, has.
func (b *Bank) SetRegional(ctx context.Context, actor Actor, setting, value string) error {
	if err := actor.need(IsAdministrator | IsOperator); err != nil {
		return err
	}
	value = strings.TrimSpace(value)
	return b.write(ctx, actor, func(t *tx) error {
		codes, err := readRegionalCodes(t.each)
		if err != nil {
			return err
		}
		now, err := t.regionalSetting(codes, setting, value)
		if err != nil || now == value {
			return err
		}
		err = t.exec(`INSERT INTO regional_setting (setting, version, value, set_by, set_at)
			SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4 FROM regional_setting WHERE setting = $1`, setting, value, t.actor.Name, micros(t.now))
		if err != nil {
			return err
		}
		return t.audit("regional.set", setting, strconv.Quote(value))
	})
}

// regionalSetting holds a change against what there is, and gives the value that it
// would take the place of.
func (t *tx) regionalSetting(codes *regionalCodes, setting, value string) (now string, err error) {
	what, rest, _ := strings.Cut(setting, ".")
	if fault := textFault(value, codeLength); fault != "" && value != "" {
		return "", invalidField("value", "", fault, map[string]any{"Limit": codeLength})
	}
	switch what {
	case "set":
		if !isRegional(rest) {
			break
		}
		if !slices.Contains(RegionalSets(), value) {
			return "", invalidField("value", value, "choice", map[string]any{"Choices": strings.Join(RegionalSets(), ", ")})
		}
		return codes.chosen[rest], nil
	case "code":
		c := codes.at(rest)
		if c == nil {
			break
		}
		set, _, _ := strings.Cut(rest, ".")
		for _, other := range codes.sets[set] {
			if other.List == c.List && other.Word != c.Word && other.Code == value && value != "" {
				return "", invalidField("value", value, "code_taken", map[string]any{"Name": other.Name})
			}
		}
		return c.Code, nil
	case "school":
		known, err := knownInstitution(t.each, rest)
		if err != nil {
			return "", err
		}
		if _, there := known.institutions[rest]; !there {
			break
		}
		if other, taken := codes.schoolNamed(value, nil); taken && other != rest {
			return "", invalidField("value", value, "code_taken", map[string]any{"Name": other})
		}
		return codes.schools[rest], nil
	}
	return "", invalidField("setting", setting, "unknown_setting", nil)
}
