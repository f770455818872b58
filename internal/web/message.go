package web

import (
	"strconv"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

// MessageText is what somebody is told, as a sentence with the names by which people
// know what it speaks of: Institution, Clock, days and counts come as codes.
func MessageText(say Speaker, snapshot *bank.Snapshot, kind string, codes map[string]string) string {
	args := make(map[string]any, len(codes))
	for name, code := range codes {
		args[name] = code
		switch name {
		case "Institution":
			args[name] = say.Say("message.bank", nil)
			if head, known := snapshot.InstitutionHead(code); known {
				args[name] = say.Name(head.Name, head.NameEn)
			}
		case "Clock":
			args[name] = say.Say("clock."+code, nil)
		case "Kind":
			args[name] = say.Say("attestation.kind."+code, nil)
		case "Count":
			if n, err := strconv.Atoi(code); err == nil {
				args[name] = n
			}
		default:
			if d, err := calendar.Parse(code); err == nil {
				args[name] = Date(say, d)
			}
		}
	}
	return say.Say("message."+kind, args)
}
