package main

import (
	"errors"
	"os"
)

// partSuffix marks a file that is not whole yet.
const partSuffix = ".part"

// output is a file that is in place only when it is whole. What is no regular
// file, such as /dev/stdout, is written as it is.
type output struct {
	*os.File
	path string
	part string // empty: written in place
}

// newOutput begins a file; one that cannot be written is known before the work.
func newOutput(path string) (*output, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		return &output{File: file, path: path}, err
	}
	part := path + partSuffix
	file, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	return &output{file, path, part}, err
}

// finish puts the file in place, or takes it away when the work failed.
func (o *output) finish(failed error) error {
	if o.part == "" {
		return errors.Join(failed, o.Close())
	}
	if err := errors.Join(failed, o.Sync(), o.Close()); err != nil {
		return errors.Join(err, os.Remove(o.part))
	}
	return os.Rename(o.part, o.path)
}
