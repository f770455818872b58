package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// messagePage lists what the person was told, the newest first.
type messagePage struct {
	Items  []messageRow
	Unread int
	Pager  pager
	Mails  bool // the bank sends letters
	Wants  bool // and this person gets them
}

// messageRow is a message as a sentence.
type messageRow struct {
	bank.Message
	Text   string
	School bank.InstitutionInfo // as whose staff they are told
}

// messages shows the page.
func (s *Server) messages(c echo.Context) error {
	ctx, actor := c.Request().Context(), actorOf(c)
	list, err := s.bank.Messages(ctx, actor, window(c))
	if err != nil {
		return err
	}
	snapshot, err := s.bank.Snapshot(ctx)
	if err != nil {
		return err
	}
	var p messagePage
	if p.Unread, err = s.bank.UnreadMessages(ctx, actor); err != nil {
		return err
	}
	if p.Mails = s.bank.SendsLetters(); p.Mails {
		if p.Wants, err = s.bank.WantsLetters(ctx, actor); err != nil {
			return err
		}
	}
	for _, m := range list.Items {
		row := messageRow{Message: m, Text: MessageText(s.speaker(c), snapshot, m.Kind, m.Args)}
		row.School, _ = snapshot.InstitutionHead(m.Institution)
		p.Items = append(p.Items, row)
	}
	p.Pager = pagerOf(c, "/messages", len(list.Items), list.Total, nil)
	return s.render(c, http.StatusOK, "messages", p)
}

// openMessage leads to what a message is about, and marks it as read. Who is told as
// staff of another place goes on there.
func (s *Server) openMessage(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	m, err := s.bank.OpenMessage(c.Request().Context(), v.actor, c.Param("message"))
	if err != nil {
		return err
	}
	if m.Institution != "" && m.Institution != v.actor.Institution {
		if err := s.sitDown(c, v, m.Institution); err != nil && bank.CodeOf(err) != bank.NotFound {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, m.Object)
}

// readMessages marks all as read.
func (s *Server) readMessages(c echo.Context) error {
	if err := s.bank.ReadMessages(c.Request().Context(), actorOf(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/messages")
}

// chooseMail says whether messages come by e-mail, too.
func (s *Server) chooseMail(c echo.Context) error {
	if err := s.bank.SetWantsLetters(c.Request().Context(), actorOf(c), c.FormValue("mail") == "1"); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/messages")
}
