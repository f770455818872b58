package web

import (
	"bytes"
	"regexp"
	"strings"
)

// What a page calls its fields: labels, and the legends of groups that have an id.
var (
	labelled = regexp.MustCompile(`(?s)<label(?: [^>]*)? for="([^"]+)"[^>]*>(.*?)</label>`)
	legended = regexp.MustCompile(`(?s)<fieldset(?: [^>]*)? id="([^"]+)"[^>]*>\s*<legend[^>]*>(.*?)</legend>`)
	hinted   = regexp.MustCompile(`(?s)<(small|span) class="quiet-text">.*?</(small|span)>`)
	tags     = regexp.MustCompile(`(?s)<[^>]*>`)
	toField  = regexp.MustCompile(`(?s)<a href="#([^"]+)" data-(named|fault)>(.*?)</a>`)
)

// nameFaults puts the name of its field before each fault in the list on top of a page,
// as its label has it: "must be given" alone says nothing to who reads that list first. The
// labels stand in the templates alone, so they are taken from the page. What is about a
// field that the page no longer has leads nowhere.
func nameFaults(page []byte, say Speaker) []byte {
	if !bytes.Contains(page, []byte(`<div class="faults"`)) {
		return page
	}
	names := fieldNames(page)
	return toField.ReplaceAllFunc(page, func(link []byte) []byte {
		found := toField.FindSubmatch(link)
		id, message := string(found[1]), string(found[3])
		if name := names[id]; name != "" && string(found[2]) == "named" {
			message = say.Say("site.fault_of", map[string]any{"Field": name}) + message
		}
		if !bytes.Contains(page, []byte(` id="`+id+`"`)) {
			return []byte(message)
		}
		return []byte(`<a href="#` + id + `">` + message + `</a>`)
	})
}

// fieldNames are the labels and legends of a page by the id that they are for.
func fieldNames(page []byte) map[string]string {
	names := map[string]string{}
	for _, pattern := range []*regexp.Regexp{labelled, legended} {
		for _, found := range pattern.FindAllSubmatch(page, -1) {
			text := tags.ReplaceAll(hinted.ReplaceAll(found[2], nil), nil)
			names[string(found[1])] = strings.TrimRight(strings.Join(strings.Fields(string(text)), " "), ".。") // a label may be a sentence
		}
	}
	return names
}
