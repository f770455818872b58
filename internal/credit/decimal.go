// Package credit is the bank's unit of account: exact credits, hours, scores
// and shares as whole numbers of a small unit, and the rounding between them.
// Nothing here is a floating-point number.
package credit

import "strconv"

// readDecimal reads ASCII digits with at most places decimals as a whole number
// of 10^-places, up to max. It takes no sign, exponent, separator or other
// script's digits: what a person may have meant by them is not guessed.
func readDecimal(s string, places int, max int64) (int64, bool) {
	var value int64
	point := -1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			value = value*10 + int64(c-'0')
		case c == '.' && point < 0 && i > 0:
			point = i
		default:
			return 0, false
		}
		if value > max || (point >= 0 && i-point > places) {
			return 0, false
		}
	}
	decimals := 0
	if point >= 0 {
		decimals = len(s) - point - 1
	}
	if s == "" || point == len(s)-1 {
		return 0, false
	}
	for ; decimals < places; decimals++ {
		value *= 10
	}
	return value, value <= max
}

// writeDecimal prints a whole number of 10^-places without trailing zeros.
func writeDecimal(value int64, places int) string {
	var buffer [24]byte
	out := buffer[:0]
	magnitude := uint64(value)
	if value < 0 {
		out = append(out, '-')
		magnitude = -magnitude
	}
	for places > 0 && magnitude%10 == 0 {
		magnitude /= 10
		places--
	}
	if places == 0 {
		return string(strconv.AppendUint(out, magnitude, 10))
	}
	unit := power10(places)
	out = strconv.AppendUint(out, magnitude/unit, 10)
	// The leading 1 keeps the zeros after the point; the point then takes its place.
	start := len(out)
	out = strconv.AppendUint(out, unit+magnitude%unit, 10)
	out[start] = '.'
	return string(out)
}

func power10(n int) uint64 {
	power := uint64(1)
	for ; n > 0; n-- {
		power *= 10
	}
	return power
}
