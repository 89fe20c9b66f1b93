package shapes

import "math/rand/v2"

// random is a source of random numbers. It uses only the generator's raw output, which is the same in every version of
// Go.
type random struct{ *rand.PCG }

// source returns the random numbers of a purpose, for an index.
func (s Set) source(index uint64, purpose byte) random {
	name := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(string(s.Task) + "/" + string(s.Domain) + "/" + string(purpose)) {
		name = (name ^ uint64(b)) * 1099511628211
	}
	return random{rand.NewPCG(mix(s.Seed), mix(index^name))}
}

// mix is the last step of SplitMix64 (Steele, Lea and Flood 2014): neighbouring numbers become unlike ones.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// unit draws from 0 (included) to 1 (excluded).
func (r random) unit() float64 { return float64(r.Uint64()>>11) / (1 << 53) }

// between draws from lo to hi.
func (r random) between(lo, hi float64) float64 { return lo + r.unit()*(hi-lo) }

// about draws from -spread to spread.
func (r random) about(spread float64) float64 { return r.between(-spread, spread) }

// below draws from 0 to n-1.
func (r random) below(n int) int { return int(r.unit() * float64(n)) }
