package paint

import (
	"math"

	"github.com/seed8935e608/residua/wasm/proto"
)

// history is the layers' numbers over a run's steps, as logarithms to base 10. It has a bounded number of columns: a
// run of more steps shares them, so that its memory does not grow.
type history struct {
	layers  []int // of each network
	stride  int   // steps in a column
	columns int   // so far
	steps   int   // the newest step, plus one
	counts  []int // how many steps have come in each column
	// The values of each network and quantity, column by column. See missing.
	values [proto.MaxLabNetworks][quantities][]float32
	ranges [quantities]logRange
}

// logRange is the finite values of a quantity, and the first that came of a last layer. There the gradient begins, so
// it says what is large and what is small in this run.
type logRange struct {
	lo, hi, first float64
	known         bool
}

const (
	quantities = 3
	maxColumns = 1024
	// missing marks a layer without a number. NaN stands for one that is not finite, −Inf for zero.
	missing = -math.MaxFloat32
)

// quantityIndex is where a quantity stands in a history.
func quantityIndex(q proto.ViewQuantity) int {
	switch q {
	case proto.QuantityActivation:
		return 0
	case proto.QuantityWeightGradient:
		return 2
	}
	return 1
}

func newHistory(networks []proto.ViewLabNetwork) history {
	h := history{stride: 1}
	for _, n := range networks {
		h.layers = append(h.layers, len(n.Layers))
	}
	return h
}

// add adds a step. Steps that have passed come too late.
func (h *history) add(m *proto.ViewStep) {
	if m.Step < h.steps {
		return
	}
	h.steps = m.Step + 1
	for m.Step/h.stride >= maxColumns {
		h.halve()
	}
	column := m.Step / h.stride
	h.extend(column + 1)
	n := h.counts[column]
	h.counts[column]++
	for k, layers := range h.layers {
		for q, list := range [quantities][]float32{
			m.Networks[k].Activations, m.Networks[k].OutputGradients, m.Networks[k].WeightGradients,
		} {
			to := h.values[k][q][column*layers:][:layers]
			for i, v := range list {
				to[i] = mean(to[i], n, logOf(v), 1)
			}
			h.ranges[q].include(list)
		}
	}
}

// extend adds columns without numbers.
func (h *history) extend(columns int) {
	for ; h.columns < columns; h.columns++ {
		h.counts = append(h.counts, 0)
		for k, layers := range h.layers {
			for q := range quantities {
				for range layers {
					h.values[k][q] = append(h.values[k][q], missing)
				}
			}
		}
	}
}

// halve puts twice as many steps into a column.
func (h *history) halve() {
	h.extend(h.columns + h.columns%2)
	for k, layers := range h.layers {
		for q := range quantities {
			v := h.values[k][q]
			for c := range h.columns / 2 {
				for i := range layers {
					a, b := (2*c)*layers+i, (2*c+1)*layers+i
					v[c*layers+i] = mean(v[a], h.counts[2*c], v[b], h.counts[2*c+1])
				}
			}
			h.values[k][q] = v[:h.columns/2*layers]
		}
	}
	for c := range h.columns / 2 {
		h.counts[c] = h.counts[2*c] + h.counts[2*c+1]
	}
	h.columns /= 2
	h.counts = h.counts[:h.columns]
	h.stride *= 2
}

// mean is the weighted mean of two logarithms, of which either may be missing. What is not finite stays so.
func mean(a float32, n int, b float32, m int) float32 {
	switch {
	case a == missing || n == 0:
		return b
	case b == missing || m == 0:
		return a
	}
	return (a*float32(n) + b*float32(m)) / float32(n+m)
}

// logOf is the logarithm as a history has it.
func logOf(v float32) float32 {
	switch {
	case v == 0:
		return float32(math.Inf(-1))
	case !(v > 0 && v <= math.MaxFloat32):
		return float32(math.NaN())
	}
	return float32(math.Log10(float64(v)))
}

func (r *logRange) include(list []float32) {
	for _, v := range list {
		if !(v > 0 && v <= math.MaxFloat32) {
			continue
		}
		l := math.Log10(float64(v))
		if !r.known {
			*r = logRange{l, l, math.Log10(lastFinite(list)), true}
		}
		r.lo, r.hi = min(r.lo, l), max(r.hi, l)
	}
}

// lastFinite is the last of some values that is positive and finite; there must be one.
func lastFinite(list []float32) float64 {
	for i := len(list) - 1; ; i-- {
		if v := list[i]; v > 0 && v <= math.MaxFloat32 {
			return float64(v)
		}
	}
}

// decades is the range in whole decades, at least one, and no further than six from where it began: one network that
// explodes must not make all others alike.
func (r *logRange) decades() (lo, hi int) {
	const far = 6
	begin := math.Round(r.first)
	lo = int(math.Floor(max(r.lo, begin-far)))
	hi = int(math.Ceil(min(r.hi, begin+far)))
	return min(lo, int(begin)), max(hi, lo+1)
}

// at is a column's logarithms, by layer.
func (h *history) at(network, quantity, column int) []float32 {
	n := h.layers[network]
	return h.values[network][quantity][column*n:][:n]
}
