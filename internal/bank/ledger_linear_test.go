package bank_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// asked is an operation on the account as a caller asks for it.
type asked struct {
	what    string
	account string
	record  int   // which of the account's
	number  int64 // of the deposit to reverse
}

// answered is what the caller was told.
type answered struct {
	done   bool
	number int64  // of the deposit
	sums   string // of a balance
}

// perAccount is how many records an account has.
const perAccount = 2

// books is an account by the book: where each record stands, and by which deposit.
type books [perAccount]struct {
	place   byte // -: nowhere, available, held, applied, redeemed
	deposit int64
}

// sums is the balance as a caller sees it.
func (s books) sums() string {
	count := map[byte]int{}
	for _, r := range s {
		count[r.place] += 4
	}
	return fmt.Sprintf("%d %d %d %d", count['a'], count['h'], count['p'], count['r'])
}

// step is the account after an operation, and whether it may have been answered so.
func (s books) step(in asked, out answered) (bool, books) {
	r := &s[in.record]
	move := func(from, to byte) (bool, books) {
		may := r.place == from
		if may {
			r.place = to
		}
		return may == out.done, s
	}
	switch in.what {
	case "balance":
		return out.sums == s.sums(), s
	case "deposit":
		if r.place == '-' {
			r.place, r.deposit = 'a', out.number
		}
		return out.done && r.deposit == out.number, s
	case "reverse":
		may := r.place == 'a' && r.deposit == in.number
		if may {
			r.place = '-'
		}
		return may == out.done, s
	case "hold":
		return move('a', 'h')
	case "release":
		return move('h', 'a')
	case "convert":
		return move('h', 'p')
	}
	return move('p', 'r')
}

// byTheBook is the specification: one account after the other, one operation after the other.
func byTheBook() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
			at := map[string]int{}
			for _, op := range history {
				account := op.Input.(asked).account
				i, known := at[account]
				if !known {
					i = len(parts)
					at[account] = i
					parts = append(parts, nil)
				}
				parts[i] = append(parts[i], op)
			}
			return parts
		},
		Init: func() any {
			var s books
			for i := range s {
				s[i].place = '-'
			}
			return s
		},
		Step: func(state, in, out any) (bool, any) { return state.(books).step(in.(asked), out.(answered)) },
	}
}

// ask does an operation. A refusal that says where the record stands is an answer.
func ask(b *bank.Bank, in asked) (answered, error) {
	name := refs(fmt.Sprintf("%s-%d", in.account, in.record))
	why := bank.Why{Reason: "linear"}
	var r bank.Receipt
	var err error
	switch in.what {
	case "balance":
		sum, err := b.Balance(ctx, in.account)
		var applied, redeemed int64
		for _, p := range sum.Programmes {
			applied, redeemed = applied+int64(p.Applied), redeemed+int64(p.Redeemed)
		}
		return answered{sums: fmt.Sprintf("%d %d %d %d", sum.Available/100, sum.Held/100, applied/100, redeemed/100)}, err
	case "deposit":
		r, err = b.Deposit(ctx, operator, in.account, []bank.DepositRecord{result(name[0].Reference)}, why)
	case "hold":
		r, err = b.Hold(ctx, operator, in.account, name, why)
	case "release":
		r, err = b.Release(ctx, operator, in.account, name, why)
	case "convert":
		r, err = b.Convert(ctx, operator, in.account, there, []bank.Conversion{{RecordRef: name[0], Worth: 400}}, why)
	case "redeem":
		r, err = b.Redeem(ctx, operator, in.account, there, name, why)
	case "reverse":
		r, err = b.Reverse(ctx, operator, []int64{in.number}, why)
	}
	if code := bank.CodeOf(err); code == bank.Conflict || code == bank.NotFound {
		return answered{}, nil
	}
	out := answered{done: err == nil}
	if len(r.Records) > 0 {
		out.number = r.Records[0].Entry
	}
	return out, err
}

// history lets callers ask at random, and keeps what each was told and when.
func history(t *testing.T, accounts []string, banks []*bank.Bank) []porcupine.Operation {
	var all []porcupine.Operation
	var mu sync.Mutex
	var wait sync.WaitGroup
	begin := time.Now()
	for client := range 6 {
		wait.Go(func() {
			known := map[string]int64{} // deposits that this caller saw
			for range 30 {
				in := asked{record: rand.IntN(perAccount), account: accounts[rand.IntN(len(accounts))],
					what: []string{"deposit", "deposit", "hold", "hold", "release", "convert", "redeem", "reverse", "balance", "balance"}[rand.IntN(10)]}
				which := fmt.Sprint(in.account, in.record)
				if n, seen := known[which]; in.what == "reverse" && seen {
					in.number = n
				} else if in.what == "reverse" {
					continue
				}
				call := time.Since(begin)
				out, err := ask(banks[client%len(banks)], in)
				back := time.Since(begin)
				if err != nil {
					t.Errorf("%+v: %v", in, err)
					return
				}
				if in.what == "deposit" {
					known[which] = out.number
				}
				mu.Lock()
				all = append(all, porcupine.Operation{ClientId: client, Input: in, Call: int64(call), Output: out, Return: int64(back)})
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return all
}

// Whatever many callers ask for at once, there is an order in which one after the
// other was told what it was told, and each between its question and its answer.
func TestLinearizable(t *testing.T) {
	check := func(t *testing.T, accounts []string, banks ...*bank.Bank) {
		all := history(t, accounts, banks)
		if got := porcupine.CheckOperationsTimeout(byTheBook(), all, time.Minute); got != porcupine.Ok {
			t.Errorf("%d operations: %s", len(all), got)
		}
		wantSound(t, banks[0])
	}
	one, several := []string{"L1"}, []string{"L1", "L2", "L3"}
	for _, accounts := range [][]string{one, several} {
		t.Run(fmt.Sprintf("%d accounts", len(accounts)), func(t *testing.T) {
			onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) { check(t, accounts, b) })
			t.Run("two on PostgreSQL", func(t *testing.T) {
				dsn, key := testbed.Postgres(t), filepath.Join(t.TempDir(), "key")
				check(t, accounts, little(t, opened(t, dsn, key)), opened(t, dsn, key))
			})
		})
	}
}

// The specification refuses a history in which a result is spent twice.
func TestSpecificationRefuses(t *testing.T) {
	at := func(client int, call, back int64, what string, out answered) porcupine.Operation {
		return porcupine.Operation{ClientId: client, Input: asked{what: what, account: "L1"}, Call: call, Output: out, Return: back}
	}
	history := []porcupine.Operation{at(0, 0, 1, "deposit", answered{done: true}), at(0, 2, 5, "hold", answered{done: true}), at(1, 3, 4, "hold", answered{done: true})}
	if porcupine.CheckOperations(byTheBook(), history) {
		t.Error("two holds of one result are by the book")
	}
}
