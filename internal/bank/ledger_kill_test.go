package bank_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"creditbank/internal/bank"
)

// bookerOrder, in the environment, makes a process of this program book without end:
// the round, a colon, and the address of the bank.
const bookerOrder = "CREDITBANK_TEST_BOOKER"

// killRounds, in the environment, is how often TestKilledLedger kills; 15 without it.
const killRounds = "CREDITBANK_TEST_KILLS"

// bookers is how many book at once.
const bookers = 32

// TestBookerProcess is not a test but the process that [TestKilledLedger] kills: it
// prints each batch that was acknowledged.
func TestBookerProcess(t *testing.T) {
	round, dsn, found := strings.Cut(os.Getenv(bookerOrder), ":")
	if !found {
		t.Skip("only for the process that another test starts")
	}
	b, err := bank.OpenWith(ctx, dsn, bank.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range bookers {
		wait.Go(func() {
			for n := 0; ; n++ {
				transferOnce(b, fmt.Sprintf("%s-%d-%d", round, i, n))
			}
		})
	}
	wait.Wait()
}

// transferOnce deposits three results together and takes one of them all the way.
func transferOnce(b *bank.Bank, name string) {
	names := []string{name + "a", name + "b", name + "c"}
	tell := func(r bank.Receipt, err error) {
		if err != nil {
			fmt.Println("wrong", err)
			return
		}
		line := "kept"
		for _, e := range r.Entries {
			line += fmt.Sprintf(" %d,%s,%s", e.Number, e.Kind, e.Record.Reference)
		}
		fmt.Println(line)
	}
	tell(b.Deposit(ctx, operator, learnA, []bank.DepositRecord{result(names[0]), result(names[1]), result(names[2])}, bank.Why{}))
	tell(b.Hold(ctx, operator, learnA, refs(names[0], names[1]), bank.Why{}))
	tell(b.Convert(ctx, operator, learnA, there, []bank.Conversion{{RecordRef: ref(names[0]), Worth: 350}}, bank.Why{}))
	tell(b.Redeem(ctx, operator, learnA, there, refs(names[0]), bank.Why{}))
	tell(b.Release(ctx, operator, learnA, refs(names[1]), bank.Why{}))
}

// A process that is killed again and again, in the middle of whatever it does, has
// kept all that it had acknowledged and no half batch, and its log goes on from
// where it was signed.
func TestKilledLedger(t *testing.T) {
	rounds := 15
	if n, err := strconv.Atoi(os.Getenv(killRounds)); err == nil {
		rounds = n
	}
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "bank.db")
	b, err := bank.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	little(t, b)
	before := headOf(t, b, checkpointOf(t, b))
	acknowledged := map[int64]string{}
	for round := range rounds {
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		bookAndKill(t, dsn, round, acknowledged)
		if b, err = bank.Open(ctx, dsn); err != nil {
			t.Fatal(err)
		}
		after := headOf(t, b, checkpointOf(t, b))
		proof, err := b.Consistency(ctx, before.N, after.N)
		if err != nil || proof.Check(before, after) != nil {
			t.Fatalf("round %d: the log does not go on from %d to %d: %v", round, before.N, after.N, err)
		}
		before = after
		if round%10 == 9 || round == rounds-1 {
			wantAcknowledged(t, b, dsn, acknowledged)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("%d entries acknowledged of %d kept, over %d kills", len(acknowledged), before.N, rounds)
}

// bookAndKill lets a process book for a while and kills it, and takes up what it acknowledged.
func bookAndKill(t *testing.T, dsn string, round int, acknowledged map[int64]string) {
	t.Helper()
	booker := exec.Command(os.Args[0], "-test.run=^TestBookerProcess$", "-test.v")
	booker.Env = append(os.Environ(), fmt.Sprintf("%s=%d:%s", bookerOrder, round, dsn))
	out, err := booker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := booker.Start(); err != nil {
		t.Fatal(err)
	}
	enough := 1 + rand.IntN(120)
	kept := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || (words[0] != "kept" && words[0] != "wrong") {
			continue
		}
		if words[0] == "wrong" {
			t.Errorf("round %d: %s", round, lines.Text())
			continue
		}
		for _, word := range words[1:] {
			number, what, _ := strings.Cut(word, ",")
			n, err := strconv.ParseInt(number, 10, 64)
			if before, twice := acknowledged[n]; err != nil || twice {
				t.Errorf("round %d: entry %s is acknowledged as %s and before as %s", round, number, what, before)
			}
			acknowledged[n] = what
		}
		if kept++; kept == enough {
			_ = booker.Process.Kill() // what it had still said is read to the end
		}
	}
	if err := booker.Wait(); err == nil {
		t.Error("it came to its end before it was killed")
	}
}

// wantAcknowledged holds the ledger against what was acknowledged.
func wantAcknowledged(t *testing.T, b *bank.Bank, dsn string, acknowledged map[int64]string) {
	t.Helper()
	report := wantSound(t, b)
	raw := rawOf(t, dsn)
	rows, err := raw.Query("SELECT number, kind || ',' || reference FROM entry")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for rows.Next() {
		var n int64
		var what string
		if err := rows.Scan(&n, &what); err != nil {
			t.Fatal(err)
		}
		if want, told := acknowledged[n]; told {
			found++
			if what != want {
				t.Errorf("entry %d is %s, acknowledged was %s", n, what, want)
			}
		}
	}
	if err := rows.Close(); err != nil || found != len(acknowledged) {
		t.Errorf("%d of %d acknowledged entries are there, %v", found, len(acknowledged), err)
	}
	var halves int
	if err := raw.QueryRow(`SELECT count(*) FROM (SELECT batch FROM entry GROUP BY batch
		HAVING count(*) <> CASE min(kind) WHEN 'deposit' THEN 3 WHEN 'hold' THEN 2 WHEN 'convert' THEN 2 ELSE 1 END)`).Scan(&halves); err != nil || halves != 0 {
		t.Errorf("%d half batches, %v", halves, err)
	}
	if report.Entries < int64(len(acknowledged)) {
		t.Errorf("%d entries for %d acknowledged", report.Entries, len(acknowledged))
	}
}
