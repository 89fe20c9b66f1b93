package resnet

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/seed8935e608/residua/resnet/op"
)

// Record keeps the activations of one picture: the input of every block (23 MB for ResNet-50). Questions about the
// picture start from these and not from the pixels. Before the first Forward they have no answer, and give
// ErrEmptyRecord.
//
// Forward and Ablate change a record: they panic while another goroutine uses it, and every other method panics while
// they run. The other methods only read, and are safe for concurrent use by multiple goroutines. Different records of a
// model are independent of each other.
type Record struct {
	Result
	model   *Model
	input   []float32
	kept    [][]float32 // each block's input, and the last one's output
	cut     map[int]Part
	moments []atomic.Pointer[Moments] // of each block that was asked about; else nil
	filled  bool                      // whether there is a picture
	using   sync.RWMutex              // held while a method runs; it is only ever tried
}

// ErrEmptyRecord is the error of a question to a record that has no picture yet.
var ErrEmptyRecord = errors.New("resnet: the record has no picture yet; call its Forward first")

const badUse = "resnet: another goroutine uses this record; Forward and Ablate need it for themselves"

// begin begins a question.
func (r *Record) begin() error {
	if !r.using.TryRLock() {
		panic(badUse)
	}
	if !r.filled {
		r.using.RUnlock()
		return ErrEmptyRecord
	}
	return nil
}

// end ends a question.
func (r *Record) end() { r.using.RUnlock() }

// change begins a change, whose end is that of using.
func (r *Record) change() {
	if !r.using.TryLock() {
		panic(badUse)
	}
}

// NewRecord makes an empty record. Its Forward fills it.
func (m *Model) NewRecord() *Record {
	r := &Record{
		model: m, input: make([]float32, m.InputLen()), kept: [][]float32{make([]float32, m.first.Len())},
		moments: make([]atomic.Pointer[Moments], len(m.blocks)),
	}
	for i := range m.blocks {
		r.kept = append(r.kept, make([]float32, m.blocks[i].out().Len()))
	}
	return r
}

// Forward is Model.Forward, and replaces the activations of the last picture. With an observer, the moments of all
// blocks are known afterwards.
func (r *Record) Forward(x []float32, observe Observer) Result {
	r.change()
	defer r.using.Unlock()
	p := r.model.pass()
	defer p.end()
	r.cut, r.filled = nil, false
	r.forget(0)
	p.keep = r.kept
	if observe != nil {
		p.observe = func(i int, parts Parts) {
			r.moments[i].Store(&parts.Moments)
			observe(i, parts)
		}
	}
	r.Result = p.forward(x)
	copy(r.input, x)
	r.filled = true
	return r.Result
}

// Part is one of the two branches of a residual block.
type Part string

const (
	Residual Part = "residual" // F; without it a block is y = act(shortcut(x))
	Shortcut Part = "shortcut" // without it a block is y = act(F(x))
)

// ErrNoShortcuts is the error of a question to a plain network that only a residual network can answer.
var ErrNoShortcuts = errors.New("the network has no shortcuts: a block has only F, and without it nothing would pass")

// Ablate removes parts of some blocks, keyed by the block's index, and computes the result. From then on the record is
// of the network without them, until the next call of Ablate; an empty map restores the whole network. A shortcut that
// changes the shape cannot be removed: F alone would have no input of the right shape. From a plain network nothing can
// be removed: the error is ErrNoShortcuts.
func (r *Record) Ablate(cut map[int]Part) (Result, error) {
	r.change()
	defer r.using.Unlock()
	if !r.filled {
		return Result{}, ErrEmptyRecord
	}
	order := slices.Sorted(maps.Keys(cut))
	for _, i := range order {
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
	if len(order) > 0 && r.model.Config.Join == JoinNone {
		return Result{}, fmt.Errorf("block %d (%s): %w", order[0], r.model.blocks[order[0]].spec.Name, ErrNoShortcuts)
	}
	for i := range r.model.blocks {
		if cut[i] != r.cut[i] {
			p := r.model.pass()
			defer p.end()
			p.keep, p.known, p.cut = r.kept, r.kept, cut
			r.Result = p.forwardFrom(i, r.kept[i])
			r.cut = maps.Clone(cut)
			r.forget(i)
			break
		}
	}
	return r.Result, nil
}

// Blocks is the number of blocks.
func (r *Record) Blocks() int { return len(r.model.blocks) }

// Block computes the parts of block i. They are valid until the record's next Forward or Ablate, and must not be
// changed.
func (r *Record) Block(i int) (Parts, error) {
	var out Parts
	err := r.ObserveBlock(i, func(_ int, p Parts) {
		out = p
		// The record has the output, and the input too where the shortcut passes it on.
		out.F, out.Y = slices.Clone(p.F), r.kept[i+1]
		if &p.X[0] != &r.kept[i][0] {
			out.X = slices.Clone(p.X)
		}
	})
	return out, err
}

// ObserveBlock is Block for a caller who needs the parts for a moment: they are valid until observe returns, and
// nothing is copied.
func (r *Record) ObserveBlock(i int, observe Observer) error {
	if err := r.begin(); err != nil {
		return err
	}
	defer r.end()
	if err := r.model.checkBlock(i); err != nil {
		return err
	}
	p := r.model.pass()
	defer p.end()
	observe(i, r.traceBlock(p, i))
	return nil
}

// traceBlock computes the parts of block i in the buffers of p, a pass of the record's model.
func (r *Record) traceBlock(p *pass, i int) Parts {
	parts := p.traceBlock(&p.blocks[i], p.output(i), r.kept[i], r.model.without(r.cut, i))
	r.moments[i].Store(&parts.Moments)
	return parts
}

// Moments gives the norms of block i's parts, and their cosine. Only the first call for a block computes it.
func (r *Record) Moments(i int) (Moments, error) {
	if err := r.begin(); err != nil {
		return Moments{}, err
	}
	defer r.end()
	if err := r.model.checkBlock(i); err != nil {
		return Moments{}, err
	}
	if known := r.moments[i].Load(); known != nil {
		return *known, nil
	}
	p := r.model.pass()
	defer p.end()
	return r.traceBlock(p, i).Moments, nil
}

// forget drops what is known about the blocks from first on.
func (r *Record) forget(first int) {
	for i := first; i < len(r.moments); i++ {
		r.moments[i].Store(nil)
	}
}

// Input is block i's input, or the output of the last block if i is the number of blocks. It is valid until the
// record's next Forward or Ablate, and must not be changed. Input panics if the record has no picture yet.
func (r *Record) Input(i int) ([]float32, op.Shape) {
	if err := r.begin(); err != nil {
		panic(err)
	}
	defer r.end()
	if i < len(r.model.blocks) {
		return r.kept[i], r.model.blocks[i].in()
	}
	return r.kept[i], r.model.blocks[i-1].out()
}

// Final is what the features are the means of: the last block's output, or with pre-activation its norm and activation.
// Of a network with HeadBlocks it is the last block's output, whose means are the last of the features. It must not be
// changed, and is valid until the record's next Forward or Ablate. Final panics if the record has no picture yet.
func (r *Record) Final() ([]float32, op.Shape) {
	if err := r.begin(); err != nil {
		panic(err)
	}
	defer r.end()
	p := r.model.pass()
	defer p.end()
	last := len(r.model.blocks) - 1
	y := p.final(r.kept[last+1])
	if p.Config.lastActivates() {
		y = slices.Clone(y)
	}
	return y, p.blocks[last].out()
}

// Progress is called with how far a long computation has come. If it returns false, the computation ends with
// ErrStopped.
type Progress func(done, total int) bool

// ErrStopped is the error of a computation that a Progress has ended.
var ErrStopped = errors.New("resnet: stopped")

// Sweep gives the probability of a class without F of the first block, without F of the second, and so on: the
// experiment of Veit, Wilber and Belongie (2016). Each block costs about half a pass. Parts that Ablate has removed
// stay removed, and each block in turn loses F instead. progress may be nil. A plain network gives ErrNoShortcuts.
func (r *Record) Sweep(class int, progress Progress) ([]float64, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	defer r.end()
	if err := r.model.checkClass(class); err != nil {
		return nil, err
	}
	if r.model.Config.Join == JoinNone {
		return nil, ErrNoShortcuts
	}
	var out []float64
	for i := range r.model.blocks {
		out = append(out, r.model.Probabilities(r.without(i).Logits)[class])
		if progress != nil && !progress(i+1, len(r.model.blocks)) {
			return nil, ErrStopped
		}
	}
	return out, nil
}

// Without computes the result without F of block i, and without what Ablate has removed. The record stays as it is.
func (r *Record) Without(i int) (Result, error) {
	if err := r.begin(); err != nil {
		return Result{}, err
	}
	defer r.end()
	if err := r.model.checkBlock(i); err != nil {
		return Result{}, err
	}
	if r.model.Config.Join == JoinNone {
		return Result{}, ErrNoShortcuts
	}
	return r.without(i), nil
}

func (r *Record) without(i int) Result {
	p := r.model.pass()
	defer p.end()
	p.known, p.cut = r.kept, map[int]Part{}
	maps.Copy(p.cut, r.cut)
	p.cut[i] = Residual
	return p.forwardFrom(i, r.kept[i])
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
