package intake_test

import (
	"archive/zip"
	"bytes"
	"strings"

	"creditbank/internal/bank"
)

// rosterParts are an archive as in OneRoster 1.2 of a school with one course: manifest
// first.
func rosterParts() []part {
	modes := "propertyName,value\noneroster.version,1.2\n"
	tables := []part{}
	rows := map[string]string{
		"orgs": "A,,,Abroad,school,A,", "academicSessions": "T,,,2025,schoolYear,2025-09-01,2026-08-31,,2026", "courses": "C,,,T,Seven,007,,A,,,1,",
		"classes": "K,,,1,,C,,scheduled,,A,T,,,", "users": "u,,,true,u,,小明,王,,U1" + strings.Repeat(",", 13), "roles": "r,,,u,primary,student,,,A,",
		"enrollments": "e,,,K,A,u,student,,,", "categories": "final,,,final,", "lineItems": "i,,,final,,,2026-07-10,K,final,T,0,100,A",
		"results": "x,,,i,u,fully graded,80,2026-07-05,,,,,,,",
	}
	for _, f := range bank.RosterFiles() {
		modes += "file." + f.Name + ",bulk\n"
		tables = append(tables, part{f.File(), strings.Join(f.All(), ",") + "\n" + rows[f.Name] + "\n"})
	}
	return append([]part{{"manifest.csv", modes}}, tables...)
}

// hostileRosters are archives of tables whose container, manifest or tables are the
// trouble.
func hostileRosters(add adding) {
	roster := func(name, want string, make func() []byte) { add("archive: "+name, bank.OneRoster, want, make) }
	with := func(name, want string, more ...part) {
		roster(name, want, func() []byte { return packed(append(rosterParts(), more...)...) })
	}
	changed := func(name, want, file, old, new string) {
		roster(name, want, func() []byte {
			parts := rosterParts()
			for i := range parts {
				if parts[i].name == file {
					parts[i].content = strings.Replace(parts[i].content, old, new, 1)
				}
			}
			return packed(parts...)
		})
	}
	with("good", "read 10")
	with("packed on a Macintosh", "read 10", part{"__MACOSX/._users.csv", "\x00\x05\x16\x07"}, part{".DS_Store", "x"})
	hostileContainers(roster, with)
	changed("no manifest worth the name", "file roster_manifest", "manifest.csv", "propertyName", "name")
	changed("an older version", "file roster_version", "manifest.csv", "version,1.2", "version,1.1")
	changed("a delta that does not say what became of its rows", "rows required", "manifest.csv", "users,bulk", "users,delta")
	changed("a mode that there is not", "file roster_mode", "manifest.csv", "users,bulk", "users,some")
	changed("a file that the manifest does not name", "file roster_mode", "manifest.csv", "file.users,bulk\n", "")
	changed("a file that the manifest denies", "file roster_unnamed", "manifest.csv", "results,bulk", "results,absent")
	with("a file that the manifest promises nothing of", "file roster_unnamed", part{"userProfiles.csv", "sourcedId\n"})
	changed("a lost column", "file roster_column", "users.csv", "familyName,", "")
	changed("a column of nobody", "file roster_unknown", "users.csv", "pronouns\n", "pronouns,geheim\n")
	changed("a mark of byte order", "read 10", "users.csv", "sourcedId", "\ufeffsourcedId")
	changed("a column twice", "file duplicate_column", "orgs.csv", "identifier", "name")
	changed("an open quote", "file quotes", "users.csv", "u,,,true", "u,,,\"true")
	changed("a million names without end", "file size", "users.csv", "小明", strings.Repeat("明", 1<<20))
	changed("formulas", "read 10", "users.csv", "小明", "=cmd|' /C calc'!A0")
	changed("statements", "rows roster_dangling", "results.csv", "x,,,i,u", "x,,,\"'; DROP TABLE record; --\",u")
	changed("itself for the school above", "read 10", "orgs.csv", "A,,,Abroad,school,A,", "A,,,Abroad,school,A,A")
	roster("a circle of schools", "rows roster_org", func() []byte {
		parts := rosterParts()
		parts[1].content += "Y,,,Abroad,department,,Z\nZ,,,Abroad,department,,Y\n"
		parts[3].content = strings.Replace(parts[3].content, "007,,A", "007,,Y", 1)
		return packed(parts...)
	})
	changed("a hundred thousand people of one name", "rows roster_duplicate", "users.csv", "u,,,true", strings.Repeat("v,,,true,v,,a,b,,,,,,,,,,,,,,,\n", 100_000)+"u,,,true")
	roster("GB18030", "read 10 roster_read_as", func() []byte {
		parts := rosterParts()
		for i := range parts {
			parts[i].content = string(inGB18030(strings.Replace(parts[i].content, "Seven", "程序设计基础与实践", 1)))
		}
		return packed(parts...)
	})
}

// hostileContainers are archives whose container is the trouble.
func hostileContainers(roster func(name, want string, make func() []byte), with func(name, want string, more ...part)) {
	good := func() []byte { return packed(rosterParts()...) }
	roster("none", "file archive", func() []byte { return []byte("sourcedId,status\n") })
	roster("a workbook", "file archive_folder", func() []byte { return packed(bookParts(goodSheet)...) })
	roster("without a manifest", "file roster_manifest", func() []byte { return packed(rosterParts()[1:]...) })
	roster("without a file that is promised", "file roster_missing", func() []byte { return packed(rosterParts()[:8]...) })
	roster("cut", "file archive_broken", func() []byte { b := good(); return b[:len(b)*2/3] })
	roster("a wrong check sum", "file archive_broken", func() []byte {
		b := good()
		b[bytes.LastIndex(b, []byte("PK\x01\x02"))+16] ^= 0xff
		return b
	})
	roster("a password", "file archive_encrypted", func() []byte {
		b := good()
		b[bytes.LastIndex(b, []byte("PK\x01\x02"))+8] |= 1
		return b
	})
	roster("a way of packing that nobody knows", "file archive_broken", func() []byte {
		b := good()
		b[bytes.LastIndex(b, []byte("PK\x01\x02"))+10] = 99
		return b
	})
	with("a file outside", "file archive_path", part{"../../../tmp/evil.csv", "x"})
	with("a file outside, the other way", "file archive_path", part{`..\..\evil.csv`, "x"})
	with("a file at the root", "file archive_path", part{"/etc/cron.d/evil", "x"})
	with("a file of a drive", "file archive_path", part{`C:\evil.csv`, "x"})
	with("a file in a folder", "file archive_folder", part{"export/users.csv", "x"})
	with("a file twice", "file archive_twice", part{"users.csv", "x"})
	with("a file twice, in capitals", "file archive_twice", part{"USERS.CSV", "x"})
	with("another archive inside", "file roster_unnamed", part{"inner.zip", string(packed(part{"x", "x"}))})
	roster("a workbook for a table", "file roster_workbook", func() []byte {
		parts := rosterParts()
		parts[5].content = string(packed(bookParts(goodSheet)...))
		return packed(parts...)
	})
	roster("a bomb", "file archive_size", func() []byte { return rosterBomb("users.csv", 1100) })
	roster("a bomb that nobody reads", "file archive_size", func() []byte { return rosterBomb("x.bin", 300) })
	roster("a bomb that lies about its size", "file archive_broken", func() []byte {
		b := rosterBomb("x.bin", 64)
		i := bytes.LastIndex(b, []byte("PK\x01\x02"))
		copy(b[i+24:i+28], []byte{1, 0, 0, 0})
		return b
	})
	roster("a thousand files", "file archive_size", func() []byte {
		parts := rosterParts()
		for i := range 1000 {
			parts = append(parts, part{strings.Repeat("x", i+1), ""})
		}
		return packed(parts...)
	})
	roster("70 MB", "file archive_size", func() []byte { return append([]byte("PK\x03\x04"), make([]byte, 70<<20)...) })
}

// rosterBomb is an archive with a file that unpacks to so many megabytes of blanks.
func rosterBomb(name string, megabytes int) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range rosterParts() {
		if p.name != name {
			w, _ := z.Create(p.name)
			_, _ = w.Write([]byte(p.content))
		}
	}
	w, _ := z.Create(name)
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range megabytes {
		_, _ = w.Write(blanks)
	}
	_ = z.Close()
	return out.Bytes()
}
