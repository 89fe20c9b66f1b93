package transfer

import (
	"math"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/train"
)

// DefaultScratch are settings of NewScratch that do well with some hundred pictures: see docs/rationale-teaching.md.
var DefaultScratch = SGDOptions{
	Seed: 1, Epochs: 60, Batch: 32, Rate: 0.1, Momentum: 0.9, WeightDecay: 5e-4, Refit: true,
}

// ScratchSize is the side of the pictures that MethodScratch learns from.
const ScratchSize = 32

// ScratchNetwork is the network that MethodScratch trains: ResNet-8, as He, Zhang, Ren and Sun (2016) have their
// networks for CIFAR-10, with a projection where the shape changes.
func ScratchNetwork(classes int) resnet.Config {
	return resnet.Config{
		Block: resnet.Basic, Layers: []int{1, 1, 1}, Width: 16, Expansion: 1, Stem: resnet.StemCIFAR, NormEpsilon: 1e-5,
		Join: resnet.JoinAdd, Classes: classes,
	}
}

// A Scratch trains a network from random weights: what can be learnt from the same pictures without anything to
// transfer.
type Scratch struct {
	training
	small     *train.Net
	mean, std [3]float32 // of the pictures' channels
}

// NewScratch trains a network on pictures of size×size×3, in any scale: it standardises them by the means and
// deviations of the channels of those to learn from. These are mirrored at random, unless o.NoMirror says that they may
// not be, and moved by at most an eighth of their size. validation may be empty, then the last weights are the best.
func NewScratch(c resnet.Config, size int, learnt, validation Pictures, o SGDOptions) (*Scratch, error) {
	o.mustBeGood()
	if err := checkPictures(learnt, validation, c.Classes); err != nil {
		return nil, err
	}
	net, err := train.New(c, train.Options{
		Height: size, Width: size, Batch: o.Batch, Seed: o.Seed, Init: train.InitHeIn,
	})
	if err != nil {
		return nil, err
	}
	net.Watch = false
	s := &Scratch{small: net}
	if err := s.measure(learnt); err != nil {
		return nil, err
	}
	augment := train.Augment{Mirror: !o.NoMirror, Shift: size / 8}
	s.training = *newTraining(net, augment, s.standardised(learnt), s.standardised(validation), o, 0, nil)
	return s, nil
}

// measure sets the means and the deviations of the pictures' channels.
func (s *Scratch) measure(learnt Pictures) error {
	x := make([]float32, s.small.InputLen())
	var sum, squares [3]float64
	for i := range learnt.Labels {
		learnt.Read(x, i, 0)
		for k, v := range x {
			sum[k%3] += float64(v)
			squares[k%3] += float64(v) * float64(v)
		}
	}
	count := float64(len(learnt.Labels) * len(x) / 3)
	for c := range sum {
		mean := sum[c] / count
		variance := squares[c]/count - mean*mean
		if variance-variance != 0 {
			return ErrNotFinite
		}
		s.mean[c], s.std[c] = float32(mean), 1
		// A channel that does not vary is left as it is.
		if deviation := math.Sqrt(max(variance, 0)); deviation > 1e-6*math.Abs(mean) {
			s.std[c] = float32(deviation)
		}
	}
	return nil
}

// Standardise makes the network's input of pictures, in place.
func (s *Scratch) Standardise(x []float32) {
	for i := range x {
		x[i] = (x[i] - s.mean[i%3]) / s.std[i%3]
	}
}

// standardised gives pictures that are standardised when they are read.
func (s *Scratch) standardised(p Pictures) Pictures {
	read := p.Read
	p.Read = func(dst []float32, i, variant int) {
		read(dst, i, variant)
		s.Standardise(dst)
	}
	return p
}

// Result copies the best network so far, which has not learnt from validation pictures. Its pictures are Standardised.
func (s *Scratch) Result() *train.Net { return s.copied(s.bestOr) }

// Refitted copies the network that has learnt from all pictures. It is nil until a training with a refit is done.
func (s *Scratch) Refitted() *train.Net {
	if !s.refitted() {
		return nil
	}
	return s.copied(func(_ int, p *train.Param) []float32 { return p.Value })
}

// copied makes a network of what value gives for each of all.
func (s *Scratch) copied(value func(i int, p *train.Param) []float32) *train.Net {
	in := s.small.Input()
	o := train.Options{Height: in.H, Width: in.W, Batch: min(blockBatch, s.options.Batch)}
	n, err := train.New(s.small.Config, o)
	if err != nil {
		panic(err) // the same network could be made before, for batches as large or larger
	}
	to := slices.Concat(n.Params(), n.Statistics())
	for i, p := range s.all() {
		copy(to[i].Value, value(i, p))
	}
	return n
}

// smallPixels is how many numbers a picture of MethodScratch is.
var smallPixels = op.Shape{H: ScratchSize, W: ScratchSize, C: 3}.Len()
