package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/labstack/echo/v4"
)

// The secret of an app that is being set up, and its address, in the session.
const (
	keyTOTP    = "totp"
	keyTOTPURL = "totp_url"
)

// totpPage shows a secret to an app, and asks for a code in return.
type totpPage struct {
	Form   form
	Secret string // in groups of four
	QR     qrCode
}

// beginTOTP makes a secret, to be shown until a code of it comes back.
func (s *Server) beginTOTP(c echo.Context) error {
	return s.whileFresh(c, func(v *visit) error {
		secret, url, err := s.bank.BeginTOTP(c.Request().Context(), v.actor)
		if err != nil {
			return err
		}
		s.put(v, keyTOTP, secret, keyTOTPURL, url)
		if err := s.keep(c, v); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/account/totp")
	})
}

// totpForm shows the secret that is being set up.
func (s *Server) totpForm(c echo.Context) error {
	v, err := s.visit(c)
	switch {
	case err != nil:
		return err
	case s.text(v, keyTOTP) == "":
		return c.Redirect(http.StatusSeeOther, "/account")
	}
	return s.showTOTP(c, v, http.StatusOK, form{})
}

func (s *Server) showTOTP(c echo.Context, v *visit, status int, f form) error {
	code, err := newQR(s.text(v, keyTOTPURL))
	if err != nil {
		return err
	}
	return s.render(c, status, "account_totp", totpPage{Form: f, Secret: inGroups(s.text(v, keyTOTP)), QR: code})
}

// confirmTOTP keeps the secret, once a code shows that the app has it.
func (s *Server) confirmTOTP(c echo.Context) error {
	v, err := s.visit(c)
	switch {
	case err != nil:
		return err
	case !s.fresh(v):
		return s.askAgain(c)
	case s.text(v, keyTOTP) == "":
		return c.Redirect(http.StatusSeeOther, "/account")
	}
	f := readFields(c, "code")
	if f.require(s.speaker(c), "code") {
		return s.showTOTP(c, v, http.StatusUnprocessableEntity, f)
	}
	if err := s.bank.ConfirmTOTP(c.Request().Context(), v.actor, s.text(v, keyTOTP), f.Get("code")); err != nil {
		status := f.refusal(s.speaker(c), err, "code")
		if status == 0 {
			return err
		}
		setRetryAfter(c, err)
		return s.showTOTP(c, v, status, f)
	}
	s.sessions.Remove(v.session, keyTOTP)
	s.sessions.Remove(v.session, keyTOTPURL)
	if err := s.riseAlone(c, v); err != nil {
		return err
	}
	return s.accountAfter(c, "totp")
}

// inGroups writes a secret so that people can copy it by hand.
func inGroups(text string) string {
	const group = 4
	var out strings.Builder
	for i, r := range text {
		if i > 0 && i%group == 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// qrCode is a QR code as a path of one drawing, a unit a module, with the margin
// of four that readers need (ISO/IEC 18004).
type qrCode struct {
	Size int
	Path string
}

func newQR(text string) (qrCode, error) {
	const margin = 4
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return qrCode{}, fmt.Errorf("QR code: %w", err)
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			begin := x
			for x < size && dark(code.At(x, y).RGBA()) {
				x++
			}
			if x > begin {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", begin+margin, y+margin, x-begin, x-begin)
			}
		}
	}
	return qrCode{Size: size + 2*margin, Path: path.String()}, nil
}

func dark(r, _, _, _ uint32) bool { return r == 0 }
