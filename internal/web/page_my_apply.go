package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// applyPage is what a learner asks a school for: the plan as it is proposed, of which
// items may be dropped, or swapped for what ties with them.
type applyPage struct {
	Form        form
	Programme   bank.ProgrammeInfo
	Institution bank.InstitutionInfo
	ProgrammeID string
	Draft       bank.Application // as it was saved; without an ID there is none
	Items       []applyItem
	Files       []bank.AttachmentInfo
	Bar         bar
	Moved       bool // the draft asks for what is not offered any more
	Done        string
}

// applyItem is an item of the plan with the ways in which it can be asked for.
type applyItem struct {
	N       int // number in the form, from 0
	Changed bool
	Ways    []applyWay
	Dropped bool // it is left out
}

// applyWay is the item as it is proposed, or what ties with it.
type applyWay struct {
	planItem
	ID     string // of its field
	Key    string
	Chosen bool
}

// applyFields are what the form sends beside the items, in the order of the page.
var applyFields = []string{"items", "note", "files", "declared"}

// applyDone are the things that the page can say were done.
var applyDone = []string{"draft_saved"}

// apply shows the plan that can be asked for, and the draft of it.
func (s *Server) apply(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	asked := clean(c.QueryParam(paramTo))
	if asked == "" {
		return c.Redirect(http.StatusSeeOther, checkQuery{own: true}.rankPage())
	}
	to := programmeNamed(n.snapshot, asked)
	v, err := s.newApplyPage(c, to)
	if err != nil {
		return err
	}
	if v.Draft.ID != "" && v.Draft.State != bank.ApplicationDraft {
		return c.Redirect(http.StatusSeeOther, applicationAddress(v.Draft.ID))
	}
	v.Done = justDone(c, applyDone...)
	return s.render(c, http.StatusOK, "my_apply", v)
}

// newApplyPage is the page as the draft has it, or as the plan is proposed.
func (s *Server) newApplyPage(c echo.Context, to transfer.ProgrammeKey) (v applyPage, err error) {
	ctx, actor := c.Request().Context(), actorOf(c)
	offer, err := s.bank.OfferApplication(ctx, actor, "", to)
	if err != nil {
		return v, err
	}
	n := newNames(offer.Snapshot, s.bank.Today())
	v = applyPage{ProgrammeID: to.Institution + ":" + to.Code, Institution: n.institution(to.Institution),
		Bar: newBar(offer.Answer.Required, offer.Answer.Earned, offer.Answer.Applied, offer.Answer.Transferable)}
	v.Programme, _ = offer.Snapshot.ProgrammeHead(to)
	if offer.Running != nil {
		if v.Draft, err = s.bank.Application(ctx, actor, offer.Running.ID); err != nil {
			return v, err
		}
		v.Files = v.Draft.Files
	}
	v.addItems(offer, n, s.speaker(c))
	v.Form = form{Values: map[string][]string{"note": {v.Draft.Note}}}
	return v, nil
}

// addItems lists the items of the offer, each as the draft asks for it.
func (v *applyPage) addItems(offer bank.ApplicationOffer, n *names, say Speaker) {
	var asked []string
	for _, item := range v.Draft.Items {
		asked = append(asked, item.Key)
	}
	matched := 0
	for i, item := range offer.Items {
		row := applyItem{N: i}
		for w, way := range append([]bank.OfferItem{item}, item.Instead...) {
			chosen := slices.Contains(asked, way.Key) || v.Draft.ID == "" && w == 0
			row.Ways = append(row.Ways, applyWay{planItem: offeredItem(way.Item, offer, n, say), ID: fmt.Sprintf("item-%d-%d", i, w), Key: way.Key, Chosen: chosen})
			if chosen {
				matched++
			}
		}
		row.Dropped = !slices.ContainsFunc(row.Ways, func(w applyWay) bool { return w.Chosen })
		v.Items = append(v.Items, row)
	}
	v.Moved = v.Draft.ID != "" && matched < len(asked)
}

// offeredItem shows an item of an offer as a plan shows it.
func offeredItem(item transfer.Item, offer bank.ApplicationOffer, n *names, say Speaker) planItem {
	records := make([]bank.CheckRecord, len(offer.Records))
	for i, r := range offer.Records {
		records[i] = bank.CheckRecord{Institution: r.Institution, Course: r.Code, Grade: r.Grade}
	}
	a := bank.PlanAnswer{Answer: offer.Answer, Snapshot: offer.Snapshot, Records: offer.Records}
	return newPlanItem(item, a, checkQuery{Records: records}, n, say)
}

// takeApplication saves a draft, or hands it in.
func (s *Server) takeApplication(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	f := readFields(c, "to", "id", "stamp", "declared", "do", "count")
	f.Values.Set("note", cleanText(c.FormValue("note")))
	files, err := readFiles(c, "files")
	if err != nil {
		return err
	}
	to := programmeNamed(n.snapshot, f.Get("to"))
	in := bank.NewApplication{ID: f.Get("id"), Stamp: f.Get("stamp"), To: to, Items: askedItems(c, f.Get("count")), Note: f.Get("note"), Files: files}
	ctx, actor := c.Request().Context(), actorOf(c)
	saved, err := s.bank.SaveApplication(ctx, actor, in)
	if err != nil {
		return s.applyAgain(c, to, f, in.Items, err)
	}
	if f.Get("do") != "submit" {
		return c.Redirect(http.StatusSeeOther, address("/my/apply", nil, paramTo, f.Get("to"), "done", "draft_saved"))
	}
	submitted, err := s.bank.SubmitApplication(ctx, actor, saved.ID, saved.Stamp, f.Get("declared") != "")
	if err != nil {
		return s.applyAgain(c, to, f, in.Items, err)
	}
	return c.Redirect(http.StatusSeeOther, applicationAddress(submitted.ID)+"?done=submitted")
}

// askedItems are the keys that were chosen; never nil, which would be the whole plan.
func askedItems(c echo.Context, count string) []string {
	keys := []string{}
	n, err := strconv.Atoi(count)
	if err != nil {
		n = 0
	}
	for i := range min(n, maxLines) {
		if key := clean(c.FormValue(fmt.Sprint("item-", i))); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// applyAgain shows the form as it was sent, with what is wrong.
func (s *Server) applyAgain(c echo.Context, to transfer.ProgrammeKey, f form, keys []string, cause error) error {
	v, err := s.newApplyPage(c, to)
	if err != nil {
		return err
	}
	if v.Draft.ID != "" && v.Draft.State != bank.ApplicationDraft { // handed in from another window
		return c.Redirect(http.StatusSeeOther, applicationAddress(v.Draft.ID))
	}
	v.Form = f
	for i := range v.Items {
		item := &v.Items[i]
		item.Dropped = true
		for w := range item.Ways {
			item.Ways[w].Chosen = slices.Contains(keys, item.Ways[w].Key)
			item.Dropped = item.Dropped && !item.Ways[w].Chosen
		}
	}
	return s.refuse(c, fieldsNamed(cause, inList), &v.Form, "my_apply", &v, applyFields...)
}

// inList names the elements of the list of items by the list: items[2] is items to a page
// that has one place for what is wrong with them.
func inList(field string) string {
	if strings.HasPrefix(field, "items[") {
		return "items"
	}
	return field
}

func applicationAddress(id string) string { return "/my/applications/" + id }
