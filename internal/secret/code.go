package secret

import (
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"strconv"
	"strings"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// One-time codes by the time (RFC 6238), as every authenticator app knows them:
// SHA-1, six digits, a new one every thirty seconds.
const (
	codeSecretLength = 20 // bytes, RFC 4226 section 4
	codePeriod       = 30 // seconds
	codeDigits       = otp.DigitsSix
)

// NewCodeSecret makes the secret that an app and the bank share, in base 32.
func NewCodeSecret() (string, error) {
	secret := make([]byte, codeSecretLength)
	if _, err := rand.Read(secret); err != nil {
		return "", err
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret), nil
}

// CodeURL is the address that an app reads from a QR code: whose bank, whose login, the secret.
func CodeURL(issuer, login, secret string) string {
	query := url.Values{"secret": {secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {strconv.Itoa(codeDigits.Length())}, "period": {strconv.Itoa(codePeriod)}}
	// Some apps take a plus sign for itself.
	return (&url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + login, RawQuery: strings.ReplaceAll(query.Encode(), "+", "%20")}).String()
}

// CheckCode says whether a code is right at a moment, in seconds since 1970, or one
// period before or after it. step is the number of the period that it is of: whoever
// keeps the last one refuses a code that comes again, which is one of that step or before.
func CheckCode(secret, code string, now int64) (step int64, ok bool) {
	at := now / codePeriod
	for _, step := range [...]int64{at, at - 1, at + 1} {
		right, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: codeDigits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && right {
			return step, true
		}
	}
	return 0, false
}
