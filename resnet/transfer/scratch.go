package transfer

import (
	"math"
	"slices"
)

// DefaultScratch are settings of NewScratch that do well with some hundred pictures: see docs/rationale.md.
var DefaultScratch = SGDOptions{
	Seed: 1, Epochs: 60, Batch: 32, Rate: 0.1, Momentum: 0.9, WeightDecay: 5e-4, Refit: true,
}

// A Scratch trains a SmallNet from random weights: what can be learnt from the same pictures without anything to
// transfer.
type Scratch struct {
	training
	small *SmallNet
}

// NewScratch makes a network for pictures of Size×Size×3, in any scale; those to learn from are mirrored and shifted at
// random. validation may be empty, then the last weights are the best.
func NewScratch(c SmallNetConfig, classes int, train, validation Pictures, o SGDOptions) (*Scratch, error) {
	o.mustBeGood()
	if err := checkPictures(train, validation, classes); err != nil {
		return nil, err
	}
	net := newSmallNet(c, classes, o.Batch, o.Seed)
	net.Augment = true
	if err := net.measure(train); err != nil {
		return nil, err
	}
	return &Scratch{*newTraining(net, train, validation, o), net}, nil
}

// measure sets the means and the deviations of the pictures' channels.
func (n *SmallNet) measure(train Pictures) error {
	x := make([]float32, n.inputLen())
	var sum, squares [3]float64
	for i := range train.Labels {
		train.Read(x, i, 0)
		for k, v := range x {
			sum[k%3] += float64(v)
			squares[k%3] += float64(v) * float64(v)
		}
	}
	count := float64(len(train.Labels) * n.Size * n.Size)
	for c := range sum {
		mean := sum[c] / count
		variance := squares[c]/count - mean*mean
		if variance-variance != 0 {
			return ErrNotFinite
		}
		n.mean.value[c] = float32(mean)
		// A channel that does not vary is left as it is.
		if deviation := math.Sqrt(max(variance, 0)); deviation > 1e-6*math.Abs(mean) {
			n.std.value[c] = float32(deviation)
		}
	}
	return nil
}

// Result copies the best network so far, which has not learnt from validation pictures.
func (s *Scratch) Result() *SmallNet { return s.copied(s.bestOr) }

// Refitted copies the network that has learnt from all pictures. It is nil until a training with a refit is done.
func (s *Scratch) Refitted() *SmallNet {
	if !s.refitted() {
		return nil
	}
	return s.copied(func(_ int, p *param) []float32 { return p.value })
}

// copied makes a network of what value gives for each of all.
func (s *Scratch) copied(value func(i int, p *param) []float32) *SmallNet {
	n := newSmallNet(s.small.SmallNetConfig, s.small.Classes, s.options.Batch, 0)
	to := slices.Concat(n.params(), n.statistics())
	for i, p := range s.all() {
		copy(to[i].value, value(i, p))
	}
	return n
}
