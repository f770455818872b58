package bank

import (
	_ "embed" // the commonest passwords
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Lengths of a password, in characters (OWASP ASVS 5.0, 6.2.1 and 6.2.9). What it is
// made of is nobody's business.
const (
	leastPassword = 10
	mostPassword  = 128
)

// commonPasswords are the commonest that are long enough, one a line (OWASP ASVS
// 5.0, 6.2.4).
//
//go:embed login_password.txt
var commonPasswords string

// noPassword is a hash of today's cost that no password has. It is checked where
// there is none, so that the time does not tell that.
const noPassword = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// plainPassword makes one of the ways in which keyboards write the same password
// (NIST SP 800-63B, 3.1.1.2): digits of full width are digits.
func plainPassword(password string) string { return norm.NFKC.String(password) }

// needPassword refuses a password that is too short, too long, known to everybody,
// or made of what is known about the person: names, the account, numbers and what
// they end in. It promises Invalid, naming the field.
func needPassword(field, password string, known ...string) error {
	if fault := passwordFault(plainPassword(password), known); fault != "" {
		return invalidField(field, "", fault, map[string]any{"Min": leastPassword, "Limit": mostPassword})
	}
	return nil
}

func passwordFault(password string, known []string) string {
	length := utf8.RuneCountInString(password)
	folded := Fold(password)
	switch {
	case password == "":
		return "required"
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return "utf8"
	case length < leastPassword:
		return "password_short"
	case length > mostPassword:
		return "password_long"
	case ofPerson(folded, known):
		return "password_yours"
	case monotonous(folded) || wellKnown(folded) || strings.Contains(commonPasswords, "\n"+folded+"\n"):
		return "password_known"
	}
	return ""
}

// ofPerson says whether a password holds what is known about somebody. Of a number
// its last six digits are enough: they are the default password of many a school.
func ofPerson(password string, known []string) bool {
	const tail, shortest = 6, 4
	for _, text := range known {
		text = Fold(text)
		if utf8.RuneCountInString(text) < shortest {
			continue
		}
		end := text
		if digits := strings.TrimRight(text, "x"); len(digits) > tail && strings.Trim(digits[len(digits)-tail+1:], "0123456789") == "" {
			end = text[len(text)-tail:]
		}
		if strings.Contains(password, text) || end != text && strings.Contains(password, end) {
			return true
		}
	}
	return false
}

// rows of keyboards, and orders that everybody knows.
const orders = "01234567890 abcdefghijklmnopqrstuvwxyz qwertyuiop[] asdfghjkl;' zxcvbnm,./ 1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/ 1q2w3e4r5t6y7u8i9o0p qazwsxedcrfvtgbyhnujmikolp"

// monotonous says whether a password repeats a short piece, has hardly any
// different characters, or runs along a known order, forwards or backwards.
func monotonous(password string) bool {
	const fewest, longestPiece = 4, 5
	runes := []rune(password)
	different := map[rune]bool{}
	for _, r := range runes {
		different[r] = true
	}
	backwards := make([]rune, len(runes))
	for i, r := range runes {
		backwards[len(runes)-1-i] = r
	}
	for piece := 1; piece <= longestPiece; piece++ {
		if string(runes[piece:]) == string(runes[:len(runes)-piece]) {
			return true
		}
	}
	return len(different) < fewest || strings.Contains(orders, password) || strings.Contains(orders, string(backwards))
}

// wellKnown says whether a password is one of the commonest, or one of the words
// they are made of with digits or signs before or after it.
func wellKnown(password string) bool {
	bare := strings.TrimFunc(password, func(r rune) bool { return !unicode.IsLetter(r) })
	for _, word := range strings.Fields(knownWords) {
		if bare == word || password == word || bare == word+word {
			return true
		}
	}
	digits := strings.TrimFunc(password, func(r rune) bool { return !unicode.IsDigit(r) })
	return strings.IndexFunc(password, unicode.IsLetter) < 0 && madeOfKnown(digits) || len(bare) <= 2 && monotonousTail(digits)
}

// madeOfKnown says whether digits are known numbers one after the other.
func madeOfKnown(digits string) bool {
	reached := make([]bool, len(digits)+1)
	reached[0] = true
	numbers := strings.Fields(knownNumbers)
	for at := range digits {
		for _, number := range numbers {
			if reached[at] && strings.HasPrefix(digits[at:], number) {
				reached[at+len(number)] = true
			}
		}
	}
	return reached[len(digits)]
}

// monotonousTail says whether digits run along an order: a123456789, 1234567890qq.
func monotonousTail(digits string) bool {
	const enough = 8
	return len(digits) >= enough && (monotonous(digits) || strings.Contains(orders, digits))
}

// knownWords are the words of the commonest passwords, also in pinyin, without case;
// knownNumbers what people take for a number that nobody guesses (520, 1314: I love you, for ever).
const (
	knownWords = `password passwort passw0rd p@ssw0rd p@ssword qwerty qwertyuiop qwerty123456 qwertyui qwertyqwerty asdfgh asdfghjkl zxcvbn zxcvbnm
		asdfghjklzxcvbnm qazwsx qazwsxedc admin administrator root toor guest login user test testtest tester default changeme letmein welcome
		iloveyou ilovechina iloveu love lovely princess sunshine monkey dragon football baseball superman batman master shadow killer hello helloworld
		computer internet samsung starwars pokemon trustno freedom whatever michael jordan charlie jennifer secret mypassword yourpassword newpassword
		thisisapassword correcthorsebatterystaple woaini woaini woaiwojia woaizhongguo woaixuexi wodemima mima mimashi nihao nihaoma zhongguo
		beijing shanghai chongqing guangzhou xuexiao xuesheng laoshi laopo laogong baobao baobei qinaide aiwo asd qwe zxc qaz wsx abc abcd abcde abcdef
		abcdefg abcabc aaa qqq aini xuefenyinhang xuefen creditbank creditbanks credit student teacher school china`
	knownNumbers = `123456 1234567 12345678 123456789 1234567890 0123456789 9876543210 987654321 0987654321 1234554321 1122334455 11223344 112233
		5201314 1314520 520 521 1314 520520 13145201314 147258369 1472583690 159357 789456123 7894561230 741852963 369258147 123123 123321 1233211234567
		321321 112211 19491001 20080808 666 888 168 101010 121212 131313 111222 147852369 5845201314 7758521 7758258`
)
