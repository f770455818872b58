//go:build !amd64

package transfer

// takeWhole is takeBlocksPlainly where there is nothing faster.
func takeWhole(from, line, counts []float64, f float64) float64 {
	return takeBlocksPlainly(from, line, counts, f)
}
