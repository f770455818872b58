package web

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/gob"
	"errors"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// send sends a list as a file. It is read as it is at one moment, so that no row is left
// out or comes twice when the list changes meanwhile; and as fast as the bank can, so that
// the moment does not last as long as the network is slow. What waits to be sent is kept
// packed. A file that breaks off half-way is broken off for the reader too, who would take
// it for the whole.
func (s *Server) send(c echo.Context, d *download, page echo.HandlerFunc) error {
	if err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	out := c.Echo().NewContext(c.Request(), nil)
	out.SetResponse(c.Response())
	answered := &pageAnswer{header: c.Response().Header().Clone()}
	c.SetResponse(echo.NewResponse(answered, c.Echo()))
	d.spool = newSpool(answered)
	go func() {
		var err error
		defer func() { d.spool.end(err, recover()) }()
		err = s.bank.AtOneMoment(c.Request().Context(), func(ctx context.Context) error {
			c.SetRequest(c.Request().WithContext(ctx))
			return d.parts(c, page)
		})
	}()
	file := download{format: d.format}
	err := d.spool.each(func(header http.Header, name string, cells []string) error {
		if file.table == nil {
			maps.Copy(out.Response().Header(), header)
		}
		return file.write(out, name, cells)
	})
	c.SetResponse(out.Response())
	switch {
	case err == nil && file.table != nil:
		err = file.table.Flush()
	case err == nil: // the page answered otherwise
		return answered.tell(out)
	}
	if err != nil && out.Response().Committed {
		panic(err)
	}
	if err != nil {
		out.Response().Header().Del(echo.HeaderContentDisposition)
	}
	return err
}

// pageAnswer is what a page answers that is asked for a list: nothing, or something else than
// its list.
type pageAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *pageAnswer) Header() http.Header         { return a.header }
func (a *pageAnswer) WriteHeader(status int)      { a.status = status }
func (a *pageAnswer) Write(p []byte) (int, error) { return a.body.Write(p) }

// tell answers what the page answered.
func (a *pageAnswer) tell(out echo.Context) error {
	maps.Copy(out.Response().Header(), a.header)
	if a.status != 0 {
		out.Response().WriteHeader(a.status)
	}
	_, err := out.Response().Write(a.body.Bytes())
	return err
}

// Limits of what waits to be sent: rows that are packed together, and bytes.
const (
	spoolRows = 500
	maxSpool  = 64 << 20
)

// spool hands rows from whoever reads them to whoever sends them, who may be slower.
type spool struct {
	name string // of the file
	rows [][]string
	from *pageAnswer

	mu      sync.Mutex
	changed *sync.Cond
	header  http.Header // of the answer, when the first rows came
	waiting [][]byte    // packed rows
	size    int
	stopped bool // nobody sends any more
	ended   bool // nobody reads any more
	err     error
	panic   any
}

func newSpool(from *pageAnswer) *spool {
	s := &spool{from: from}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// put hands a row over. It waits only while far too much waits to be sent, and fails when
// nobody sends any more.
func (s *spool) put(name string, cells []string) error {
	s.name = name
	s.rows = append(s.rows, cells)
	if len(s.rows) < spoolRows {
		return nil
	}
	return s.pack()
}

// pack packs the rows that were put. The first has the name of the file.
func (s *spool) pack() error {
	var packed bytes.Buffer
	squeeze, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		err = gob.NewEncoder(squeeze).Encode(append([][]string{{s.name}}, s.rows...))
	}
	if err == nil {
		err = squeeze.Close()
	}
	if err != nil {
		return err
	}
	s.rows = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.header == nil {
		s.header = s.from.header.Clone()
	}
	for s.size > maxSpool && !s.stopped {
		s.changed.Wait()
	}
	if s.stopped {
		return context.Canceled
	}
	s.waiting, s.size = append(s.waiting, packed.Bytes()), s.size+packed.Len()
	s.changed.Broadcast()
	return nil
}

// end says that no more rows come, and why: nil, all were put.
func (s *spool) end(err error, panicked any) {
	if err == nil && panicked == nil && len(s.rows) > 0 {
		err = s.pack()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended, s.err, s.panic = true, err, panicked
	s.changed.Broadcast()
}

// each gives every row that is put, with the name of the file and the header of its
// answer, and says why it ended. A panic of whoever reads goes on here. When it returns,
// nobody reads any more.
func (s *spool) each(send func(header http.Header, name string, cells []string) error) error {
	var failed error
	for {
		packed, header, more := s.next(failed != nil)
		if !more {
			break
		}
		var rows [][]string
		if failed = gob.NewDecoder(flate.NewReader(bytes.NewReader(packed))).Decode(&rows); failed != nil {
			continue
		}
		for _, cells := range rows[1:] {
			if failed = send(header, rows[0][0], cells); failed != nil {
				break
			}
		}
	}
	if s.panic != nil {
		panic(s.panic)
	}
	if failed != nil {
		return failed
	}
	return s.err
}

// next is what was packed next; none: all was, and nobody reads any more. With stop,
// nobody sends any more, and the rest is not kept.
func (s *spool) next(stop bool) (packed []byte, header http.Header, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = s.stopped || stop
	s.changed.Broadcast()
	for !s.ended && (s.stopped || len(s.waiting) == 0) {
		s.changed.Wait()
	}
	if s.stopped || len(s.waiting) == 0 {
		return nil, nil, false
	}
	packed, s.waiting = s.waiting[0], s.waiting[1:]
	s.size -= len(packed)
	s.changed.Broadcast()
	return packed, s.header, true
}
