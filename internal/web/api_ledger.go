package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// How long caches may keep what the log gives: a tile and a proof between two
// given sizes for good, what follows the newest checkpoint for a few seconds.
const (
	forGood     = "public, max-age=31536000, immutable"
	forAMoment  = "public, max-age=5"
	freshFor    = time.Minute // a checkpoint is signed at most this often
	plainText   = "text/plain; charset=utf-8"
	binaryBytes = "application/octet-stream"
)

// checkpoint is the newest signed head of the log.
func (s *Server) checkpoint(c echo.Context) error {
	signed, err := s.bank.Checkpoint(c.Request().Context(), freshFor)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, forAMoment)
	return c.Blob(http.StatusOK, plainText, signed)
}

// tile is a part of the tree (C2SP tlog-tiles).
func (s *Server) tile(c echo.Context) error {
	path, err := pathValue(c, "*")
	if err != nil {
		return echo.ErrNotFound
	}
	hashes, err := s.bank.Tile(c.Request().Context(), "tile/"+path)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, forGood)
	return c.Blob(http.StatusOK, binaryBytes, hashes)
}

// proof shows that an entry is in the signed log; with what it says to those who
// may see it.
func (s *Server) proof(c echo.Context) error {
	number, known := wholeNumber(c.Param("number"))
	if !known {
		return echo.ErrNotFound
	}
	actor, err := s.actor(c)
	if err != nil {
		return err
	}
	p, err := s.bank.ViewProof(c.Request().Context(), actor, number)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Add(echo.HeaderVary, echo.HeaderAuthorization)
	h.Set(echo.HeaderCacheControl, forAMoment)
	if actor.Roles != 0 {
		h.Set(echo.HeaderCacheControl, "no-store")
	}
	return answerJSON(c, p)
}

// consistencyQuery names two sizes of the log.
type consistencyQuery struct {
	From string `query:"from" validate:"required,max=19"`
	To   string `query:"to" validate:"max=19"`
}

// consistency shows that the log of one size is the beginning of that of another.
func (s *Server) consistency(c echo.Context) error {
	var q consistencyQuery
	if err := s.query(c, &q); err != nil {
		return err
	}
	from, knownFrom := wholeNumber(q.From)
	to, knownTo := wholeNumber(q.To)
	switch {
	case !knownFrom:
		return invalid(bank.FieldError{Field: "from", Value: q.From, Code: "log_size"})
	case q.To != "" && (!knownTo || to == 0 && from > 0):
		return invalid(bank.FieldError{Field: "to", Value: q.To, Code: "log_size"})
	}
	p, err := s.bank.Consistency(c.Request().Context(), from, to)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, forAMoment)
	if to > 0 {
		c.Response().Header().Set(echo.HeaderCacheControl, forGood)
	}
	return answerJSON(c, p)
}

// wholeNumber reads the number of an entry or a size: digits as one writes them.
func wholeNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == text
}

// ledgerKeys are the public keys of the log, as verifiers keep them.
func (s *Server) ledgerKeys(c echo.Context) error {
	keys, err := s.bank.LedgerKeys(c.Request().Context())
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, forAMoment)
	return c.Blob(http.StatusOK, plainText, []byte(keys))
}
