package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"creditbank/internal/bank"
)

func proofPath(number int64) string {
	return "/ledger/entries/" + strconv.FormatInt(number, 10) + "/proof"
}

// plain reads an answer that is no JSON.
func (s *site) plain(path, kind, caching string) string {
	s.t.Helper()
	w := s.as("", http.MethodGet, path, "")
	if w.Code != 200 || w.Header().Get("Content-Type") != kind || w.Header().Get("Cache-Control") != caching {
		s.t.Fatalf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
	}
	return w.Body.String()
}

// outside runs the verifier of the documentation, which has none of our code.
func outside(t *testing.T, texts ...string) string {
	t.Helper()
	files := make([]string, len(texts))
	for i, text := range texts {
		files[i] = filepath.Join(t.TempDir(), strconv.Itoa(i))
		if err := os.WriteFile(files[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said, err := exec.Command("go", append([]string{"run", "../../docs/verify"}, files...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return string(said)
}

// depositMany books n results in batches of at most 500.
func (s *site) depositMany(secret, prefix string, n int) {
	s.t.Helper()
	var list []string
	for i := range n {
		list = append(list, result(fmt.Sprint(prefix, i), "M"))
	}
	for part := range slices.Chunk(list, 500) {
		if w := s.as(secret, http.MethodPost, toAccount, "["+strings.Join(part, ",")+"]"); w.Code != 201 {
			s.t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

// What the API gives is checked by a program of others' code: proofs, the growth
// of the log, and the tree out of its tiles.
func TestOthersCanCheck(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		secret := s.token(yunfan)
		s.depositMany(secret, "A", 300)
		older := s.sign()
		keys := s.plain("/ledger/keys", plainText, forAMoment)
		number := s.statement(secret)[7].Number
		if said := outside(t, keys, s.as(secret, http.MethodGet, proofPath(number), "").Body.String()); !strings.Contains(said, "A7") {
			t.Errorf("the verifier says %s", said)
		}
		s.depositMany(secret, "B", 700)
		newer := s.sign()
		if got := s.plain("/ledger/checkpoint", plainText, forAMoment); got != newer {
			t.Errorf("the newest checkpoint is %q", got)
		}
		from, to := sizeOf(t, older), sizeOf(t, newer)
		w := s.as("", http.MethodGet, fmt.Sprintf("/ledger/consistency?from=%d&to=%d", from, to), "")
		if said := outside(t, keys, older, newer, w.Body.String()); to-from != 700 || !strings.Contains(said, fmt.Sprint(from)) || w.Header().Get("Cache-Control") != forGood {
			t.Errorf("the verifier says %s of %v", said, w.Header())
		}
		if open := s.as("", http.MethodGet, fmt.Sprint("/ledger/consistency?from=", from), ""); open.Body.String() != w.Body.String() || open.Header().Get("Cache-Control") != forAMoment {
			t.Errorf("to the newest: %v %s", open.Header(), open.Body)
		}
		s.followTiles(newer, number)
	})
}

func sizeOf(t testing.TB, checkpoint string) int64 {
	t.Helper()
	size, err := strconv.ParseInt(strings.Split(checkpoint, "\n")[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// followTiles reads the tree as a mirror does: every hash is checked against the
// signed root by tlog itself.
func (s *site) followTiles(checkpoint string, number int64) {
	s.t.Helper()
	root, err := tlog.ParseHash(strings.Split(checkpoint, "\n")[2])
	if err != nil {
		s.t.Fatal(err)
	}
	tree := tlog.Tree{N: sizeOf(s.t, checkpoint), Hash: root}
	hashes := tlog.TileHashReader(tree, &tiles{s})
	proof, err := tlog.ProveRecord(tree.N, number, hashes)
	if err != nil {
		s.t.Fatal(err)
	}
	leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, number)})
	if err != nil || tlog.CheckRecord(proof, tree.N, tree.Hash, number, leaf[0]) != nil {
		s.t.Errorf("the tiles do not prove entry %d: %v", number, err)
	}
}

// tiles reads tiles over HTTP.
type tiles struct{ *site }

func (r *tiles) Height() int { return 8 }

func (r *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (r *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		path := "/ledger/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		w := r.as("", http.MethodGet, path, "")
		if w.Code != 200 || w.Header().Get("Content-Type") != binaryBytes || w.Header().Get("Cache-Control") != forGood {
			return nil, errors.New(path + " " + w.Body.String())
		}
		all = append(all, w.Body.Bytes())
	}
	return all, nil
}

func TestLogRefusals(t *testing.T) {
	s := newSchools(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))
	secret := s.token(yunfan)
	s.depositMany(secret, "A", 3)
	s.sign()
	for path, want := range map[string]int{
		"/ledger/tile/0/000.p/3": 200, "/ledger/tile/0/000.p/200": 404, "/ledger/tile/0/000": 404, "/ledger/tile/0/001.p/1": 404, "/ledger/tile/1/000": 404,
		"/ledger/tile/0/0": 422, "/ledger/tile/x": 422, "/ledger/tile/0/000.p/0": 422, "/ledger/tile/entries/000.p/3": 403, "/ledger/tile/": 422, "/ledger/tile": 404,
		"/ledger/entries/0/proof": 200, "/ledger/entries/99999/proof": 404, "/ledger/entries/-1/proof": 404, "/ledger/entries/00/proof": 404, "/ledger/entries/x/proof": 404,
		"/ledger/entries/9223372036854775808/proof": 404, "/ledger/entries/0": 404,
		"/ledger/consistency": 422, "/ledger/consistency?from=x": 422, "/ledger/consistency?from=-1": 422, "/ledger/consistency?from=1&to=0": 422,
		"/ledger/consistency?from=3&to=2": 422, "/ledger/consistency?from=1&to=99999": 404, "/ledger/consistency?from=0&to=2": 200, "/ledger/consistency?from=1&to=1": 200,
		"/ledger/checkpoint?x=1": 422, "/ledger/nothing": 404,
	} {
		w := s.as("", http.MethodGet, path, "")
		if w.Code != want {
			t.Errorf("%s: %d, want %d: %s", path, w.Code, want, w.Body)
		}
		if w.Code >= 400 && w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the refusal may be kept: %q", path, w.Header().Get("Cache-Control"))
		}
	}
	for _, path := range []string{"/ledger/checkpoint", "/ledger/tile/0/000.p/3", "/ledger/entries/0/proof"} {
		if w := s.as("", http.MethodPost, path, "{}"); w.Code != 405 || !strings.Contains(w.Header().Get("Allow"), "GET") {
			t.Errorf("POST %s: %d %v", path, w.Code, w.Header())
		}
	}
	if p := read[bank.Proof](t, s.as("", http.MethodGet, "/ledger/entries/0/proof", "")); p.Entry != "" {
		t.Errorf("everybody is told what entry 0 says: %s", p.Entry)
	}
}

// HEAD is answered as GET is, without a body.
func TestLogAnswersHead(t *testing.T) {
	s := newSite(t)
	s.sign()
	server := httptest.NewServer(s)
	defer server.Close()
	for _, path := range []string{"/ledger/checkpoint", "/ledger/tile/0/000.p/1", "/ledger/keys"} {
		answer, err := http.Head(server.URL + apiBase + path)
		if err != nil || answer.StatusCode != 200 || answer.ContentLength <= 0 || answer.Header.Get("Cache-Control") == "" {
			t.Errorf("%s: %v %v", path, answer, err)
		}
	}
}
