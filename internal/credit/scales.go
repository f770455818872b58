package credit

// The codes of the scales every bank starts with.
const (
	Percent = "percent" // 百分制
	Five    = "five"    // 五级制
	Pass    = "pass"    // 两级制
	Letter  = "letter"  // A to F
	Raw     = "raw"     // exam and placement scores, compared as they are
)

const (
	point  Score = 100
	passAt Score = 60 * point
)

// StandardScales are the scales a bank has before any are configured, in an
// order that does not change. Every call makes them anew.
func StandardScales() []Scale {
	return []Scale{
		{Code: Percent, Numeric: true, PassAt: passAt, Top: 100 * point},
		{Code: Five, Marks: fiveMarks()},
		{Code: Pass, Marks: passMarks()},
		{Code: Letter, Marks: letterMarks()},
		{Code: Raw, Numeric: true, Top: MaxScore},
	}
}

func fiveMarks() map[string]Mark {
	return marks(map[string]Score{
		"优秀": 95, "优": 95,
		"良好": 85, "良": 85,
		"中等": 75, "中": 75,
		"及格":  65,
		"不及格": 0,
	})
}

func passMarks() map[string]Mark {
	return marks(map[string]Score{
		"合格": 60, "通过": 60, "PASS": 60,
		"不合格": 0, "不通过": 0, "FAIL": 0,
	})
}

func letterMarks() map[string]Mark {
	return marks(map[string]Score{
		"A+": 98, "A": 95, "A-": 92,
		"B+": 88, "B": 85, "B-": 82,
		"C+": 78, "C": 75, "C-": 72,
		"D+": 68, "D": 65, "D-": 62,
		"E": 0, "F": 0,
	})
}

// marks turns points into marks; a pass is 60 points or more.
func marks(points map[string]Score) map[string]Mark {
	out := make(map[string]Mark, len(points))
	for key, p := range points {
		score := p * point
		out[key] = Mark{Score: score, Passed: score >= passAt}
	}
	return out
}
