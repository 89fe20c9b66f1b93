package train

import (
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
)

// A Net is a residual network that can learn. Only one goroutine may use it at a time. After New it allocates next to
// nothing: its buffers are made once.
type Net struct {
	// Config must not be changed.
	Config resnet.Config
	// Watch has Learn measure what Layers tells of gradients with respect to outputs. New sets it; without it a step is
	// some hundredths faster.
	Watch bool

	in         op.Shape // of a picture
	batch      int
	stem       *unit
	pool       *op.MaxPool2D // nil: none
	pooled     []float32
	blocks     []*block
	last       *ending // behind the last block of a pre-activation network; nil: none
	fc, fcBias *Param  // the linear layer
	params     []*Param
	statistics []*Param
	norms      []*norm
	frozen     int // as Freeze has it

	features, dFeatures []float32 // the means over all positions
	z, dZ               []float32 // logits
	folded              []float32 // room for a convolution's weights
	gradients           gradients

	layers []layer
	// Of the last Learn: its pictures, and how many; 0 after anything else.
	x       []float32
	learned int
}

// New makes a network of random weights. A Config or Options that do not describe one are an error, and a *MemoryError
// if it takes too much memory, before it is allocated.
func New(c resnet.Config, o Options) (*Net, error) {
	n, err := newNet(c, o)
	if err != nil {
		return nil, err
	}
	n.initialise(o)
	return n, nil
}

// newNet makes a network whose weights are zeros.
func newNet(c resnet.Config, o Options) (*Net, error) {
	bytes, err := Memory(c, o)
	if err != nil {
		return nil, err
	}
	limit := o.MemoryLimit
	if limit == 0 {
		limit = DefaultMemoryLimit
	}
	if bytes > limit {
		return nil, &MemoryError{bytes, limit}
	}
	return build(&space{}, c, o), nil
}

// build makes a network in a space.
func build(s *space, c resnet.Config, o Options) *Net {
	t := &tensors{space: s}
	n := &Net{Config: c, Watch: true, in: op.Shape{H: o.Height, W: o.Width, C: 3}, batch: o.Batch}
	n.stem = t.unit(c, c.StemConv(), n.in, o.Batch, c.StemReLU())
	in := n.stem.conv.out
	largest := in.Len()
	if c.Stem == resnet.StemImageNet {
		in.H, in.W = (in.H+1)/2, (in.W+1)/2
		n.pooled = t.floats(o.Batch * in.Len())
		if !s.dry {
			n.pool = op.NewMaxPool2D(n.stem.conv.out, op.Window{Size: 3, Stride: 2, Pad: 1})
		}
	}
	weights := len(n.stem.weight.Value)
	for _, spec := range c.Blocks() {
		b := t.block(c, spec, in, o.Batch)
		for _, u := range b.units() {
			largest, weights = max(largest, u.conv.out.Len()), max(weights, product(u.weight.Shape))
		}
		in = b.out
		n.blocks = append(n.blocks, b)
	}
	if c.PreActivation {
		last := t.ending(t.norm(c.LastNorm(), in.C, c.NormEpsilon), c.Activation, true, o.Batch*in.Len(), false)
		n.last = &last
	}
	n.fc = t.param("fc.weight", true, c.Classes, in.C)
	n.fcBias = t.param("fc.bias", false, c.Classes)
	n.features, n.dFeatures = t.floats(o.Batch*in.C), t.floats(o.Batch*in.C)
	n.z, n.dZ = t.floats(o.Batch*c.Classes), t.floats(o.Batch*c.Classes)
	n.folded = t.floats(weights)
	for _, buffers := range [][][]float32{n.gradients.outer[:], n.gradients.inner[:]} {
		for i := range buffers {
			buffers[i] = t.floats(o.Batch * largest)
		}
	}
	n.params, n.statistics, n.norms = t.params, t.statistics, t.norms
	if !s.dry {
		n.layers = n.listLayers()
	}
	return n
}

// units lists a block's convolutions: those of F, then the projection.
func (b *block) units() []*unit {
	if b.projection == nil {
		return b.residual
	}
	return append(b.residual[:len(b.residual):len(b.residual)], b.projection)
}

// units lists the network's convolutions.
func (n *Net) units() []*unit {
	out := []*unit{n.stem}
	for _, b := range n.blocks {
		out = append(out, b.units()...)
	}
	return out
}

// Params lists the weights that are learnt, in the order of the network. Their values may be changed between calls.
func (n *Net) Params() []*Param { return n.params }

// Statistics lists what the network keeps beside: the running means and variances of its norms.
func (n *Net) Statistics() []*Param { return n.statistics }

// Parameters is how many weights are learnt.
func (n *Net) Parameters() int {
	sum := 0
	for _, p := range n.params {
		sum += len(p.Value)
	}
	return sum
}

// Input is the shape of a picture: Height×Width×3.
func (n *Net) Input() op.Shape { return n.in }

// InputLen is how many floats a picture is.
func (n *Net) InputLen() int { return n.in.Len() }

// Batch is the most pictures of a step.
func (n *Net) Batch() int { return n.batch }

const badStages = "train: a network cannot freeze so many stages"

// Freeze keeps the first parts of the network as they are: 0 lets all learn, 1 freezes the stem, 2 the stem and the
// first stage, and so on; len(Layers)+1 leaves the linear layer alone. A norm in a frozen part uses its running
// statistics, and keeps them (Yosinski et al. 2014 freeze layers to learn how well they transfer).
func (n *Net) Freeze(stages int) {
	if stages < 0 || stages > n.Stages() {
		panic(badStages)
	}
	n.frozen, n.learned = stages, 0
	for _, p := range n.params {
		p.Frozen = true
	}
	thaw := func(u *unit) {
		u.weight.Frozen = false
		if u.bias != nil {
			u.bias.Frozen = false
		}
		u.norm.thaw()
	}
	if !n.frozenStage(0) {
		thaw(n.stem)
	}
	for _, b := range n.blocks {
		if n.frozenStage(b.spec.Stage) {
			continue
		}
		if b.before != nil {
			b.before.norm.thaw()
		}
		for _, u := range b.units() {
			thaw(u)
		}
	}
	if n.last != nil && !n.frozenLast() {
		n.last.norm.thaw()
	}
	n.fc.Frozen, n.fcBias.Frozen = false, false
}

// thaw lets a norm learn, if there is one.
func (n *norm) thaw() {
	if n != nil {
		n.weight.Frozen, n.bias.Frozen = false, false
	}
}

// Stages is how many stages Freeze can freeze, the stem being one.
func (n *Net) Stages() int { return len(n.Config.Layers) + 1 }

// frozenStage tells whether a stage, 0 for the stem, stays as it is.
func (n *Net) frozenStage(stage int) bool { return stage < n.frozen }

// frozenLast tells whether everything before the linear layer stays as it is.
func (n *Net) frozenLast() bool { return n.frozen == n.Stages() }
