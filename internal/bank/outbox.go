package bank

// post puts letters for messages into the outbox, when this bank sends letters. The
// number of the message is the letter's key: there is one letter for a message.
func (t *tx) post(messages [][]any) error {
	if !t.db.letters {
		return nil
	}
	rows := make([][]any, len(messages))
	for i, m := range messages {
		rows[i] = []any{m[0], "waiting", 0, micros(t.now), micros(t.now)}
	}
	return t.insert("outbox", []string{"message", "state", "tries", "next_at", "made_at"}, rows)
}
