package transfer

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

const badRank = "transfer: a rank is from 1 to the number of values, and a part lies between 0 and 1"

// CoverageConfidence is how sure one may be that at least the part keep of all values is no larger than the rank-th
// smallest of n of them, whatever their distribution: a one-sided tolerance limit (Wilks, 1941). If that is continuous,
// the part below the limit has the distribution Beta(rank, n+1-rank).
func CoverageConfidence(n, rank int, keep float64) float64 {
	if rank < 1 || rank > n || !(keep > 0 && keep < 1) {
		panic(badRank)
	}
	return 1 - mathext.RegIncBeta(float64(rank), float64(n+1-rank), keep)
}

// toleranceRank is the smallest rank of n values whose CoverageConfidence is at least the confidence; 0 if even the
// largest value's is not.
func toleranceRank(n int, keep, confidence float64) int {
	if n < fewestFor(keep, confidence) {
		return 0
	}
	// The confidence only grows with the rank.
	low, high := 0, n
	for high-low > 1 {
		if mid := (low + high) / 2; CoverageConfidence(n, mid, keep) >= confidence {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

// fewestFor is how many values it takes at least for a tolerance limit: the largest of them is one with the confidence
// 1 - keepⁿ.
func fewestFor(keep, confidence float64) int {
	return int(math.Ceil(math.Log(1-confidence) / math.Log(keep)))
}
