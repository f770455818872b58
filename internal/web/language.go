package web

import (
	"fmt"
	"slices"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"creditbank/templates"
)

// Languages holds every sentence a person reads, in Chinese and English.
type Languages struct {
	bundle   *i18n.Bundle
	matcher  language.Matcher
	speakers []Speaker // one for each language
}

// languageTags are the languages, the first one being the default.
var languageTags = [...]string{"zh-CN", "en"}

// LoadLanguages reads the embedded language files.
func LoadLanguages() (*Languages, error) {
	bundle := i18n.NewBundle(language.SimplifiedChinese)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	var tags []language.Tag
	for _, tag := range languageTags {
		if _, err := bundle.LoadMessageFileFS(templates.FS, "lang/"+tag+".toml"); err != nil {
			return nil, fmt.Errorf("language %s: %w", tag, err)
		}
		tags = append(tags, language.Make(tag))
	}
	l := &Languages{bundle: bundle, matcher: language.NewMatcher(tags)}
	for _, tag := range languageTags {
		l.speakers = append(l.speakers, Speaker{Tag: tag, localizer: i18n.NewLocalizer(bundle, tag)})
	}
	return l, nil
}

// Speaker says sentences in one language.
type Speaker struct {
	Tag       string // zh-CN or en
	localizer *i18n.Localizer
}

// Speaker picks the language that fits best: the first preference that is ours;
// a preference may be a tag or a whole Accept-Language header.
func (l *Languages) Speaker(preferences ...string) Speaker {
	if !slices.ContainsFunc(preferences, func(p string) bool { return p != "" }) {
		return l.speakers[0] // as programs mostly ask
	}
	_, at := language.MatchStrings(l.matcher, preferences...)
	return l.speakers[at]
}

// Chinese says whether the language is Chinese: names are then shown in Chinese.
func (s Speaker) Chinese() bool { return s.Tag == languageTags[0] }

// Say is the sentence of a key, filled with args. A key that no language has is
// shown as it is; tests keep that from happening.
func (s Speaker) Say(key string, args map[string]any) string {
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: args}
	if count, counted := args["Count"]; counted {
		config.PluralCount = count
	}
	text, err := s.localizer.Localize(config)
	if err != nil && text == "" {
		return key
	}
	return text
}

// Name picks the name in the speaker's language, the Chinese one where there is no other.
func (s Speaker) Name(zh, en string) string {
	if s.Chinese() || en == "" {
		return zh
	}
	return en
}
