package main

import (
	"runtime"
	"runtime/debug"

	"creditbank/internal/bank"
)

type versionCommand struct{}

// Run shows the version of the program, of the schema it knows, and of Go.
func (versionCommand) Run(a *app) error {
	v := struct {
		Version string `json:"version"`
		Schema  string `json:"schema"`
		Go      string `json:"go"`
	}{programVersion(), bank.SchemaVersion(), runtime.Version()}
	if a.cli.JSON {
		return a.printJSON(v)
	}
	return a.printf("creditbank %s\nschema %s\n%s\n", v.Version, v.Schema, v.Go)
}

// programVersion is the module's version, or the revision it was built from.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
