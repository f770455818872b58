package bank

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxAttachment is the largest file that is taken, in bytes.
const MaxAttachment = 5 << 20

// sealedFile is what the content of a learner's file is bound to, with its number.
const sealedFile = "attachment.content"

// AttachmentTypes lists the types of files that are taken.
func AttachmentTypes() []string { return []string{"pdf", "png", "jpeg", "docx", "xlsx", "txt"} }

// checkedAttachment is a file that may be kept.
type checkedAttachment struct {
	name, kind string
	content    []byte
}

// checkAttachment holds a file against what the bank keeps. The fault names the field
// by which it came: file_empty, file_size, file_type, or what is wrong with its name.
func checkAttachment(field string, in NewAttachment) (checkedAttachment, *FieldError) {
	name := baseName(in.Name)
	fault := func(code string, args map[string]any) (checkedAttachment, *FieldError) {
		return checkedAttachment{}, &FieldError{Field: field, Value: shortName(name), Code: code, Args: args}
	}
	if code := nameFault(name); code != "" {
		return fault(code, map[string]any{"Limit": nameLength})
	}
	switch {
	case len(in.Content) == 0:
		return fault("file_empty", nil)
	case len(in.Content) > MaxAttachment:
		return fault("file_size", map[string]any{"Limit": MaxAttachment >> 20})
	}
	kind := attachmentType(in.Content)
	if kind == "" {
		return fault("file_type", map[string]any{"Types": strings.ToUpper(strings.Join(AttachmentTypes(), ", "))})
	}
	return checkedAttachment{name: named(name, kind), kind: kind, content: in.Content}, nil
}

// shortName keeps a name that somebody made up from filling a page.
func shortName(name string) string {
	if runes := []rune(strings.ToValidUTF8(name, "")); len(runes) > codeLength {
		return string(runes[:codeLength]) + "…"
	}
	return strings.ToValidUTF8(name, "")
}

// named gives a name the ending of its type, so that no reader's machine takes the
// file for something else.
func named(name, kind string) string {
	lower := strings.ToLower(name)
	for _, ending := range map[string][]string{"jpeg": {".jpg", ".jpeg"}}[kind] {
		if strings.HasSuffix(lower, ending) {
			return name
		}
	}
	if strings.HasSuffix(lower, "."+kind) {
		return name
	}
	return name + "." + kind
}

// attachmentType tells a type by its content; empty: none that is taken.
func attachmentType(content []byte) string {
	for _, begin := range []struct{ mark, kind string }{
		{"%PDF-", "pdf"}, {"\x89PNG\r\n\x1a\n", "png"}, {"\xff\xd8\xff", "jpeg"},
	} {
		if bytes.HasPrefix(content, []byte(begin.mark)) {
			return begin.kind
		}
	}
	switch {
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		return officeType(content)
	case isPlainText(content):
		return "txt"
	}
	return ""
}

// officeType is docx or xlsx for a package of Office Open XML (ECMA-376) without
// macros, else empty. Nothing in it is unpacked.
func officeType(content []byte) string {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return ""
	}
	var names []string
	for _, file := range archive.File {
		name := strings.ToLower(file.Name)
		if strings.HasSuffix(name, "vbaproject.bin") {
			return ""
		}
		names = append(names, name)
	}
	switch {
	case !slices.Contains(names, "[content_types].xml"):
		return ""
	case slices.Contains(names, "word/document.xml"):
		return "docx"
	case slices.Contains(names, "xl/workbook.xml"):
		return "xlsx"
	}
	return ""
}

// isPlainText is for UTF-8 without control characters but those of lines and pages.
func isPlainText(content []byte) bool {
	return utf8.Valid(content) && !bytes.ContainsFunc(content, func(r rune) bool { return isControl(r) && r != '\f' })
}
