package train

import (
	"errors"
	"fmt"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
)

// Options are what a network to be trained needs beside its resnet.Config.
type Options struct {
	// Height and Width are those of the pictures, in pixels; 0 in Open is the card's.
	Height, Width int
	// Batch is the most pictures of a step. The memory grows with it.
	Batch int

	Seed uint64 // of the first weights
	Init Init   // "" is InitHeOut
	// ZeroLast sets the last norm's weight in every F to zero, or the last convolution where no norm follows it. Every
	// block then starts as its shortcut (Goyal et al. 2017; without norms Zhang, Dauphin and Ma 2019).
	ZeroLast bool
	// Drawn, if not nil, is shared by networks that are made one after the other: what is drawn for one is copied for
	// the next.
	Drawn *Drawn

	// Classes, in Open, replaces the linear layer by a new one with so many classes; 0 keeps the file's.
	Classes int
	// MemoryLimit is the most memory in bytes that the network may take; 0 is DefaultMemoryLimit.
	MemoryLimit int64
}

// DefaultMemoryLimit is that of Options: 1 GiB.
const DefaultMemoryLimit = 1 << 30

// A MemoryError says that a network would take more memory than is allowed.
type MemoryError struct{ Bytes, Limit int64 }

func (e *MemoryError) Error() string {
	const mib = 1 << 20
	return fmt.Sprintf("train: this network needs %d MiB to learn, and at most %d MiB are allowed; "+
		"fewer or narrower layers, smaller pictures or a smaller batch take less", (e.Bytes+mib-1)/mib, e.Limit/mib)
}

// Limits of pictures and batches, so that no product of them overflows.
const (
	maxSide  = 4096
	maxBatch = 65536
)

// check says what is wrong with a network to be.
func (o Options) check(c resnet.Config) error {
	switch {
	case o.Height < 1 || o.Width < 1 || o.Height > maxSide || o.Width > maxSide:
		return fmt.Errorf("train: pictures of %d×%d; their sides have 1 to %d pixels", o.Height, o.Width, maxSide)
	case o.Batch < 1 || o.Batch > maxBatch:
		return fmt.Errorf("train: batches of %d pictures; they have 1 to %d", o.Batch, maxBatch)
	case !o.Init.known():
		return fmt.Errorf("train: there is no initialisation %q", o.Init)
	case o.ZeroLast && (c.Join == op.JoinNone || c.Join == op.JoinProduct):
		return fmt.Errorf("train: where every F starts at zero, a network with the join %q gives zero "+
			"and learns nothing", c.Join)
	}
	if err := c.Check(); err != nil {
		return fmt.Errorf("train: the network's configuration: %w", err)
	}
	if len(c.HeadBlocks) > 0 {
		return errors.New("train: a linear layer on several blocks can be run, but not trained with its network")
	}
	if c.Classes < 2 {
		return errors.New("train: there is only one class; it takes two or more to tell them apart")
	}
	return nil
}

// Memory is how many bytes a network takes in training, without the optimiser: weights, gradients, the outputs of all
// layers for a batch, and what the convolutions keep. It allocates next to nothing.
func Memory(c resnet.Config, o Options) (int64, error) {
	if err := o.check(c); err != nil {
		return 0, err
	}
	s := &space{dry: true}
	build(s, c, o)
	return s.bytes, nil
}

// space makes a network's buffers, or only counts what they would take.
type space struct {
	dry   bool
	bytes int64
}

// floats makes n floats; nil if they are only counted.
func (s *space) floats(n int) []float32 {
	s.bytes += 4 * int64(n)
	if s.dry {
		return nil
	}
	return make([]float32, n)
}

// ones makes n floats of 1.
func (s *space) ones(n int) []float32 {
	x := s.floats(n)
	fill(x, 1)
	return x
}
