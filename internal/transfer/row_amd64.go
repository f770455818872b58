package transfer

// takeWhole is takeBlocksPlainly by the processor's vectors.
func takeWhole(from, line, counts []float64, f float64) float64 {
	return takeBlocks(&from[0], &line[0], &counts[0], len(line)/block, f)
}

// takeBlocks takes so many blocks, at least one, f times from others.
//
//go:noescape
func takeBlocks(from, line, counts *float64, blocks int, f float64) float64
