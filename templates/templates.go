// Package templates holds what people see: pages and their parts, styles,
// scripts and the sentences of every language, embedded.
package templates

import "embed"

// FS holds the pages (*.html), the assets and the languages (lang/*.toml).
//
//go:embed *.html assets lang
var FS embed.FS
