package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// entryProof is the page of one entry: that it is in the log, how that is proven, and
// to those who may see it what it says.
type entryProof struct {
	bank.Proof
	Keys string // where the public keys are
}

// FileName is under which name the proof is taken along.
func (v entryProof) FileName() string { return "proof-" + strconv.FormatInt(v.Index, 10) + ".json" }

// FileURL is where the proof is taken along.
func (v entryProof) FileURL() string { return entryAddress(v.Index) + "/proof" }

// entryAddress is the page of an entry.
func entryAddress(number int64) string { return "/ledger/entries/" + strconv.FormatInt(number, 10) }

func (s *Server) entryPage(c echo.Context) error {
	p, err := s.entryProof(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "ledger_entry", entryProof{p, s.address.of(c.Request()) + apiBase + "/ledger/keys"})
}

// entryFile is the proof as programs check it.
func (s *Server) entryFile(c echo.Context) error {
	p, err := s.entryProof(c)
	if err != nil {
		return err
	}
	attach(c, entryProof{Proof: p}.FileName(), echo.MIMEApplicationJSON)
	return answerJSON(c, p)
}

// entryProof proves the entry that the address names, to whoever asks. What a person
// may see is kept by nobody on the way.
func (s *Server) entryProof(c echo.Context) (bank.Proof, error) {
	number, known := wholeNumber(c.Param("number"))
	if !known {
		return bank.Proof{}, echo.ErrNotFound
	}
	actor, err := s.person(c)
	if err != nil {
		return bank.Proof{}, err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return s.bank.ViewProof(c.Request().Context(), actor, number)
}
