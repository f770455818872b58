package main

import (
	"errors"
	"io"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
	"creditbank/internal/web"
)

// auditCommand holds what is done with the audit log.
type auditCommand struct {
	List   auditListCommand   `cmd:"" help:"List rows, the newest first."`
	Export auditExportCommand `cmd:"" help:"Give rows out as CSV, with the links by which they can be checked elsewhere."`
}

// auditFlags narrow the audit log.
type auditFlags struct {
	Actor   string `name:"actor" help:"Number of a login or token: who did it."`
	Subject string `name:"subject" help:"Account of the learner it is about."`
	Object  string `name:"object" help:"What it was done to."`
	Action  string `name:"action" help:"What was done, such as look or import."`
	From    string `name:"from" help:"First day, 2026-09-01."`
	Until   string `name:"until" help:"Last day."`
}

func (f auditFlags) query() bank.AuditQuery {
	return bank.AuditQuery{Actor: f.Actor, Subject: f.Subject, Object: f.Object, Action: f.Action, From: f.From, Until: f.Until}
}

type auditListCommand struct {
	auditFlags
	Limit  int    `name:"limit" default:"20" help:"How many rows."`
	Cursor string `name:"cursor" help:"Where the rows before went on to."`
}

// listedAudit is a row as JSON.
type listedAudit struct {
	Number      int64  `json:"number"`
	At          string `json:"at"`
	Actor       string `json:"actor"`
	Role        string `json:"role"`
	Institution string `json:"institution"`
	Origin      string `json:"origin"`
	Action      string `json:"action"`
	Object      string `json:"object"`
	Subject     string `json:"subject"`
	Detail      string `json:"detail"`
	Purpose     string `json:"purpose"`
	Link        string `json:"link"`
}

// Run lists rows of the audit log.
func (c auditListCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		page, err := b.AuditSearch(a.ctx, operator, c.query(), bank.Window{Cursor: c.Cursor, Limit: c.Limit})
		if err != nil {
			return err
		}
		list := make([]listedAudit, len(page.Items))
		for i, r := range page.Items {
			list[i] = listedAudit{r.Number, web.MomentToSecond(a.say, r.Moment()), r.Actor, r.Role, r.Institution, r.Origin, r.Action, r.Object, r.Subject, r.Detail, r.Purpose, r.Link.String()}
		}
		if a.cli.JSON {
			for i, r := range page.Items {
				list[i].At = r.Moment().UTC().Format("2006-01-02T15:04:05.000000Z")
			}
			return a.printJSON(map[string]any{"items": list, "total": page.Total, "next": page.Next})
		}
		for _, r := range list {
			if err := a.sentence("cli.audit_line", r.args()); err != nil {
				return err
			}
		}
		return nil
	})
}

// args fill the line about a row.
func (r listedAudit) args() map[string]any {
	return map[string]any{"Number": r.Number, "At": r.At, "Actor": r.Actor, "Role": r.Role, "Institution": r.Institution, "Origin": r.Origin,
		"Action": r.Action, "Object": r.Object, "Subject": r.Subject, "Detail": r.Detail, "Purpose": r.Purpose}
}

type auditExportCommand struct {
	auditFlags
	Out string `name:"out" help:"File to write; else standard output."`
}

// Run gives rows of the audit log out. A file is in place only when it is whole.
func (c auditExportCommand) Run(a *app) error {
	if c.Out == "" {
		return c.write(a, a.stdout)
	}
	file, err := newOutput(c.Out)
	if err != nil {
		return err
	}
	return file.finish(c.write(a, file))
}

func (c auditExportCommand) write(a *app, out io.Writer) error {
	return a.withStanding(func(b *bank.Bank) error {
		w := sheet.NewWriter(out)
		err := b.AuditExport(a.ctx, operator, c.query(), func(cells ...string) error { return w.Write(cells) })
		return errors.Join(err, w.Flush())
	})
}
