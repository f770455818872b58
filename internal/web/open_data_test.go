package web

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/testbed"
)

// The file of the whole map is the file that a bank imports, with all versions, and
// who has it already is told so.
func TestOpenTable(t *testing.T) {
	s := newSite(t)
	fill(t, s.bank, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,valid_from\nE1,"+yunfan+",M,"+yuntu+",T1,2026-01-01\n")
	w := s.send(request(http.MethodGet, "/open/equivalences.csv", ""))
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
	if err != nil || w.Code != http.StatusOK {
		t.Fatal(w.Code, err)
	}
	at := func(column string) int { return slices.Index(rows[0], column) }
	var versions []string
	for _, row := range rows[1:] {
		if row[at("equivalence")] == "E1" {
			versions = append(versions, row[at("version")]+" "+row[at("effective_to")]+" "+row[at("source_name")]+" "+row[at("licence")])
		}
		if row[at("equivalence")] == "E4" && (row[at("outcome")] != "refused" || row[at("reasons")] != "CONTENT|LEVEL") {
			t.Errorf("a refusal without its reasons: %q", row)
		}
	}
	if got := strings.Join(versions, "; "); got != "1 2025-12-31 程序设计 CC-BY-4.0; 2  程序设计 CC-BY-4.0" {
		t.Errorf("versions of E1: %s", got)
	}
	if link := w.Header().Get("Link"); link != `<https://spdx.org/licenses/CC-BY-4.0.html>; rel="license"` {
		t.Errorf("the licence is %s", link)
	}
	tag := w.Header().Get("ETag")
	if again := s.send(request(http.MethodGet, "/open/equivalences.csv", "", "If-None-Match", tag)); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("the same map again: %d", again.Code)
	}
	fill(t, s.bank, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE99,"+yunfan+",U,"+yuntu+",T1\n")
	if changed := s.send(request(http.MethodGet, "/open/equivalences.csv", "", "If-None-Match", tag)); changed.Code != http.StatusOK {
		t.Errorf("another map: %d", changed.Code)
	}
}

// ctdlTerms are the terms of the Credential Transparency Description Language that the
// document uses, by the classes whose properties they are.
var ctdlTerms = map[string][]string{
	"ceterms:TransferValueProfile": {"ceterms:ctid", "ceterms:name", "ceterms:description", "ceterms:subjectWebpage", "ceterms:ownedBy", "ceterms:startDate", "ceterms:endDate",
		"ceterms:versionCode", "ceterms:transferValue", "ceterms:transferValueFrom", "ceterms:transferValueFor"},
	"ceterms:Course":       {"ceterms:name", "ceterms:codedNotation", "ceterms:offeredBy", "ceterms:subjectWebpage"},
	"ceterms:ValueProfile": {"schema:value", "schema:description"},
	"schema:Dataset":       {"schema:license", "schema:version"},
}

// The document is JSON-LD of known terms alone, and its credits are exact.
func TestOpenGraph(t *testing.T) {
	s := newSite(t)
	w := s.send(request(http.MethodGet, "/open/equivalences.jsonld", ""))
	var document struct {
		Context map[string]any   `json:"@context"`
		Graph   []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &document); err != nil || w.Code != http.StatusOK {
		t.Fatal(w.Code, err)
	}
	if document.Context["ceterms"] != "https://purl.org/ctdl/terms/" || len(document.Graph) != 14 {
		t.Fatalf("context %v, %d nodes", document.Context, len(document.Graph))
	}
	for _, node := range document.Graph {
		checkTerms(t, node)
	}
	text := w.Body.String()
	for _, want := range []string{`"schema:license":{"@id":"https://spdx.org/licenses/CC-BY-4.0.html"}`, `"schema:value":4`, `/equivalences/E2?version=1`, `"ceterms:codedNotation":"S2"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if strings.Contains(text, "/equivalences/E4") {
		t.Error("a refusal is given as a transfer value")
	}
}

// checkTerms wants the properties of a node among those of its class.
func checkTerms(t *testing.T, node map[string]any) {
	t.Helper()
	class, _ := node["@type"].(string)
	for name, value := range node {
		if !strings.HasPrefix(name, "@") && !slices.Contains(ctdlTerms[class], name) {
			t.Errorf("%s is no property of %q", name, class)
		}
		if list, is := value.([]any); is {
			for _, part := range list {
				if inner, is := part.(map[string]any); is {
					checkTerms(t, inner)
				}
			}
		}
	}
}

// The terms are those of the vocabulary itself.
func TestOpenGraphTermsAreOfCTDL(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testbed.Shared(t), "standards", "ctdl", "ctdl", "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vocabulary struct {
		Graph []struct {
			ID string   `json:"@id"`
			Of []string `json:"schema:domainIncludes"`
		} `json:"@graph"`
	}
	if err := json.Unmarshal(text, &vocabulary); err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{}
	for _, term := range vocabulary.Graph {
		known[term.ID] = term.Of
	}
	for class, terms := range ctdlTerms {
		if !strings.HasPrefix(class, "ceterms:") {
			continue
		}
		if _, is := known[class]; !is {
			t.Errorf("%s is no class of the vocabulary", class)
		}
		for _, term := range terms {
			if !slices.Contains(known[term], class) {
				t.Errorf("%s is no property of %s", term, class)
			}
		}
	}
}
