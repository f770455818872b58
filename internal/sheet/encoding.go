package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings that are recognised, by the names that people know.
const (
	UTF8    = "UTF-8"
	UTF16LE = "UTF-16LE"
	UTF16BE = "UTF-16BE"
	GB18030 = "GB18030" // which GBK and GB2312 are part of
)

// sampleSize is how much of a file is looked at before its encoding is said.
const sampleSize = 1 << 20

// decoded gives the text of a file as UTF-8, whatever it is in, without a byte
// order mark, and the name of what it is in.
func decoded(in *bufio.Reader) (text *bufio.Reader, name string, err error) {
	sample, err := peeked(in)
	if err != nil {
		return nil, "", err
	}
	name, mark := encodingOf(sample)
	if _, err := in.Discard(mark); err != nil {
		return nil, "", err
	}
	if name == UTF8 {
		return in, name, nil
	}
	return bufio.NewReaderSize(transform.NewReader(in, decoder(name).NewDecoder()), 64<<10), name, nil
}

// peeked looks ahead as far as the buffer goes. What cannot be read beyond that
// is told where it is met.
func peeked(in *bufio.Reader) ([]byte, error) {
	head, err := in.Peek(in.Size())
	if len(head) > 0 || err == io.EOF {
		return head, nil
	}
	return nil, err
}

func decoder(name string) encoding.Encoding {
	switch name {
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return simplifiedchinese.GB18030
}

// encodingOf says what the beginning of a file is in, and how long its byte
// order mark is. Without one it is UTF-8 unless most of what is not ASCII cannot
// be, and can be GB18030: a file in UTF-8 with a few broken cells stays one, so
// that they are named.
func encodingOf(sample []byte) (name string, mark int) {
	switch {
	case bytes.HasPrefix(sample, []byte(byteOrderMark)):
		return UTF8, len(byteOrderMark)
	case bytes.HasPrefix(sample, []byte("\xff\xfe")):
		return UTF16LE, 2
	case bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return UTF16BE, 2
	}
	if name := unmarkedUTF16(sample); name != "" {
		return name, 0
	}
	good, bad := countUTF8(sample)
	if bad > good && readsAsGB18030(sample, bad) {
		return GB18030, 0
	}
	return UTF8, 0
}

// unmarkedUTF16 knows UTF-16 without a mark by the zero bytes that ASCII has in
// it: separators and digits stand in every file.
func unmarkedUTF16(sample []byte) string {
	head := sample[:min(len(sample), 1<<10)&^1]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	const share = 5 // one character of five
	switch {
	case len(head) < 4:
	case zeros[1] > len(head)/2/share && zeros[0] == 0:
		return UTF16LE
	case zeros[0] > len(head)/2/share && zeros[1] == 0:
		return UTF16BE
	}
	return ""
}

// countUTF8 counts characters beyond ASCII, and bytes that are in none. What is
// cut at the end counts for neither.
func countUTF8(sample []byte) (good, bad int) {
	for len(sample) > 0 {
		if sample[0] < utf8.RuneSelf {
			sample = sample[1:]
			continue
		}
		r, size := utf8.DecodeRune(sample)
		switch {
		case r != utf8.RuneError || size > 1:
			good++
		case utf8.FullRune(sample):
			bad++
		}
		sample = sample[size:]
	}
	return good, bad
}

// readsAsGB18030 says whether a sample makes sense in GB18030: hardly anything in
// it is no character there.
func readsAsGB18030(sample []byte, bad int) bool {
	text, _, err := transform.Bytes(simplifiedchinese.GB18030.NewDecoder(), sample)
	if err != nil && !errors.Is(err, transform.ErrShortSrc) {
		return false
	}
	const hardly = 8
	return strings.Count(string(text), string(utf8.RuneError)) <= bad/hardly
}

// separatorOf says what stands between the cells of a file: whichever of comma,
// semicolon and tab its first line with content has most of; where titles may
// stand above the header, its first line that has any.
func separatorOf(in *bufio.Reader, titled bool) (byte, error) {
	head, err := peeked(in)
	if err != nil {
		return 0, err
	}
	candidates := []byte{',', ';', '\t'}
	for line := range bytes.FieldsFuncSeq(head, func(r rune) bool { return r == '\n' || r == '\r' }) {
		best, most := candidates[0], 0
		for _, c := range candidates {
			if n := countOutside(line, c); n > most {
				best, most = c, n
			}
		}
		if (most > 0 || !titled) && len(bytes.Trim(line, " ,;\t\u3000")) > 0 {
			return best, nil
		}
	}
	return candidates[0], nil
}

// countOutside counts a byte outside quotes.
func countOutside(line []byte, c byte) (n int) {
	quoted := false
	for _, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case b == c && !quoted:
			n++
		}
	}
	return n
}
