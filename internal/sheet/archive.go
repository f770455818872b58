package sheet

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"
)

// Limits on archives of tables, in bytes: the archive, and all that is packed in it.
const (
	MaxArchive         = 64 << 20
	maxArchiveUnpacked = 256 << 20
	maxArchiveParts    = 200
)

// The codes of a [Fault] of an archive.
const (
	CodeArchive          = "archive"           // the file is no ZIP archive
	CodeArchiveBroken    = "archive_broken"    // it is damaged, or a part does not unpack to what it promises
	CodeArchiveSize      = "archive_size"      // it is over MaxArchive, has too many parts, or unpacks to far more
	CodeArchiveEncrypted = "archive_encrypted" // a part is locked with a password
	CodeArchivePath      = "archive_path"      // a part would lie outside of where it is unpacked
	CodeArchiveFolder    = "archive_folder"    // a part lies in a folder
	CodeArchiveTwice     = "archive_twice"     // two parts have one name
)

// IsPacked says of the first bytes of a file whether it is a ZIP archive, as workbooks
// are.
func IsPacked(start []byte) bool { return bytes.HasPrefix(start, []byte(zipMark)) }

// HoldsTables says whether a file is a ZIP archive with tables (CSV) in it. It looks at
// the names alone: [OpenArchive] says whether the archive is whole.
func HoldsTables(data []byte) bool {
	container, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	return err == nil && slices.ContainsFunc(container.File, func(part *zip.File) bool { return strings.EqualFold(path.Ext(part.Name), ".csv") })
}

// Archive is a ZIP archive of tables side by side, without folders. All of it was
// unpacked once and is whole; it holds the packed bytes in memory, and nothing else.
type Archive struct {
	parts []*zip.File
}

// OpenArchive reads an archive whole and looks through it. What a Macintosh packs
// beside the files (__MACOSX, .DS_Store) is passed over.
//
// Errors: a [*Fault] with one of the CodeArchive codes, its Part naming the part where
// it is one's; or the error of in.
func OpenArchive(in io.Reader) (*Archive, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxArchive+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > MaxArchive:
		return nil, whole(CodeArchiveSize)
	case !IsPacked(data):
		return nil, whole(CodeArchive)
	}
	container, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, whole(CodeArchiveBroken)
	}
	if len(container.File) > maxArchiveParts || harmful(container.File, maxArchiveUnpacked) {
		return nil, whole(CodeArchiveSize)
	}
	a := &Archive{}
	for _, part := range container.File {
		if code := a.admit(part); code != "" {
			return nil, &Fault{Line: 1, Number: 1, Code: code, Part: part.Name}
		}
	}
	return a, nil
}

// admit takes a part that is whole and lies where it may; else it says what is wrong.
func (a *Archive) admit(part *zip.File) (code string) {
	const locked = 1 // the first flag of a part (APPNOTE 4.4.4)
	name := part.Name
	switch {
	case leavesFolder(name):
		return CodeArchivePath
	case strings.HasPrefix(name, "__MACOSX/") || name == ".DS_Store":
		return ""
	case part.Flags&locked != 0:
		return CodeArchiveEncrypted
	case strings.Contains(name, "/"):
		return CodeArchiveFolder
	case slices.ContainsFunc(a.parts, func(p *zip.File) bool { return strings.EqualFold(p.Name, name) }):
		return CodeArchiveTwice
	case !unpacks(part):
		return CodeArchiveBroken
	}
	a.parts = append(a.parts, part)
	return ""
}

// leavesFolder says whether a part would lie outside of the folder that it is unpacked to.
func leavesFolder(name string) bool {
	name = strings.ReplaceAll(name, "\\", "/")
	return strings.HasPrefix(name, "/") || strings.Contains(name, ":") || strings.ContainsRune(name, 0) || slices.Contains(strings.Split(name, "/"), "..")
}

// unpacks says whether a part is what it promises to be, by its length and check sum.
func unpacks(part *zip.File) bool {
	content, err := part.Open()
	if err != nil {
		return false
	}
	defer func() { _ = content.Close() }() // it was read only
	size, err := io.Copy(io.Discard, io.LimitReader(content, int64(part.UncompressedSize64)+1))
	return err == nil && uint64(size) == part.UncompressedSize64
}

// Names are the names of the parts, in the order of the archive.
func (a *Archive) Names() []string {
	var names []string
	for _, part := range a.parts {
		names = append(names, part.Name)
	}
	return names
}

// Open gives the content of a part of one of its names. Errors: a [*Fault] with the code
// archive_broken, also for a name that is none.
func (a *Archive) Open(name string) (io.ReadCloser, error) {
	at := slices.IndexFunc(a.parts, func(p *zip.File) bool { return p.Name == name })
	if at < 0 {
		return nil, whole(CodeArchiveBroken)
	}
	content, err := a.parts[at].Open()
	if err != nil {
		return nil, whole(CodeArchiveBroken)
	}
	return content, nil
}
