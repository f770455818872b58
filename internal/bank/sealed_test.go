package bank_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

func openWith(t *testing.T, dsn string, o bank.Options) (*bank.Bank, error) {
	t.Helper()
	b, err := bank.OpenWith(context.Background(), dsn, o)
	if err == nil {
		t.Cleanup(func() { _ = b.Close() })
	}
	return b, err
}

// Two processes of a bank share its keys; what one sealed the other opens.
func TestSealedIsReadByAllProcesses(t *testing.T) {
	ctx := context.Background()
	run := func(t *testing.T, dsn string, o bank.Options) {
		one, err := openWith(t, dsn, o)
		if err != nil {
			t.Fatal(err)
		}
		two, err := openWith(t, dsn, o)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := one.Seal(ctx, "learner", "L1", []byte("张三"))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := two.Unseal("learner", "L1", sealed); err != nil || string(plain) != "张三" {
			t.Errorf("%q, %v", plain, err)
		}
		if plain, err := two.Unseal("learner", "L2", sealed); err == nil || strings.Contains(err.Error(), "张三") {
			t.Errorf("another row's opened: %q, %v", plain, err)
		}
		here, err := one.Blind("name", "张三")
		there, err2 := two.Blind("name", "张三")
		if err != nil || err2 != nil || !bytes.Equal(here, there) {
			t.Errorf("%x, %v; %x, %v", here, err, there, err2)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bank.db")
		run(t, "sqlite:"+path, bank.Options{})
		info, err := os.Stat(path + "-personal-key")
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the key's file: %v, %v", info, err)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		run(t, testbed.Postgres(t), bank.Options{PersonalKeyFile: filepath.Join(t.TempDir(), "key")})
	})
	t.Run("from the environment", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "key")
		if _, err := openWith(t, testbed.Postgres(t), bank.Options{PersonalKeyFile: file}); err != nil {
			t.Fatal(err)
		}
		run(t, testbed.Postgres(t), bank.Options{PersonalKey: string(readFile(t, file))})
	})
}

func TestWithoutMasterKey(t *testing.T) {
	ctx := context.Background()
	dsn, file := testbed.Postgres(t), filepath.Join(t.TempDir(), "key")
	without := func(t *testing.T) {
		b, err := openWith(t, dsn, bank.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Seal(ctx, "learner", "L1", nil); bank.CodeOf(err) != bank.Unavailable {
			t.Errorf("seal: %v", err)
		}
		if _, err := b.Unseal("learner", "L1", []byte{1, 2, 3, 4, 5, 6}); bank.CodeOf(err) != bank.Unavailable {
			t.Errorf("unseal: %v", err)
		}
		if _, err := b.Blind("name", "x"); bank.CodeOf(err) != bank.Unavailable {
			t.Errorf("blind: %v", err)
		}
	}
	t.Run("before there were any keys", without)
	if _, err := openWith(t, dsn, bank.Options{PersonalKeyFile: file}); err != nil {
		t.Fatal(err)
	}
	t.Run("of a bank that has keys", without)
	t.Run("another", func(t *testing.T) {
		other := filepath.Join(t.TempDir(), "key")
		if _, err := openWith(t, testbed.Postgres(t), bank.Options{PersonalKeyFile: other}); err != nil {
			t.Fatal(err)
		}
		if _, err := openWith(t, dsn, bank.Options{PersonalKeyFile: other}); bank.CodeOf(err) != bank.Conflict {
			t.Errorf("%v", err)
		}
	})
	t.Run("of another form", func(t *testing.T) {
		if _, err := openWith(t, dsn, bank.Options{PersonalKey: "x"}); bank.CodeOf(err) != bank.Invalid {
			t.Errorf("%v", err)
		}
	})
	t.Run("lost", func(t *testing.T) {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if _, err := openWith(t, dsn, bank.Options{PersonalKeyFile: file}); err != nil {
			t.Errorf("%v", err)
		}
		if _, err := os.Stat(file); err == nil {
			t.Error("another key was made in its place")
		}
	})
}

func TestRowKeysAreOfTheirParts(t *testing.T) {
	seen := map[string]bool{}
	for _, parts := range [][]string{{"a", "b"}, {"ab"}, {"a:b"}, {"", "ab"}, {"ab", ""}, {"1:a", "b"}, {"a", "1:b"}, {"1:a1:b"}} {
		key := bank.RowKey(parts...)
		if seen[key] {
			t.Errorf("%q of two", key)
		}
		seen[key] = true
	}
}
