package transfer

// block is how many numbers of a line are taken at once.
const block = 8

// take takes f times a line from another one, and returns the squares of what is left, added
// up where counts is 1 and not 0. The order of the sum is fixed, and products are converted
// explicitly: the result is the same on every machine, with vectors and without.
func take(from, line, counts []float64, f float64) (sum float64) {
	whole := len(line) &^ (block - 1)
	from, counts = from[:len(line)], counts[:len(line)]
	if whole > 0 {
		sum = takeWhole(from[:whole], line[:whole], counts[:whole], f)
	}
	for c := whole; c < len(line); c++ {
		x := from[c] - float64(f*line[c])
		from[c] = x
		sum += float64(float64(x*x) * counts[c])
	}
	return sum
}

// takeBlocksPlainly is take for whole blocks: each place of a block has a sum of its own,
// and they are put together by halves.
func takeBlocksPlainly(from, line, counts []float64, f float64) float64 {
	var sums [block]float64
	for at := 0; at < len(line); at += block {
		f8, l8, c8 := from[at:at+block], line[at:at+block], counts[at:at+block]
		for n := range sums {
			x := f8[n] - float64(f*l8[n])
			f8[n] = x
			sums[n] += float64(float64(x*x) * c8[n])
		}
	}
	for half := block / 2; half > 0; half /= 2 {
		for n := range half {
			sums[n] += sums[n+half]
		}
	}
	return sums[0]
}
