package ledger

import "unicode/utf8"

// MaxText is the longest text of an entry, in characters.
const MaxText = 80

const (
	absent    = "-"   // stands for a text without characters
	dashAlone = "%2D" // the text that is a single dash
	upperHex  = "0123456789ABCDEF"
)

// special tells the bytes that are written as % and two upper-case hex digits:
// controls, DEL, and the three marks the form itself uses. Everything else,
// every byte of a character beyond ASCII too, stands as it is.
func special(c byte) bool { return c < 0x20 || c == 0x7f || c == '%' || c == ':' || c == '@' }

// appendText writes a text so that it contains no line end and no mark of the form.
func appendText(to []byte, s string) []byte {
	switch s {
	case "":
		return append(to, absent...)
	case absent:
		return append(to, dashAlone...)
	}
	from := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; special(c) {
			to = append(append(to, s[from:i]...), '%', upperHex[c>>4], upperHex[c&15])
			from = i + 1
		}
	}
	return append(to, s[from:]...)
}

// readText undoes appendText. It takes only what appendText writes: that is
// checked by writing it again, so one text has one form.
func readText(form string) (string, bool) {
	if form == absent {
		return "", true
	}
	text := make([]byte, 0, len(form))
	for i := 0; i < len(form); i++ {
		if form[i] != '%' {
			text = append(text, form[i])
			continue
		}
		if i+2 >= len(form) {
			return "", false
		}
		text = append(text, unhex(form[i+1])<<4|unhex(form[i+2]))
		i += 2
	}
	var again [4 * MaxText]byte
	s := string(text)
	return s, string(appendText(again[:0], s)) == form
}

func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 0
}

// checkText holds a text against its bounds, and says which it breaks.
func checkText(s string, required bool) Code {
	switch {
	case s == "" && required:
		return Missing
	case len(s) > MaxText && utf8.RuneCountInString(s) > MaxText:
		return TooLong
	case !utf8.ValidString(s):
		return NotText
	}
	return ""
}

// checkWord holds a word against its form: lower-case letters and underscores.
func checkWord(s string) Code {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && c != '_' {
			return NotWord
		}
	}
	return checkText(s, true)
}
