package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// assets are the styles, scripts and pictures of the pages, each also
// compressed, each at an address that changes with its content.
type assets struct {
	files map[string]*assetFile // by path below assets/
}

type assetFile struct {
	hash   string
	kind   string
	plain  []byte
	packed []byte // gzip
}

const assetRoot = "assets"

// loadAssets reads every asset.
func loadAssets(files fs.FS) (*assets, error) {
	a := &assets{files: map[string]*assetFile{}}
	err := fs.WalkDir(files, assetRoot, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		file, err := newAsset(name, content)
		a.files[strings.TrimPrefix(name, assetRoot+"/")] = file
		return err
	})
	return a, err
}

func newAsset(name string, content []byte) (*assetFile, error) {
	f := &assetFile{plain: content}
	var err error
	f.packed, err = pack(content)
	sum := sha256.Sum256(f.plain)
	f.hash = hex.EncodeToString(sum[:6])
	f.kind = mime.TypeByExtension(path.Ext(name))
	if f.kind == "" {
		f.kind = "text/plain; charset=utf-8"
	}
	return f, err
}

func pack(plain []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// address is where a page finds an asset: /assets/HASH/NAME.
func (a *assets) address(name string) (string, error) {
	f := a.files[name]
	if f == nil {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return "/" + assetRoot + "/" + f.hash + "/" + name, nil
}

// find is the asset at a path below /assets/, and whether the path holds its
// present hash. A page from before an update still finds its style.
func (a *assets) find(p string) (*assetFile, bool) {
	if f := a.files[p]; f != nil {
		return f, false
	}
	hash, name, _ := strings.Cut(p, "/")
	f := a.files[name]
	return f, f != nil && f.hash == hash
}

func (s *Server) asset(c echo.Context) error {
	f, current := s.pages.assets.find(c.Param("*"))
	if f == nil {
		return echo.ErrNotFound
	}
	return f.send(c, current)
}

// favicon answers browsers that ask for it unbidden.
func (s *Server) favicon(c echo.Context) error {
	return s.pages.assets.files["icon.svg"].send(c, false)
}

func (f *assetFile) send(c echo.Context, current bool) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-cache")
	if current {
		h.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	h.Set("ETag", `"`+f.hash+`"`)
	if strings.Contains(c.Request().Header.Get("If-None-Match"), f.hash) {
		return c.NoContent(http.StatusNotModified)
	}
	body := f.plain
	if takesGzip(c.Request()) {
		h.Set(echo.HeaderContentEncoding, "gzip")
		body = f.packed
	}
	return c.Blob(http.StatusOK, f.kind, body)
}
