package bench

// peerTables are clustered in the order in which the statement walks them.
const peerTables = `
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -1000000;
CREATE TABLE programme (id INTEGER PRIMARY KEY, institution INTEGER NOT NULL, required INTEGER NOT NULL, cap INTEGER NOT NULL);
CREATE INDEX programme_of ON programme (institution, id, required, cap);
CREATE TABLE grp (programme INTEGER, code INTEGER, min INTEGER NOT NULL, PRIMARY KEY (programme, code)) WITHOUT ROWID;
CREATE TABLE plan (course INTEGER, programme INTEGER, grp INTEGER NOT NULL, never INTEGER NOT NULL, PRIMARY KEY (course, programme)) WITHOUT ROWID;
CREATE TABLE offered (course INTEGER PRIMARY KEY, credits INTEGER NOT NULL);
CREATE TABLE need (course INTEGER, rule INTEGER, part INTEGER, way INTEGER, parts INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
	since INTEGER NOT NULL, until INTEGER NOT NULL, years INTEGER NOT NULL, PRIMARY KEY (course, rule, part, way)) WITHOUT ROWID;
CREATE INDEX need_of ON need (rule, part, course);
CREATE TABLE award (rule INTEGER, n INTEGER, institution INTEGER NOT NULL, programme INTEGER NOT NULL, course INTEGER NOT NULL, grp INTEGER NOT NULL,
	credits INTEGER NOT NULL, divisor INTEGER NOT NULL, step INTEGER NOT NULL, PRIMARY KEY (rule, n)) WITHOUT ROWID;`

// plainStatement ranks by the optimistic bound, word for word: every satisfied
// rule in every programme it is for. The parameters are those of tunedStatement.
const plainStatement = `
WITH` + peerGains + `
given AS (
	SELECT q.id AS programme, g.course, g.grp, g.credits FROM gain g CROSS JOIN programme q ON q.institution = g.institution WHERE g.programme < 0
	UNION ALL SELECT programme, course, grp, credits FROM gain WHERE programme >= 0),
best AS (SELECT programme, course, max(credits) AS credits FROM given WHERE course > 0 GROUP BY programme, course),
filled AS (
	SELECT b.programme, coalesce(p.grp, -1) AS grp, b.credits, 0 AS earned
	FROM best b LEFT JOIN plan p ON p.course = b.course AND p.programme = b.programme WHERE coalesce(p.never, 0) = 0
	UNION ALL SELECT programme, grp, credits, 0 FROM given WHERE course = 0
	UNION ALL SELECT p.programme, p.grp, 0, h.credits FROM held h CROSS JOIN plan p ON p.course = h.course),
counted AS (SELECT programme, grp, sum(credits) AS credits, sum(earned) AS earned FROM filled GROUP BY programme, grp),
worth AS (
	SELECT c.programme, sum(min(c.credits, max(0, coalesce(g.min, 0) - c.earned))) AS applied, sum(c.credits) AS transferable
	FROM counted c LEFT JOIN grp g ON g.programme = c.programme AND g.code = c.grp GROUP BY c.programme),
standing AS (
	SELECT q.id, q.required, min(q.cap, coalesce(w.applied, 0)) AS applied, min(q.cap, coalesce(w.transferable, 0)) AS transferable
	FROM programme q LEFT JOIN worth w ON w.programme = q.id)` + peerOrder

// tunedStatement ranks by the optimistic bound: each course of a programme at the
// most credits that any satisfied rule gives for it, then what the groups still
// need and the cap on all credits. What the rules of an institution give for all
// its programmes is added up once (wide, whole) and corrected for each programme
// by what it counts otherwise (pick.instead).
//
// ?1: the records, ?2: the day, ?3: how many programmes are wanted.
const tunedStatement = `
WITH` + peerGains + `
wide AS MATERIALIZED (
	SELECT course, institution, max(credits) AS credits FROM gain WHERE programme < 0 AND course > 0 GROUP BY course),
narrow AS MATERIALIZED (
	SELECT g.programme, g.course, max(g.credits) AS credits FROM gain g WHERE g.programme >= 0 AND g.course > 0 GROUP BY g.programme, g.course),
pick AS (
	SELECT p.programme, p.grp, CASE WHEN p.never THEN 0 ELSE w.credits END AS credits, w.credits AS instead
	FROM wide w CROSS JOIN plan p ON p.course = w.course
	UNION ALL
	SELECT s.programme, coalesce(p.grp, -1), max(0, s.credits - coalesce(w.credits, 0)), 0
	FROM narrow s LEFT JOIN wide w ON w.course = s.course LEFT JOIN plan p ON p.course = s.course AND p.programme = s.programme
	WHERE coalesce(p.never, 0) = 0),
loose AS MATERIALIZED (
	SELECT institution, programme, grp, sum(credits) AS credits FROM gain WHERE course = 0 GROUP BY institution, programme, grp),
whole AS MATERIALIZED (
	SELECT institution, sum(credits) AS credits FROM (
		SELECT institution, credits FROM wide UNION ALL SELECT institution, credits FROM loose WHERE programme < 0) GROUP BY institution),
filled AS (
	SELECT programme, grp, credits, instead, 0 AS earned FROM pick
	UNION ALL SELECT programme, grp, credits, 0, 0 FROM loose WHERE programme >= 0
	UNION ALL SELECT q.id, l.grp, l.credits, l.credits, 0 FROM loose l CROSS JOIN programme q ON q.institution = l.institution WHERE l.programme < 0
	UNION ALL SELECT p.programme, p.grp, 0, 0, h.credits FROM held h CROSS JOIN plan p ON p.course = h.course),
counted AS (
	SELECT programme, grp, sum(credits) AS credits, sum(credits - instead) AS extra, sum(earned) AS earned FROM filled GROUP BY programme, grp),
worth AS (
	SELECT c.programme, sum(min(c.credits, max(0, coalesce(g.min, 0) - c.earned))) AS applied, sum(c.extra) AS extra
	FROM counted c LEFT JOIN grp g ON g.programme = c.programme AND g.code = c.grp
	GROUP BY c.programme),
standing AS (
	SELECT q.id, q.required, min(q.cap, coalesce(w.applied, 0)) AS applied,
		min(q.cap, coalesce(t.credits, 0) + coalesce(w.extra, 0)) AS transferable
	FROM programme q LEFT JOIN whole t ON t.institution = q.institution LEFT JOIN worth w ON w.programme = q.id)` + peerOrder

// peerGains is what the learner's records satisfy, and what that gives.
const peerGains = `
rec(course, score, done, usable, passed, hours) AS MATERIALIZED (
	SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?1)),
held AS MATERIALIZED (SELECT DISTINCT o.course, o.credits FROM rec r CROSS JOIN offered o ON o.course = r.course WHERE r.passed),
hit AS MATERIALIZED (
	SELECT n.rule, n.part, n.parts FROM rec r CROSS JOIN need n ON n.course = r.course
	WHERE r.usable AND r.score >= n.low AND r.score <= n.high AND r.done >= n.since AND r.done <= n.until AND r.done + n.years >= ?2),
met AS (
	SELECT DISTINCT rule FROM hit WHERE parts = 1
	UNION ALL SELECT rule FROM hit WHERE parts > 1 GROUP BY rule, parts HAVING count(DISTINCT part) = parts),
gain AS MATERIALIZED (
	SELECT a.institution, a.programme, a.course, a.grp, CASE WHEN a.divisor = 0 THEN a.credits ELSE (
		SELECT coalesce(sum(most), 0) FROM (SELECT max(r.hours) AS most FROM need n CROSS JOIN rec r ON r.course = n.course
			WHERE n.rule = a.rule GROUP BY n.part)) / a.divisor * a.step END AS credits
	FROM met m CROSS JOIN award a ON a.rule = m.rule WHERE a.course NOT IN (SELECT course FROM held)),`

// peerOrder is the order of a ranking.
const peerOrder = `
SELECT id, applied, transferable FROM standing
ORDER BY applied DESC, CASE WHEN applied > 0 THEN required ELSE 0 END, transferable DESC, id LIMIT ?3`
