package bank

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"creditbank/internal/packed"
	"creditbank/internal/transfer"
)

// keptForm is raised when the same tables come to mean something else, as when
// texts are folded in another way.
const keptForm uint32 = 1

// mapFile is where the compiled map is kept, so that the next process need not
// compile it. It holds what the bank publishes and nothing about learners. A
// process that cannot read it compiles, and one that cannot write it does
// without: it is never a reason for an error.
type mapFile struct {
	path    string // empty: nowhere
	write   bool
	writing sync.WaitGroup
	turn    sync.Mutex
}

// KeepMap makes the bank start from the compiled map in a file, if it is the
// bank's own and of this moment. With write, what the bank compiles is kept
// there. It is called before the first question; an empty path keeps nothing.
func (b *Bank) KeepMap(path string, write bool) {
	b.current.file.path, b.current.file.write = path, write
}

// MapPath is where the compiled map of a bank is kept unless somebody says
// otherwise: beside a SQLite file, and for PostgreSQL in the user's cache under
// a name made from the address without its password. It is empty when there is
// no such place.
func MapPath(dsn string) string {
	if path, found := strings.CutPrefix(dsn, "sqlite:"); found {
		return path + "-map"
	}
	address, err := url.Parse(dsn)
	cache, missing := os.UserCacheDir()
	if err != nil || missing != nil {
		return ""
	}
	if address.User != nil {
		address.User = url.User(address.User.Username())
	}
	query := address.Query()
	query.Del("password")
	query.Del("sslpassword")
	address.RawQuery = query.Encode()
	sum := sha256.Sum256([]byte(address.String()))
	return filepath.Join(cache, "creditbank", hex.EncodeToString(sum[:12])+"-map")
}

// read is the kept map with a stamp, nil when there is none.
func (f *mapFile) read(stamp string) *Snapshot {
	if f.path == "" || stamp == "" {
		return nil
	}
	data, err := os.ReadFile(f.path)
	if err != nil {
		return nil
	}
	s, err := openSnapshot(data)
	if err != nil || s.Stamp != stamp {
		return nil
	}
	return s
}

// keep writes a map while it is served already, unless another one is served by
// the time it is its turn.
func (c *currentMap) keep(s *Snapshot) {
	f := &c.file
	if f.path == "" || !f.write || s.Stamp == "" {
		return
	}
	f.writing.Go(func() {
		f.turn.Lock()
		defer f.turn.Unlock()
		if c.snapshot.Load() != s {
			return
		}
		// Whoever cannot keep it compiles it again.
		_ = replaceFile(f.path, s.appendBinary())
	})
}

// replaceFile puts a whole file in the place of another, or leaves that one as
// it is. Several processes may do so at once: one of their files stays.
func replaceFile(path string, data []byte) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	removeAbandoned(path)
	file, err := os.CreateTemp(folder, filepath.Base(path)+writingMark+"*") // readable by its owner alone
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncFolder(folder)
}

const (
	writingMark    = ".writing-"
	abandonedAfter = time.Hour
)

// removeAbandoned removes what processes left that died while they wrote.
func removeAbandoned(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), filepath.Base(path)+writingMark) && time.Since(info.ModTime()) > abandonedAfter {
			_ = os.Remove(filepath.Join(filepath.Dir(path), e.Name())) // the next one tries again
		}
	}
}

// appendBinary is the snapshot as it is kept.
func (s *Snapshot) appendBinary() []byte {
	size := s.namesSize()
	w := packed.NewWriter(s.Map.Bytes() + s.past.Bytes() + size)
	packed.Put(w, []uint32{keptForm})
	packed.Put(w, []byte(program()))
	packed.Put(w, []byte(s.Stamp))
	packed.Put(w, []int64{s.Version})
	s.eachTable(exchange{w: w})
	packed.Put(w, s.past.AppendBinary(nil))
	packed.Put(w, s.Map.AppendBinary(nil))
	return w.Bytes()
}

// openSnapshot reads what appendBinary gave; the snapshot shares its memory. It
// promises [packed.ErrUnreadable] for anything else, and for what another build
// of the program has written.
func openSnapshot(data []byte) (*Snapshot, error) {
	s, r := &Snapshot{}, packed.NewReader(data)
	form, by := packed.Take[uint32](r), packed.Take[byte](r)
	s.Stamp = string(packed.Take[byte](r))
	version := packed.Take[int64](r)
	s.eachTable(exchange{r: r})
	past, served := packed.Take[byte](r), packed.Take[byte](r)
	if err := r.Close(); err != nil {
		return nil, err
	}
	if len(form) != 1 || form[0] != keptForm || string(by) != program() || len(version) != 1 {
		return nil, packed.ErrUnreadable
	}
	s.Version = version[0]
	var err, pastErr error
	s.past, pastErr = transfer.Load(past)
	s.Map, err = transfer.Load(served)
	if err := errors.Join(err, pastErr); err != nil {
		return nil, err
	}
	s.scales = newScales(s.markMap())
	return s, nil
}

// program tells this build of the program from others, as far as it was built
// from something that has a name.
func program() string {
	info, known := debug.ReadBuildInfo()
	if !known {
		return ""
	}
	sum := sha256.Sum256([]byte(info.String()))
	return hex.EncodeToString(sum[:8])
}

// Bytes is the memory that the tables of the snapshot take, the engine's map included.
func (s *Snapshot) Bytes() int { return s.Map.Bytes() + s.past.Bytes() + s.namesSize() }

func (s *Snapshot) namesSize() int {
	size := 0
	s.eachTable(exchange{size: &size})
	return size
}
