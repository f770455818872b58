package bank

import (
	"fmt"
	"strconv"
)

// sealedColumn is a column of sealed texts: a change of keys seals them again.
type sealedColumn struct {
	table  string
	keys   []string // the columns of a key; the text is bound to rowName of their values
	column string
	kind   string // what it was sealed as
	read   string // which rows are still read, and may be changed; empty: all
}

// others is the condition for rows that another key sealed than that of prefix $2, of length $1.
func (c sealedColumn) others() string {
	condition := fmt.Sprintf("substr(%s, 1, $1) <> $2", c.column)
	if c.read != "" {
		condition += " AND " + c.read
	}
	return condition
}

// sealedColumns are all there are: one that is missing here could not be read any
// more after a change of keys.
func sealedColumns() []sealedColumn {
	return []sealedColumn{
		{"learner", []string{"account"}, "sealed", learnerKind, ""},
		{"login", []string{"id"}, "personal", "login.personal", ""},
		{"login", []string{"id"}, "totp", "login.totp", ""},
		{"passkey", []string{"id"}, "personal", "passkey.personal", ""},
		{"invitation", []string{"id"}, "payload", "invitation.payload", "used_at IS NULL"},
		{"session", []string{"token"}, "data", "session.data", "NOT ended"},
		{"consent", []string{"id"}, "guardian", "consent.guardian", ""},
		{"share", []string{"id"}, "note", "share.note", ""},
		{"correction", []string{"id"}, "value", "correction.value", ""},
		{"correction", []string{"id"}, "why", "correction.why", ""},
		{"correction", []string{"id"}, "answer", "correction.answer", ""},
		{"evaluation_request", []string{"id"}, "text", "evaluation_request.text", ""},
		{"application", []string{"id"}, "note", "application.note", ""},
		{"decision", []string{"id"}, "texts", "decision.texts", ""},
		{"appeal", []string{"id"}, "text", "appeal.text", ""},
		{"consequence", []string{"id"}, "text", "consequence.text", ""},
		{"prior_learning", []string{"id"}, "texts", "prior_learning.texts", ""},
		{"prior_judgement", []string{"prior_learning", "round"}, "notes", "prior_judgement.notes", ""},
		{"prior_appeal", []string{"prior_learning", "round"}, "text", "prior_appeal.text", ""},
		{"prior_decision", []string{"id"}, "texts", "prior_decision.texts", ""},
		{"attestation", []string{"id"}, "content", "attestation.content", ""},
		{"attestation", []string{"id"}, "opinion_text", "attestation.opinion", ""},
		{"attestation", []string{"id"}, "answer", "attestation.answer", ""},
		{"placement_day", []string{"attestation", "day"}, "text", "placement_day.text", ""},
		{"placement_mark", []string{"attestation", "side"}, "text", "placement_mark.text", ""},
		{"attachment", []string{"id"}, "sealed_name", "attachment.name", ""},
		{"attachment", []string{"id"}, "sealed", sealedFile, ""},
		{"regional_result", []string{"institution", "reference", "used_institution", "used_course"}, "sealed", sealedSoft, ""},
		{"upload_part", []string{"upload", "what", "seq"}, "sealed", sealedUpload, ""},
	}
}

// rowName is what the text of a row is bound to: the value of its key, or its values
// put together with [rowKey]. Numbers are in digits, bytes as they are.
func rowName(values []any) string {
	parts := make([]string, len(values))
	for i, value := range values {
		switch v := value.(type) {
		case []byte:
			parts[i] = string(v)
		case int64:
			parts[i] = strconv.FormatInt(v, 10)
		default:
			parts[i] = fmt.Sprint(v)
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return rowKey(parts...)
}
