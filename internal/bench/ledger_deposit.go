package bench

import (
	"encoding/json"
	"net/http"
)

// besideNothing sets deposits beside the same server when it writes nothing: how
// many a second, and how long the slowest of a hundred take.
func (r *run) besideNothing(size ledgerSize, s *site) error {
	row := Row{ID: "D1", What: "64 callers over HTTP", Beside: "the same handler, writing nothing", Unit: "of its rate", Must: atLeast(0.42), Aim: atLeast(0.70)}
	slow := Row{ID: "D4", What: "p99, 64 callers over HTTP", Beside: "p99 of the handler that writes nothing", Unit: "×", Must: atMost(1.5), Aim: atMost(0.8)}
	load := s.bank.Load()
	var ours, theirs []turn
	pairs, err := interleave(r.ctx, byWall, size.pairs, s.turns(r, s.writing, size.deposits, &ours), s.turns(r, s.silent, size.deposits, &theirs))
	if err != nil {
		return err
	}
	wrote := s.bank.Load()
	if got, want := wrote.Writes-load.Writes, int64((size.pairs+1)*size.deposits); got != want {
		row.fault("%d writes were kept, %d deposits were acknowledged", got, want)
	}
	s.checkSilence(r, &row)
	s.audit(r.ctx, &row)
	row.note("%s deposits a second, %s without writing; %.1f writes shared a flush of the disk", figure(1/median(pairs.A)), figure(1/median(pairs.B)),
		perCommit(load.Writes, load.Commits, wrote.Writes, wrote.Commits))
	row.note("the peer is the bank's own server before the same bank, with the same routing, log, token, JSON, validation against description and map, and an answer " +
		"of the same length; it enters no queue, looks up no key and no result, and writes nothing. The callers share the processors with both")
	r.add(row.of(pairs))

	tail := Series{Disturbed: pairs.Disturbed}
	for i := range pairs.A { // the first turn of each does not count
		tail.add(quantile(theirs[i+1].took, 0.99), quantile(ours[i+1].took, 0.99))
	}
	tail.judgeSpread()
	slow.note("p99 %s, p50 %s; without writing %s and %s", took(median(tail.B)), took(middle(ours)), took(median(tail.A)), took(middle(theirs)))
	r.add(slow.of(tail))
	return nil
}

// turns lets the callers deposit, and keeps what each turn came to. It measures
// seconds a deposit.
func (s *site) turns(r *run, to *endpoint, deposits int, all *[]turn) timed {
	return func() (float64, error) {
		t, err := s.crowd(r.ctx, to, deposits)
		if err != nil {
			return 0, err
		}
		*all = append(*all, t)
		return t.each(), nil
	}
}

// middle is the median time of a request in all turns but the first.
func middle(turns []turn) float64 {
	var all []float64
	for _, t := range turns[1:] {
		all = append(all, t.took...)
	}
	return median(all)
}

func perCommit(writes, commits, laterWrites, laterCommits int64) float64 {
	return float64(laterWrites-writes) / float64(max(1, laterCommits-commits))
}

// besideSingle sets a bank whose writes share transactions beside one that takes
// one for each, both over HTTP; ours is what a database server of ours takes of
// the processor.
func (r *run) besideSingle(size ledgerSize, id, what string, ours func() float64, grouped, single *site) error {
	row := Row{ID: id, What: what, Beside: "one transaction a request, same program", Unit: "×", Must: atLeast(4.5), Aim: atLeast(7)}
	if id == "D6" {
		row.Must, row.Aim = atLeast(2), atLeast(4)
	}
	before, alone := grouped.bank.Load(), single.bank.Load()
	var a, b []turn
	many, one := grouped.turns(r, grouped.writing, size.deposits, &a), single.turns(r, single.writing, size.single, &b)
	for _, warm := range []timed{many, one} {
		if _, err := warm(); err != nil {
			return err
		}
	}
	pairs, err := interleaveBeside(r.ctx, byWall, size.pairs, ours, many, one)
	if err != nil {
		return err
	}
	after, aloneAfter := grouped.bank.Load(), single.bank.Load()
	shared := perCommit(before.Writes, before.Commits, after.Writes, after.Commits)
	const least = 2 // of 64 that ask at once, more than these share a flush on any machine
	if shared < least {
		row.fault("only %.1f writes shared a flush", shared)
	}
	if writes, commits := aloneAfter.Writes-alone.Writes, aloneAfter.Commits-alone.Commits; writes != commits || writes != int64((size.pairs+1)*size.single) {
		row.fault("%d deposits alone: %d writes in %d transactions", (size.pairs+1)*size.single, writes, commits)
	}
	grouped.audit(r.ctx, &row)
	single.audit(r.ctx, &row)
	row.note("%s deposits a second, %.1f to a flush; one by one %s", figure(1/median(pairs.A)), shared, figure(1/median(pairs.B)))
	r.add(row.of(pairs))
	return nil
}

// checkSilence finds out whether the peer that writes nothing does all else: it
// refuses a wrong token and a wrong result, and answers as much as the bank does.
func (s *site) checkSilence(r *run, row *Row) {
	ask := func(to *endpoint, secret, key string, change func(map[string]string)) reply {
		c, err := dial(r.ctx, to.address, secret)
		if err != nil {
			row.fault("%v", err)
			return reply{}
		}
		defer func() { _ = c.conn.Close() }()
		answer, err := c.post(accountName(0), key, bodyOfChanged(s.first[0].number, change))
		if err != nil {
			row.fault("%v", err)
		}
		return answer
	}
	same := func(map[string]string) {}
	if got := ask(s.silent, s.secret+"x", "a", same); got.status != http.StatusUnauthorized {
		row.fault("the silent handler takes any token: %d", got.status)
	}
	if got := ask(s.silent, s.secret, "b", func(d map[string]string) { d["course"] = "none" }); got.status != http.StatusUnprocessableEntity {
		row.fault("the silent handler takes any course: %d", got.status)
	}
	const slack = 16 // numbers grow by a digit
	got := ask(s.silent, s.secret, "c", same)
	if d := len(got.body) - len(s.first[0].answer); got.status != http.StatusCreated || d > slack || d < -slack {
		row.fault("the silent handler answers %d with %d bytes, the bank %d", got.status, len(got.body), len(s.first[0].answer))
	}
	if got.again {
		row.fault("the silent handler knows a key")
	}
}

// bodyOfChanged is a deposit with something else in it.
func bodyOfChanged(n int64, change func(map[string]string)) []byte {
	var d map[string]string
	_ = json.Unmarshal(bodyOf(depositOf(n)), &d) // it was made a line before
	change(d)
	text, _ := json.Marshal(d)
	return text
}
