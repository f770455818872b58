package bank

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/code"
)

// CatalogueStage is the class of a national code at one level, on the way that a
// person takes through the levels.
type CatalogueStage struct {
	Level   string // 中职, 高职专科, 职业本科, 普通本科
	Entries []CatalogueEntry
}

// CatalogueChain is a national code with its class, and the same class at every level
// of vocational education (职业教育专业目录, 2021: the three levels count the same
// categories and classes).
type CatalogueChain struct {
	CatalogueEntry
	Stages []CatalogueStage
	Intro  CatalogueIntro
}

// maxCatalogue is how many entries a search gives.
const maxCatalogue = 30

// FindCatalogue finds entries of the national catalogue by the words of their name or
// class, pinyin initials, or the first digits of their code; those of a level first.
func (b *Bank) FindCatalogue(ctx context.Context, q, kind string) ([]CatalogueEntry, error) {
	words := strings.Fields(Fold(q))
	if len(words) == 0 {
		return nil, nil
	}
	level := levelNames()[levelOfKind(kind)]
	var first, others []CatalogueEntry
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		e, err := scanCatalogueEntry(rows)
		if err != nil || !e.holds(words) {
			return err
		}
		if e.Level == level {
			first = append(first, e)
		} else {
			others = append(others, e)
		}
		return nil
	}, selectCatalogue+` ORDER BY code`)
	found := slices.Concat(first, others)
	return found[:min(len(found), maxCatalogue)], err
}

func (e *CatalogueEntry) holds(words []string) bool {
	return holdsAll(strings.Join([]string{Fold(e.Code), Fold(e.Name), Fold(e.ClassName), Initials(e.Name)}, "\n"), words)
}

// levelOfKind is the level of the catalogue that an institution of a kind teaches.
func levelOfKind(kind string) code.Level {
	return map[string]code.Level{"secondary_vocational": code.Secondary, "comprehensive_secondary": code.Secondary, "higher_vocational": code.Higher,
		"vocational_undergraduate": code.Bachelor, "general_undergraduate": code.General}[kind]
}

// Catalogue is a national code with its class at every level; without an entry for a
// code that the catalogue does not list. It promises Invalid for a text that is no code.
func (b *Bank) Catalogue(ctx context.Context, number string) (chain CatalogueChain, err error) {
	p, err := code.ParseProgramme(number)
	if err != nil {
		return chain, invalidField("catalogue_code", number, "catalogue_code", nil)
	}
	stages := map[string][]CatalogueEntry{}
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		e, err := scanCatalogueEntry(rows)
		if e.Code == number {
			chain.CatalogueEntry = e
		}
		stages[e.Level] = append(stages[e.Level], e)
		return err
	}, selectCatalogue+` WHERE class_code IN ($1, $2, $3) ORDER BY code`, classesOf(p)...)
	for _, level := range []code.Level{code.Secondary, code.Higher, code.Bachelor, code.General} {
		if entries := stages[levelNames()[level]]; len(entries) > 0 {
			chain.Stages = append(chain.Stages, CatalogueStage{levelNames()[level], entries})
		}
	}
	if err == nil {
		chain.Intro, err = b.catalogueIntro(ctx, number)
	}
	return chain, err
}

// classesOf are the codes of a class at the three vocational levels; of general
// education, which has one, that.
func classesOf(p code.Programme) []any {
	if p.Level() == code.General {
		return []any{p.Class(), p.Class(), p.Class()}
	}
	var classes []any
	for _, level := range []int{60, 40, 20} {
		classes = append(classes, fmt.Sprintf("%02d%s", level+p.Family(), p.Class()[2:]))
	}
	return classes
}
