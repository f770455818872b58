// Command verify checks proofs of a creditbank's ledger with none of its code.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	text := make([]string, len(os.Args)-1)
	for i, file := range os.Args[1:] {
		data, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		text[i] = string(data)
	}
	said, err := verify(text)
	if err != nil {
		log.Fatal("does not hold: ", err)
	}
	fmt.Print(said)
}

func verify(text []string) (string, error) {
	var p struct {
		Entry, Checkpoint string
		Index             int64
		Hashes            []tlog.Hash
	}
	if n := len(text); n != 2 && n != 4 || json.Unmarshal([]byte(text[n-1]), &p) != nil {
		return "", errors.New("usage: verify KEYS PROOF.json | verify KEYS OLDER NEWER CONSISTENCY.json")
	}
	if len(text) == 2 {
		head, err := open(text[0], p.Checkpoint)
		proven := tlog.CheckRecord(p.Hashes, head.N, head.Hash, p.Index, tlog.RecordHash([]byte(p.Entry)))
		return fmt.Sprintf("entry %d is in the log of size %d:\n%s", p.Index, head.N, p.Entry), errors.Join(err, proven)
	}
	older, err1 := open(text[0], text[1])
	newer, err2 := open(text[0], text[2])
	proven := tlog.CheckTree(p.Hashes, newer.N, newer.Hash, older.N, older.Hash)
	return fmt.Sprintf("the log of size %d continues the log of size %d\n", newer.N, older.N), errors.Join(err1, err2, proven)
}

// open reads a checkpoint and checks that the key in force at its size has signed it.
func open(keys, checkpoint string) (head tlog.Tree, err error) {
	var origin, root, key string
	fmt.Sscanf(checkpoint, "%s\n%d\n%s\n", &origin, &head.N, &root)
	for line := range strings.Lines(keys) { // each "FROM KEY", in order
		from, public := int64(0), ""
		if fmt.Sscan(line, &from, &public); from <= head.N {
			key = public
		}
	}
	verifier, err := note.NewVerifier(key)
	if err != nil || verifier.Name() != origin {
		return head, fmt.Errorf("no key of %q at size %d", origin, head.N)
	}
	_, err = note.Open([]byte(checkpoint), note.VerifierList(verifier))
	head.Hash, _ = tlog.ParseHash(root) // no hash: no proof leads to it
	return head, err
}
