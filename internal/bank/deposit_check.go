package bank

import "context"

// CheckDeposit refuses what [Bank.Deposit] refuses before it looks at the ledger:
// what is wrong with the results themselves, and who may not deposit them. It
// writes nothing.
func (b *Bank) CheckDeposit(ctx context.Context, actor Actor, account string, in []DepositRecord) error {
	if err := actor.mayIssue(in); err != nil {
		return err
	}
	if err := checkCount("records", len(in)); err != nil {
		return err
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return err
	}
	_, err = b.readDeposits(s, account, in)
	return err
}
