package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

const yearInSeconds = 365 * 24 * 60 * 60

// chooseLanguage keeps the reader's language and goes back to where they were.
func (s *Server) chooseLanguage(c echo.Context) error {
	s.keepLanguage(c, c.FormValue("language"))
	return c.Redirect(http.StatusSeeOther, ownAddress(c.FormValue("back")))
}

// keepLanguage speaks a language from now on, in this answer too.
func (s *Server) keepLanguage(c echo.Context, asked string) {
	cookie := &http.Cookie{Name: s.address.cookie(c.Request(), languageCookie), Value: s.languages.Speaker(asked).Tag, Path: "/", MaxAge: yearInSeconds,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.address.safe(c.Request())}
	c.SetCookie(cookie)
	c.Request().Header.Del(echo.HeaderCookie)
	c.Request().AddCookie(cookie)
}

// ownAddress is a path of this site, or its first page: nobody is sent elsewhere.
func ownAddress(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(u.Path, "//") || strings.ContainsAny(u.Path, "\\\x00\r\n\t") {
		return "/"
	}
	own := url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
	return own.String()
}
