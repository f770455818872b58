package testbed

// missingSolver says what is missing, and nothing when nothing is: GLPK or CBC,
// programs that solve integer programmes.
func missingSolver() string {
	if program("glpsol", "cbc") == "" {
		return "neither glpsol nor cbc is in PATH; on Debian: apt-get install glpk-utils coinor-cbc"
	}
	return ""
}
