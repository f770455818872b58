package web

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// compressFrom is the size in bytes from which an answer is compressed.
const compressFrom = 1 << 10

// compress sends texts gzipped to those who can read that. Public pages hold no
// secret that the size of a compressed answer could give away.
func compress(next echo.HandlerFunc) echo.HandlerFunc {
	pool := &sync.Pool{New: func() any { return gzip.NewWriter(nil) }}
	return func(c echo.Context) error {
		if !takesGzip(c.Request()) {
			return next(c)
		}
		plain := c.Response().Writer
		w := &squeezer{ResponseWriter: plain, pool: pool}
		c.Response().Writer = w
		defer func() { c.Response().Writer = plain }()
		if err := next(c); err != nil {
			return err
		}
		return w.finish()
	}
}

// takesGzip says whether a client reads gzip.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) != "gzip" {
			continue
		}
		_, q, given := strings.Cut(strings.TrimSpace(quality), "=")
		weight, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return !given || (err == nil && weight > 0)
	}
	return false
}

// squeezer holds the beginning of an answer back until it is clear whether the
// answer is worth compressing.
type squeezer struct {
	http.ResponseWriter
	pool   *sync.Pool
	status int
	held   []byte
	zip    *gzip.Writer
	open   bool // the header is sent
}

func (w *squeezer) WriteHeader(status int) { w.status = status }

func (w *squeezer) Write(p []byte) (int, error) {
	if !w.open {
		w.held = append(w.held, p...)
		if len(w.held) < compressFrom {
			return len(p), nil
		}
		return len(p), w.release(compressible(w.Header(), w.status))
	}
	if w.zip != nil {
		return w.zip.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// release sends the header and what was held back.
func (w *squeezer) release(zipped bool) error {
	w.open = true
	if zipped {
		h := w.Header()
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		h.Del("Accept-Ranges")
		if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
			h.Set("ETag", "W/"+tag) // the same content in other bytes
		}
		w.zip = w.pool.Get().(*gzip.Writer)
		w.zip.Reset(w.ResponseWriter)
	}
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
	held := w.held
	w.held = nil
	if len(held) == 0 {
		return nil
	}
	_, err := w.Write(held)
	return err
}

// finish sends what is left.
func (w *squeezer) finish() error {
	if !w.open {
		if w.status == 0 && len(w.held) == 0 {
			return nil
		}
		return w.release(false)
	}
	if w.zip == nil {
		return nil
	}
	err := w.zip.Close()
	w.pool.Put(w.zip)
	w.zip = nil
	return err
}

// compressible says whether an answer is a whole text.
func compressible(h http.Header, status int) bool {
	if h.Get("Content-Encoding") != "" || status == http.StatusPartialContent {
		return false
	}
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "javascript") || kind == "image/svg+xml"
}
