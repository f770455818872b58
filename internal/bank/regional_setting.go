package bank

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
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

// SetRegional changes the codes of the files of a regional credit bank, all or none, for
// administrators and the operator: set.KIND chooses the set of a kind of file,
// code.SET.LIST.WORD is the code for a word of a list, blank for none, and
// school.INSTITUTION what the regional bank calls a school, blank for its code here.
// Every change is a version that stays, and is in the audit log; what is so already is
// unchanged. It promises Denied; Invalid, naming the settings, also for a code that
// another word of the list, or another school, has.
func (b *Bank) SetRegional(ctx context.Context, actor Actor, changes map[string]string) error {
	if err := actor.need(IsAdministrator | IsOperator); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		codes, err := readRegionalCodes(t.each)
		if err != nil {
			return err
		}
		changed := map[string]string{}
		var faults []FieldError
		for setting, value := range changes {
			value = strings.TrimSpace(value)
			now, fault := codes.value(setting)
			if fault = cmp.Or(fault, settingFault(setting, value)); fault != "" {
				faults = append(faults, FieldError{Field: setting, Value: value, Code: fault, Args: map[string]any{"Limit": codeLength, "Choices": strings.Join(RegionalSets(), ", ")}})
			} else if now != value {
				changed[setting] = value
				codes.set(setting, value)
			}
		}
		for setting, value := range changed {
			fault, err := t.settingTaken(codes, setting, value)
			if err != nil {
				return err
			}
			faults = append(faults, fault...)
		}
		if len(faults) > 0 {
			slices.SortFunc(faults, func(a, b FieldError) int { return strings.Compare(a.Field, b.Field) })
			return invalidFields(faults)
		}
		return t.putSettings(changed)
	})
}

// putSettings writes a version of each setting.
func (t *tx) putSettings(changed map[string]string) error {
	for _, setting := range slices.Sorted(maps.Keys(changed)) {
		version := 1
		err := t.each(func(rows *sql.Rows) error { return rows.Scan(&version) }, `SELECT coalesce(max(version), 0) + 1 FROM regional_setting WHERE setting = $1`, setting)
		if err == nil {
			err = t.exec(`INSERT INTO regional_setting (setting, version, value, set_by, set_at) VALUES ($1, $2, $3, $4, $5)`,
				setting, version, changed[setting], t.actor.Name, micros(t.now))
		}
		if err == nil {
			err = t.audit("regional.set", setting, strconv.Quote(changed[setting]))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// value is what a setting is, or what is wrong with its name.
func (rc *regionalCodes) value(setting string) (now, fault string) {
	what, rest, _ := strings.Cut(setting, ".")
	switch c := rc.at(rest); {
	case what == "set" && isRegional(rest):
		return rc.chosen[rest], ""
	case what == "code" && c != nil:
		return c.Code, ""
	case what == "school" && rest != "":
		return rc.schools[rest], ""
	}
	return "", "unknown_setting"
}

// settingFault is what is wrong with the value of a setting by itself.
func settingFault(setting, value string) string {
	if strings.HasPrefix(setting, "set.") && !slices.Contains(RegionalSets(), value) {
		return "choice"
	}
	if value == "" {
		return ""
	}
	return textFault(value, codeLength)
}

// settingTaken refuses the code of another word of the list or of another school, and a
// school that is none.
func (t *tx) settingTaken(codes *regionalCodes, setting, value string) ([]FieldError, error) {
	taken := []FieldError{{Field: setting, Value: value, Code: "code_taken"}}
	what, rest, _ := strings.Cut(setting, ".")
	switch what {
	case "code":
		set, _, _ := strings.Cut(rest, ".")
		for _, other := range codes.sets[set] {
			if c := codes.at(rest); other.List == c.List && other.Word != c.Word && other.Code == value && value != "" {
				return taken, nil
			}
		}
	case "school":
		known, err := knownInstitution(t.each, rest)
		if err != nil {
			return nil, err
		}
		if _, there := known.institutions[rest]; !there {
			return []FieldError{{Field: setting, Value: rest, Code: "unknown_institution"}}, nil
		}
		for other, code := range codes.schools {
			if other != rest && code == value && value != "" {
				return taken, nil
			}
		}
	}
	return nil, nil
}
