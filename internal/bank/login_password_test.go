package bank_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/secret"
)

func TestPasswordRules(t *testing.T) {
	known := []string{"wang.li", pupilA, idOfA, "G" + idOfA, "00000020050417137X", "李华", "Li Hua"}
	for password, want := range map[string]string{
		"":           "required",
		"shortpass":  "password_short",
		"magpieunde": "",
		"鹊桥下有一座长长的桥": "",
		"鹊桥下有座长桥":    "password_short",
		strings.Repeat("magpie unde ", 10) + "12345678":  "",
		strings.Repeat("magpie unde ", 10) + "123456789": "password_long",
		"my name is wang.li":                             "password_yours",
		"my name is WANG.LI":                             "password_yours",
		"ｗａｎｇ．ｌｉ is my name":                             "password_yours",
		"it ends in 141025":                              "password_yours",
		"it ends in 17137x":                              "password_yours",
		"it holds 0417137 only":                          "",
		"magpie li hua bridge":                           "password_yours",
		"UsuckBallz1":                                    "password_known",
		"manchester":                                     "password_known",
		"aaaaaaaaaa":                                     "password_known",
		"abcabcabcabc":                                   "password_known",
		"1212121212":                                     "password_known",
		"1234567890":                                     "password_known",
		"1234567891":                                     "password_known",
		"9876543210":                                     "password_known",
		"qwertyuiop":                                     "password_known",
		"POIUYTREWQ":                                     "password_known",
		"1qaz2wsx3edc":                                   "password_known",
		"password123":                                    "password_known",
		"Password2026!":                                  "password_known",
		"passwordpassword":                               "password_known",
		"woaini1314520":                                  "password_known",
		"5201314520":                                     "password_known",
		"a123456789":                                     "password_known",
		"１２３４５６７８９０":                                     "password_known",
		"magpie\x00under":                                "utf8",
		"magpie under \xff":                              "utf8",
		goodPassword:                                     "",
		otherPassword:                                    "",
	} {
		if got := bank.PasswordFault(password, known); got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
}

// The hash that nobody has costs what a real one costs.
func TestNobodysHashCostsAsMuch(t *testing.T) {
	if secret.Outdated(bank.NoPassword) {
		t.Error("it costs something else")
	}
	if ok, err := secret.NewHasher(1).CheckPassword(context.Background(), bank.NoPassword, ""); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

// A hash of before costs what new ones do after the next sign-in, and no sooner.
func TestOlderHashesAreRenewed(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		w := newTown(t, b)
		ctx := context.Background()
		w.staff("wang", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA})
		const older = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$ZVrRXqxlLcWfcXCnMyv0m4Rpvh/bnCi7" // of "password"
		if _, err := raw.Exec(`UPDATE login SET password = '` + older + `'`); err != nil {
			t.Fatal(err)
		}
		kept := func() (hash string) {
			if err := raw.QueryRow(`SELECT password FROM login`).Scan(&hash); err != nil {
				t.Fatal(err)
			}
			return hash
		}
		_, err := w.SignIn(ctx, "", "wang", goodPassword)
		w.refused("a wrong one", err, bank.Unauthenticated, "error.sign_in")
		if kept() != older {
			t.Error("a wrong password renewed the hash")
		}
		for range 2 {
			if _, err := w.SignIn(ctx, "", "wang", "password"); err != nil || secret.Outdated(kept()) {
				t.Errorf("%v: %s", err, kept())
			}
		}
	})
}

func TestChangePassword(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		login, err := w.Claim(ctx, "", claimOf(pupilA, w.code(pupilA)))
		if err != nil {
			t.Fatal(err)
		}
		me := w.actor(login, "")
		for want, c := range map[string][2]string{
			"old password_wrong":  {otherPassword, otherPassword},
			"old password_wrong ": {"", otherPassword},
			"new password_short":  {goodPassword, "short"},
			"new password_yours":  {goodPassword, "ends in 141025 does it"},
		} {
			if err := w.ChangePassword(ctx, me, c[0], c[1]); faultOf(err) != strings.TrimSpace(want) {
				t.Errorf("%s: %v", want, err)
			}
		}
		if err := w.ChangePassword(ctx, me, goodPassword, otherPassword); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignIn(ctx, "", pupilA, otherPassword); err != nil {
			t.Error(err)
		}
		for range 5 {
			_ = w.CheckPassword(ctx, me, goodPassword)
		}
		w.refused("guessing at an open screen", w.CheckPassword(ctx, me, otherPassword), bank.TooMany, "error.sign_in_wait")
		w.refused("a visitor", w.ChangePassword(ctx, bank.Visitor, goodPassword, otherPassword), bank.Denied, "error.role")
	})
}
