package resnet

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
)

// Record keeps the activations of one picture: the input of every block (23 MB for ResNet-50). Questions about the
// picture start from these and not from the pixels. It uses the model's buffers, so only one call at a time may run on
// either.
type Record struct {
	Result
	model   *Model
	input   []float32
	kept    [][]float32 // each block's input, and the last one's output
	cut     map[int]Part
	moments []*Moments // of each block that was asked about; else nil
}

// NewRecord makes an empty record. Its Forward fills it.
func (m *Model) NewRecord() *Record {
	r := &Record{
		model: m, input: make([]float32, m.InputLen()), kept: [][]float32{make([]float32, m.first.Len())},
		moments: make([]*Moments, len(m.blocks)),
	}
	for i := range m.blocks {
		r.kept = append(r.kept, make([]float32, m.blocks[i].out().Len()))
	}
	return r
}

// Forward is Model.Forward, and replaces the activations of the last picture. With an observer, the moments of all
// blocks are known afterwards.
func (r *Record) Forward(x []float32, observe Observer) Result {
	r.cut = nil
	r.forget(0)
	p := pass{keep: r.kept}
	if observe != nil {
		p.observe = func(i int, parts Parts) {
			r.moments[i] = &parts.Moments
			observe(i, parts)
		}
	}
	r.Result = r.model.forward(x, p)
	copy(r.input, x)
	return r.Result
}

// Part is one of the two branches of a residual block.
type Part string

const (
	Residual Part = "residual" // F; without it a block is y = act(shortcut(x))
	Shortcut Part = "shortcut" // without it a block is y = act(F(x))
)

// Ablate removes parts of some blocks, keyed by the block's index, and computes the result. From then on the record is
// of the network without them, until the next call of Ablate; an empty map restores the whole network. A shortcut that
// changes the shape cannot be removed: F alone would have no input of the right shape.
func (r *Record) Ablate(cut map[int]Part) (Result, error) {
	for _, i := range slices.Sorted(maps.Keys(cut)) {
		if err := r.model.checkBlock(i); err != nil {
			return Result{}, err
		}
		b := &r.model.blocks[i]
		switch part := cut[i]; {
		case part != Residual && part != Shortcut:
			return Result{}, fmt.Errorf("a block's parts are %q and %q, not %q", Residual, Shortcut, part)
		case part == Shortcut && b.projection != nil:
			return Result{}, fmt.Errorf("the shortcut of block %d (%s) is a projection, "+
				"which changes the shape; it cannot be cut", i, b.spec.Name)
		case part == Shortcut && b.pad != nil:
			return Result{}, fmt.Errorf("the shortcut of block %d (%s) pads with zeros, "+
				"which changes the shape; it cannot be cut", i, b.spec.Name)
		}
	}
	for i := range r.model.blocks {
		if cut[i] != r.cut[i] {
			r.Result = r.model.forwardFrom(i, r.kept[i], pass{keep: r.kept, cut: cut})
			r.cut = maps.Clone(cut)
			r.forget(i)
			break
		}
	}
	return r.Result, nil
}

// Blocks is the number of blocks.
func (r *Record) Blocks() int { return len(r.model.blocks) }

// Block computes the parts of block i. They are valid until the next call of the record or its model.
func (r *Record) Block(i int) (Parts, error) {
	if err := r.model.checkBlock(i); err != nil {
		return Parts{}, err
	}
	p := r.model.traceBlock(&r.model.blocks[i], r.model.output(i, pass{}), r.kept[i], r.cut[i])
	r.moments[i] = &p.Moments
	return p, nil
}

// Moments gives the norms of block i's parts, and their cosine. Only the first call for a block computes it.
func (r *Record) Moments(i int) (Moments, error) {
	if err := r.model.checkBlock(i); err != nil {
		return Moments{}, err
	}
	if r.moments[i] == nil {
		if _, err := r.Block(i); err != nil {
			return Moments{}, err
		}
	}
	return *r.moments[i], nil
}

// forget drops what is known about the blocks from first on.
func (r *Record) forget(first int) {
	clear(r.moments[first:])
}

// Input is block i's input, or the output of the last block if i is the number of blocks. It must not be changed.
func (r *Record) Input(i int) ([]float32, op.Shape) {
	if i < len(r.model.blocks) {
		return r.kept[i], r.model.blocks[i].in()
	}
	return r.kept[i], r.model.blocks[i-1].out()
}

// Final is what the features are the means of: the last block's output, or with pre-activation its norm and ReLU. It
// must not be changed, and is valid until the next call of the record or its model.
func (r *Record) Final() ([]float32, op.Shape) {
	last := len(r.model.blocks) - 1
	return r.model.final(r.kept[last+1]), r.model.blocks[last].out()
}

// Progress is called with how far a long computation has come. If it returns false, the computation ends with
// ErrStopped.
type Progress func(done, total int) bool

// ErrStopped is the error of a computation that a Progress has ended.
var ErrStopped = errors.New("resnet: stopped")

// Sweep gives the probability of a class without F of the first block, without F of the second, and so on: the
// experiment of Veit, Wilber and Belongie (2016). Each block costs about half a pass. Parts that Ablate has removed
// stay removed, and each block in turn loses F instead. progress may be nil.
func (r *Record) Sweep(class int, progress Progress) ([]float64, error) {
	if err := r.model.checkClass(class); err != nil {
		return nil, err
	}
	var out []float64
	for i := range r.model.blocks {
		cut := map[int]Part{}
		maps.Copy(cut, r.cut)
		cut[i] = Residual
		without := r.model.forwardFrom(i, r.kept[i], pass{cut: cut})
		out = append(out, r.model.Probabilities(without.Logits)[class])
		if progress != nil && !progress(i+1, len(r.model.blocks)) {
			return nil, ErrStopped
		}
	}
	return out, nil
}

func (m *Model) checkBlock(i int) error {
	if i < 0 || i >= len(m.blocks) {
		return fmt.Errorf("there is no block %d; the network has the blocks 0 to %d", i, len(m.blocks)-1)
	}
	return nil
}

func (m *Model) checkClass(class int) error {
	if n := m.Config.Answers(); class < 0 || class >= n {
		return fmt.Errorf("there is no class %d; the network has the classes 0 to %d", class, n-1)
	}
	return nil
}
