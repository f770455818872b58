package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/sheet"
	"creditbank/internal/transfer"
)

// DefaultLicence is under what the open data is given, unless the operator says
// otherwise: anybody may use it who says where it is from.
const DefaultLicence = "CC-BY-4.0"

// licenceAddress is where a licence can be read: an address, or an identifier of SPDX.
func licenceAddress(licence string) string {
	if strings.HasPrefix(licence, "https://") || strings.HasPrefix(licence, "http://") {
		return licence
	}
	return "https://spdx.org/licenses/" + licence + ".html"
}

// openData begins the answer of a file of open data, and says whether there is one to
// send: whoever has that of this map already is told so.
func (s *Server) openData(c echo.Context, snapshot *bank.Snapshot, media string) bool {
	sum := sha256.Sum256([]byte(snapshot.Stamp + "\n" + s.licence + "\n" + media + "\n" + s.address.of(c.Request())))
	tag := hex.EncodeToString(sum[:12])
	h := c.Response().Header()
	h.Set("ETag", `"`+tag+`"`)
	h.Set("Link", "<"+licenceAddress(s.licence)+`>; rel="license"`)
	h.Set(echo.HeaderCacheControl, "public, max-age=300")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set(echo.HeaderContentType, media)
	return !strings.Contains(c.Request().Header.Get("If-None-Match"), tag)
}

// stream writes a file that is as long as the map and that a reader takes as fast as
// their network is. One that breaks off is broken off for the reader too.
func (s *Server) stream(c echo.Context, media string, write func(*bank.Snapshot, io.Writer) error) error {
	snapshot, err := s.bank.Snapshot(c.Request().Context())
	if err != nil {
		return err
	}
	if !s.openData(c, snapshot, media) {
		return c.NoContent(http.StatusNotModified)
	}
	if err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if err = write(snapshot, c.Response()); err != nil && c.Response().Committed {
		panic(err)
	}
	return err
}

// openTable gives every published version, past ones too, as the file of equivalences
// that the bank imports, with names, version, publication and licence beside.
func (s *Server) openTable(c echo.Context) error {
	return s.stream(c, "text/csv; charset=utf-8", func(snapshot *bank.Snapshot, out io.Writer) error {
		w, n := sheet.NewWriter(out), newNames(snapshot, s.bank.Today())
		if err := w.Write(append(bank.EquivalenceColumns(), "version", "state", "effective_to", "published", "source_name", "target_name", "licence")); err != nil {
			return err
		}
		err := snapshot.EachEquivalence(bank.RuleFilter{On: calendar.None, Past: true}, func(r bank.RuleInfo) error {
			for i, cells := range r.Cells() {
				source, target := "", ""
				if i < len(r.Sources) {
					source = n.course(r.Sources[i].CourseKey).Current.Name
				}
				if i < len(r.Targets) && r.Targets[i].Course != "" {
					target = n.course(transfer.CourseKey{Institution: r.Institution, Code: r.Targets[i].Course}).Current.Name
				}
				cells = append(cells, strconv.Itoa(r.Version), openState(&r), openDay(r.EffectiveTo), openDay(r.Published), source, target, s.licence)
				if err := w.Write(cells); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return w.Flush()
	})
}

// openState says whether a version serves.
func openState(r *bank.RuleInfo) string {
	switch {
	case r.Superseded:
		return bank.EvaluationSuperseded
	case r.Suspended:
		return bank.EvaluationSuspended
	}
	return bank.EvaluationPublished
}

func openDay(d calendar.Day) string {
	if d == calendar.None {
		return ""
	}
	return d.String()
}

// openGraph gives the versions that award credit as TransferValueProfiles of the
// Credential Transparency Description Language (CTDL), one JSON-LD document.
func (s *Server) openGraph(c echo.Context) error {
	base := s.address.of(c.Request())
	return s.stream(c, "application/ld+json", func(snapshot *bank.Snapshot, out io.Writer) error {
		n := newNames(snapshot, s.bank.Today())
		head, err := json.Marshal(map[string]any{"@type": "schema:Dataset", "@id": base + "/open/equivalences.jsonld", "schema:license": map[string]string{"@id": licenceAddress(s.licence)},
			"schema:version": strconv.FormatInt(snapshot.Version, 10)})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, `{"@context":`+openContext+`,"@graph":[`+string(head)); err != nil {
			return err
		}
		err = snapshot.EachEquivalence(bank.RuleFilter{On: calendar.None, Past: true, Outcome: string(transfer.Credit)}, func(r bank.RuleInfo) error {
			if r.Superseded || r.Suspended {
				return nil
			}
			node, err := json.Marshal(newTransferValue(base, r, n))
			if err == nil {
				_, err = io.WriteString(out, ",\n"+string(node))
			}
			return err
		})
		if err == nil {
			_, err = io.WriteString(out, "]}\n")
		}
		return err
	})
}

// openContext says what the names of the document stand for, so that nobody has to
// fetch it.
const openContext = `{"ceterms":"https://purl.org/ctdl/terms/","schema":"https://schema.org/","xsd":"http://www.w3.org/2001/XMLSchema#",` +
	`"ceterms:name":{"@container":"@language"},"ceterms:description":{"@container":"@language"},"schema:description":{"@container":"@language"},` +
	`"ceterms:startDate":{"@type":"xsd:date"},"ceterms:endDate":{"@type":"xsd:date"},"schema:value":{"@type":"xsd:float"},` +
	`"ceterms:ownedBy":{"@type":"@id"},"ceterms:offeredBy":{"@type":"@id"},"ceterms:subjectWebpage":{"@type":"@id"}}`

// transferValue is a version as CTDL describes it: what is given for what.
type transferValue struct {
	Type    string            `json:"@type"`
	ID      string            `json:"@id"`
	CTID    string            `json:"ceterms:ctid"`
	Name    map[string]string `json:"ceterms:name"`
	Text    map[string]string `json:"ceterms:description,omitempty"`
	Page    string            `json:"ceterms:subjectWebpage"`
	Owner   string            `json:"ceterms:ownedBy"`
	Start   string            `json:"ceterms:startDate,omitempty"`
	End     string            `json:"ceterms:endDate,omitempty"`
	Version string            `json:"ceterms:versionCode"`
	Values  []openValue       `json:"ceterms:transferValue"`
	From    []openCourse      `json:"ceterms:transferValueFrom"`
	For     []openCourse      `json:"ceterms:transferValueFor,omitempty"`
}

// openValue is how many credits are given.
type openValue struct {
	Type  string            `json:"@type"`
	Value json.Number       `json:"schema:value"`
	Text  map[string]string `json:"schema:description"`
}

// openCourse is a course of a version.
type openCourse struct {
	Type  string            `json:"@type"`
	ID    string            `json:"@id"`
	Name  map[string]string `json:"ceterms:name"`
	Code  string            `json:"ceterms:codedNotation"`
	Owner string            `json:"ceterms:offeredBy"`
	Page  string            `json:"ceterms:subjectWebpage"`
}

func newTransferValue(base string, r bank.RuleInfo, n *names) transferValue {
	view := newRuleView(r, n)
	page := base + ruleAddress(r.RuleRef)
	v := transferValue{Type: "ceterms:TransferValueProfile", ID: page, CTID: ctid(page), Page: page, Owner: base + institutionAddress(r.Institution),
		Start: openDay(r.From), End: openDay(r.EffectiveTo), Version: strconv.Itoa(r.Version), Values: []openValue{}, From: []openCourse{}}
	if r.Note != "" {
		v.Text = map[string]string{"zh-CN": r.Note}
	}
	var sources, targets []string
	for _, s := range view.Sources {
		v.From = append(v.From, newOpenCourse(base, s.Course))
		sources = append(sources, s.Course.Current.Name)
	}
	for _, t := range view.Targets {
		if t.Course != "" {
			v.For = append(v.For, newOpenCourse(base, t.CourseInfo))
			targets = append(targets, t.CourseInfo.Current.Name)
		} else {
			targets = append(targets, t.GroupName)
		}
		if t.Credits != "" {
			v.Values = append(v.Values, openValue{"ceterms:ValueProfile", json.Number(t.Credits), map[string]string{"zh-CN": "学分", "en": "credits"}})
		}
	}
	v.Name = map[string]string{"zh-CN": strings.Join(sources, " + ") + " → " + strings.Join(targets, " + ")}
	return v
}

func newOpenCourse(base string, c bank.CourseInfo) openCourse {
	page := base + courseAddress(c.CourseKey)
	name := map[string]string{"zh-CN": c.Current.Name}
	if c.Current.NameEn != "" {
		name["en"] = c.Current.NameEn
	}
	return openCourse{Type: "ceterms:Course", ID: page, Name: name, Code: c.Code, Owner: base + institutionAddress(c.Institution), Page: page}
}

// ctid is an identifier as CTDL wants one, the same as long as the address is.
func ctid(address string) string {
	sum := sha256.Sum256([]byte(address))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of one's own making: RFC 9562, version 8
	text := hex.EncodeToString(sum[:16])
	return "ce-" + text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
